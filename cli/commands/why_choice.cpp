#include "cli/commands/why_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/commands/decision_view.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

using Sentences = std::vector<std::string>;

/// As near as this the daemon takes two scores for equal, and shares the load.
constexpr double about_as_good = 0.03;
constexpr std::size_t most_told = 4;  // the others are counted

std::string percent(double part) { return fmt::format("{:.0f}%", part * 100); }

/// One way in which one candidate is better than another, and how much that weighed.
struct Point {
  double weight = 0;
  std::string words;
};

std::string rather_than(const std::string& verb, const std::string& mine, const std::string& theirs,
                        const std::string& how) {
  return fmt::format("{} {} rather than {} ({})", verb, mine, theirs, how);
}

std::string cost_words(const Json& mine, const Json& theirs) {
  const auto a = figure_of(mine, "cost"), b = figure_of(theirs, "cost");
  if (!a || !b || *a == *b) return "its cost";
  const double part = std::max(*a, *b) > 0 ? 1 - std::min(*a, *b) / std::max(*a, *b) : 0;
  return rather_than("about", usd_about(*a), usd_about(*b),
                     percent(part) + (*a < *b ? " cheaper" : " of it less there"));
}

std::string latency_words(const Json& mine, const Json& theirs) {
  const auto a = figure_of(mine, "latency_ms"), b = figure_of(theirs, "latency_ms");
  if (!a || !b || *a == *b) return "its speed";
  return rather_than("about", short_duration(*a), short_duration(*b),
                     short_duration(std::abs(*a - *b)) + (*a < *b ? " faster" : " slower"));
}

std::string quality_words(const Json& mine, const Json& theirs) {
  const auto a = figure_of(mine, "quality"), b = figure_of(theirs, "quality");
  if (!a || !b || *a == *b) return "its quality";
  return fmt::format("a quality of {} rather than {}", *a, *b);
}

std::string health_words(const Json& mine, const Json& theirs) {
  const auto a = figure_of(mine, "failure_share"), b = figure_of(theirs, "failure_share");
  if (a && b && *a != *b)
    return fmt::format("{} of its requests failing lately rather than {}", percent(*a),
                       percent(*b));
  return "more of its provider's limits left";
}

/// In what `mine` beats `theirs`, the weightiest first.
std::vector<Point> points_for(const Json& mine, const Json& theirs, const Json& weights) {
  const double sum =
      std::max(figure_of(weights, "latency").value_or(0) + figure_of(weights, "cost").value_or(0) +
                   figure_of(weights, "quality").value_or(0),
               1e-9);
  std::vector<Point> points;
  const auto add = [&](const char* term, auto words) {
    const double weight = figure_of(weights, term).value_or(0) / sum *
                          (figure_of(part_of(mine, "terms"), term).value_or(0) -
                           figure_of(part_of(theirs, "terms"), term).value_or(0));
    if (weight > 1e-6) points.push_back({weight, words(mine, theirs)});
  };
  add("cost", cost_words);
  add("latency", latency_words);
  add("quality", quality_words);
  const double health =
      figure_of(mine, "health").value_or(1) - figure_of(theirs, "health").value_or(1);
  if (health > 1e-6) points.push_back({health, health_words(mine, theirs)});
  std::stable_sort(points.begin(), points.end(),
                   [](const Point& a, const Point& b) { return a.weight > b.weight; });
  return points;
}

/// A trace's decision, looked at for what made the difference.
class Choice {
 public:
  explicit Choice(const Json& routing)
      : weights_(part_of(routing, "weights")),
        sticky_(text_of(routing, "sticky")),
        trial_(flag_of(routing, "trial")),
        sorted_(flag_of(routing, "sorted")) {
    for (const Json& one : part_of(routing, "candidates"))
      (flag_of(one, "out") ? away_ : asked_).push_back(&one);
  }

  Sentences told() const {
    Sentences out;
    if (!asked_.empty()) tell_first(out);
    tell_away(out);
    return out;
  }

 private:
  static std::string name(const Json& one) { return text_of(one, "target"); }
  static double score(const Json& one) { return figure_of(one, "score").value_or(0); }
  const Json& first() const { return *asked_.front(); }

  /// Those that the first one was compared with.
  std::vector<const Json*> rivals() const {
    std::vector<const Json*> out;
    for (const Json* one : asked_)
      if (one != asked_.front() && whole_of(*one, "tier") == whole_of(first(), "tier") &&
          flag_of(*one, "last_resort") == flag_of(first(), "last_resort"))
        out.push_back(one);
    return out;
  }

  void tell_first(Sentences& out) const {
    const auto others = rivals();
    const auto best =
        std::max_element(others.begin(), others.end(),
                         [](const Json* a, const Json* b) { return score(*a) < score(*b); });
    if (sticky_ == name(first())) {
      out.push_back(fmt::format(
          "{} was chosen because it served the session before: its prompt cache is warm there.",
          name(first())));
      if (best != others.end() && score(**best) > score(first()))
        out.push_back(fmt::format("By its score alone {} would have been first.", name(**best)));
    } else if (trial_) {
      out.push_back(fmt::format(
          "{} was chosen as a trial: little was known of it lately, and a small share of "
          "requests goes to find out.",
          name(first())));
    } else if (best == others.end()) {
      tell_alone(out);
    } else {
      tell_win(out, others, **best);
    }
    tell_behind(out);
  }

  void tell_alone(Sentences& out) const {
    if (flag_of(first(), "last_resort"))
      out.push_back(fmt::format("Only {} was left, and that as a last resort: it had been failing.",
                                name(first())));
    else
      out.push_back(fmt::format("{} was chosen; nobody else stood beside it.", name(first())));
  }

  void tell_win(Sentences& out, const std::vector<const Json*>& others, const Json& best) const {
    std::vector<std::string> equals;
    if (!sorted_)
      for (const Json* one : others)
        if (score(*one) >= std::max(score(first()), score(best)) * (1 - about_as_good))
          equals.push_back(name(*one));
    if (!equals.empty()) {
      out.push_back(fmt::format("{} was drawn by lot: {} {} about as good.", name(first()),
                                list_some(equals), equals.size() == 1 ? "was" : "were"));
      return;
    }
    const auto pro = points_for(first(), best, weights_);
    const auto contra = points_for(best, first(), weights_);
    std::string words = fmt::format("{} was chosen over {}", name(first()), name(best));
    if (sorted_) words += " by the order the request asked for";
    if (!pro.empty()) words += ": " + pro.front().words;
    if (!contra.empty())
      words += fmt::format(", although {} promised {}", name(best), contra.front().words);
    out.push_back(words + ".");
    std::vector<std::string> further;
    for (const Json* one : others)
      if (one != &best) further.push_back(name(*one));
    if (!further.empty()) out.push_back(fmt::format("Further behind: {}.", list_some(further)));
  }

  /// Who would have been asked next, though not because of a score.
  void tell_behind(Sentences& out) const {
    std::vector<std::string> later, failing;
    for (const Json* one : asked_) {
      if (flag_of(*one, "last_resort") && !flag_of(first(), "last_resort"))
        failing.push_back(name(*one));
      else if (whole_of(*one, "tier") > whole_of(first(), "tier"))
        later.push_back(name(*one));
    }
    if (!later.empty())
      out.push_back(fmt::format("Only to stand in, should it fail: {}.", list_some(later)));
    if (!failing.empty())
      out.push_back(fmt::format("Kept as a last resort, for {} been failing: {}.",
                                failing.size() == 1 ? "it had" : "they had", list_some(failing)));
  }

  void tell_away(Sentences& out) const {
    std::vector<std::string> names;
    for (const Json* one : away_) names.push_back(name(*one));
    if (!names.empty())
      out.push_back(fmt::format("Not asked, because of when {} said to come back: {}.",
                                names.size() == 1 ? "it had" : "they had", list_some(names)));
  }

  const Json& weights_;
  const std::string sticky_;
  const bool trial_, sorted_;
  std::vector<const Json*> asked_, away_;
};

}  // namespace

std::optional<double> figure_of(const Json& object, const char* field) {
  const Json& value = part_of(object, field);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::string list_some(std::vector<std::string> parts) {
  if (parts.size() > most_told + 1) {
    const std::size_t more = parts.size() - most_told;
    parts.resize(most_told);
    parts.push_back(fmt::format("{} more", more));
  }
  if (parts.empty()) return {};
  std::string out = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i)
    out += (i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return out;
}

Sentences choice_sentences(const Json& decision) { return Choice(decision).told(); }

}  // namespace routerone::cli
