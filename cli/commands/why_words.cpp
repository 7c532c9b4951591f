#include "cli/commands/why_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/commands/decision_view.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

using Sentences = std::vector<std::string>;
using Word = std::pair<std::string_view, std::string_view>;

/// As near as this the daemon takes two scores for equal, and shares the load.
constexpr double about_as_good = 0.03;
constexpr std::size_t most_told = 4;  // of a kind; the others are counted

/// What a target that failed did.
constexpr std::array<Word, 11> failures{{
    {"connect", "could not be reached"},
    {"timeout", "did not answer in time"},
    {"cut", "broke off"},
    {"bad_answer", "gave no proper answer"},
    {"server_error", "failed"},
    {"overloaded", "was overloaded"},
    {"rate_limited", "was at its rate limit"},
    {"request_timeout", "gave up waiting for the request"},
    {"credential_refused", "refused its credential"},
    {"model_missing", "does not have the model"},
    {"caller_fault", "refused the request as wrong"},
}};

/// Why a request was refused.
constexpr std::array<Word, 14> refusals{{
    {"bad_key", "its key is missing, unknown, expired or revoked"},
    {"forbidden", "it came from where none may come from"},
    {"limit_reached", "a spend limit was used up"},
    {"rate_limited", "a limit of requests or tokens was reached"},
    {"bad_request", "nobody here can take such a request"},
    {"unprocessable", "a provider could not process it"},
    {"unknown_model", "the key has no such model"},
    {"unknown_path", "there is no such path"},
    {"method_not_allowed", "the path takes another method"},
    {"too_large", "it was too large"},
    {"unsupported_media", "its type of content is not taken"},
    {"upgrade_required", "the path is for WebSockets only"},
    {"shed", "the daemon had no room for it"},
    {"internal", "the daemon itself was at fault"},
}};

template <std::size_t Count>
std::string words_for(const std::array<Word, Count>& table, const std::string& word) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Word& entry) { return entry.first == word; });
  return found == table.end() ? word : std::string(found->second);
}

std::optional<double> number_of(const Json& object, const char* field) {
  const Json& value = part_of(object, field);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

/// `a`, `a and b`, `a, b and c`; of many the first, and how many more.
std::string list_words(std::vector<std::string> parts) {
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
  const auto a = number_of(mine, "cost"), b = number_of(theirs, "cost");
  if (!a || !b || *a == *b) return "its cost";
  const double part = std::max(*a, *b) > 0 ? 1 - std::min(*a, *b) / std::max(*a, *b) : 0;
  return rather_than("about", usd_about(*a), usd_about(*b),
                     percent(part) + (*a < *b ? " cheaper" : " of it less there"));
}

std::string latency_words(const Json& mine, const Json& theirs) {
  const auto a = number_of(mine, "latency_ms"), b = number_of(theirs, "latency_ms");
  if (!a || !b || *a == *b) return "its speed";
  return rather_than("about", short_duration(*a), short_duration(*b),
                     short_duration(std::abs(*a - *b)) + (*a < *b ? " faster" : " slower"));
}

std::string quality_words(const Json& mine, const Json& theirs) {
  const auto a = number_of(mine, "quality"), b = number_of(theirs, "quality");
  if (!a || !b || *a == *b) return "its quality";
  return fmt::format("a quality of {} rather than {}", *a, *b);
}

std::string health_words(const Json& mine, const Json& theirs) {
  const auto a = number_of(mine, "failure_share"), b = number_of(theirs, "failure_share");
  if (a && b && *a != *b)
    return fmt::format("{} of its requests failing lately rather than {}", percent(*a),
                       percent(*b));
  return "more of its provider's limits left";
}

/// In what `mine` beats `theirs`, the weightiest first.
std::vector<Point> points_for(const Json& mine, const Json& theirs, const Json& weights) {
  const double sum =
      std::max(number_of(weights, "latency").value_or(0) + number_of(weights, "cost").value_or(0) +
                   number_of(weights, "quality").value_or(0),
               1e-9);
  std::vector<Point> points;
  const auto add = [&](const char* term, auto words) {
    const double weight = number_of(weights, term).value_or(0) / sum *
                          (number_of(part_of(mine, "terms"), term).value_or(0) -
                           number_of(part_of(theirs, "terms"), term).value_or(0));
    if (weight > 1e-6) points.push_back({weight, words(mine, theirs)});
  };
  add("cost", cost_words);
  add("latency", latency_words);
  add("quality", quality_words);
  const double health =
      number_of(mine, "health").value_or(1) - number_of(theirs, "health").value_or(1);
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
  static double score(const Json& one) { return number_of(one, "score").value_or(0); }
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
                                list_words(equals), equals.size() == 1 ? "was" : "were"));
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
    if (!further.empty()) out.push_back(fmt::format("Further behind: {}.", list_words(further)));
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
      out.push_back(fmt::format("Only to stand in, should it fail: {}.", list_words(later)));
    if (!failing.empty())
      out.push_back(fmt::format("Kept as a last resort, for {} been failing: {}.",
                                failing.size() == 1 ? "it had" : "they had", list_words(failing)));
  }

  void tell_away(Sentences& out) const {
    std::vector<std::string> names;
    for (const Json* one : away_) names.push_back(name(*one));
    if (!names.empty())
      out.push_back(fmt::format("Not asked, because of when {} said to come back: {}.",
                                names.size() == 1 ? "it had" : "they had", list_words(names)));
  }

  const Json& weights_;
  const std::string sticky_;
  const bool trial_, sorted_;
  std::vector<const Json*> asked_, away_;
};

std::string target_of(const Json& attempt) {
  const std::string account = text_of(attempt, "account");
  return text_of(attempt, "provider") + (account.empty() ? "" : "#" + account) + "/" +
         text_of(attempt, "upstream_model");
}

std::string attempt_words(const Json& attempt) {
  const std::string error = text_of(attempt, "error");
  const std::int64_t status = whole_of(attempt, "status");
  std::string words = fmt::format("{} {}", target_of(attempt), words_for(failures, error));
  if (status >= 400) words += fmt::format(" (status {})", status);
  if (const auto took = number_of(attempt, "latency_ms"))
    words += " after " + short_duration(*took);
  return words;
}

std::string server_of(const Json& trace) {
  const Json& attempts = part_of(trace, "attempts");
  return attempts.is_array() && !attempts.empty() ? target_of(attempts.back()) : "another one";
}

void tell_failures(Sentences& out, const Json& trace) {
  std::vector<std::string> failed;
  for (const Json& attempt : part_of(trace, "attempts")) {
    const std::string error = text_of(attempt, "error");
    if (!error.empty() && error != "cancelled") failed.push_back(attempt_words(attempt));
  }
  if (failed.empty()) return;
  const std::string list = list_words(failed);
  const bool served = text_of(trace, "state") != "upstream_failed";
  out.push_back(served ? fmt::format("But {}; so {} was asked.", list, server_of(trace))
                       : fmt::format("It failed: {}.", list));
}

void tell_excluded(Sentences& out, const Json& routing) {
  std::map<std::string, std::vector<std::string>> by_reason;
  std::vector<std::string> reasons;
  for (const Json& one : part_of(routing, "excluded")) {
    const std::string why = text_of(one, "words");
    const std::string reason = why.empty() ? text_of(one, "reason") : why;
    const std::string model = text_of(one, "model"), provider = text_of(one, "provider");
    if (!by_reason.contains(reason)) reasons.push_back(reason);
    by_reason[reason].push_back(model.empty()      ? provider
                                : provider.empty() ? model
                                                   : fmt::format("{} at {}", model, provider));
  }
  for (std::string& reason : reasons)
    reason = fmt::format("{} ({})", list_words(by_reason[reason]), reason);
  if (!reasons.empty()) out.push_back(fmt::format("Left out: {}.", fmt::join(reasons, "; ")));
}

std::string place_words(const Json& trace) {
  const std::string model = text_of(trace, "model"), upstream = text_of(trace, "upstream_model");
  std::string words = fmt::format("{} at {}", model, text_of(trace, "provider"));
  // `openai/gpt-5` as `gpt-5` says nothing new.
  if (!upstream.empty() && !model.ends_with("/" + upstream) && model != upstream)
    words += fmt::format(" (as {})", upstream);
  return words;
}

std::string failure_words(const Json& trace) {
  if (text_of(trace, "provider").empty()) return ", and nobody served it.";
  const Json& attempts = part_of(trace, "attempts");
  const bool refused = attempts.is_array() && !attempts.empty() &&
                       text_of(attempts.back(), "error") == "caller_fault";
  return refused ? fmt::format("; {} refused it.", place_words(trace))
                 : fmt::format("; {} began to serve it and failed.", place_words(trace));
}

/// The first sentence: what was asked for and what came of it.
std::string opening(const Json& trace) {
  const std::string asked = text_of(trace, "requested_model"), state = text_of(trace, "state");
  const std::string error = text_of(trace, "error");
  const std::string subject = asked.empty() ? "No model was asked for" : asked + " was asked for";
  if (state == "shed") return subject + ", but the daemon had no room for it just then.";
  if (state == "refused")
    return fmt::format("{}; it was refused, and nobody was asked: {}.", subject,
                       words_for(refusals, error));
  if (state == "interrupted")
    return fmt::format("{}; the daemon died while {} was at it.", subject, place_words(trace));
  if (state == "upstream_failed") return subject + failure_words(trace);
  if (state == "client_gone")
    return text_of(trace, "provider").empty()
               ? fmt::format("{}; the caller left before anybody had been asked.", subject)
               : fmt::format("{}; {} was at it when the caller left.", subject, place_words(trace));
  return text_of(trace, "provider").empty()
             ? fmt::format("{}, and the daemon itself answered.", subject)
             : fmt::format("{}, and {} served it.", subject, place_words(trace));
}

void tell_choice(Sentences& out, const Json& trace) {
  const Json& routing = part_of(trace, "routing");
  if (routing.is_object()) {
    for (std::string& words : Choice(routing).told()) out.push_back(std::move(words));
    return;
  }
  if (!text_of(trace, "provider").empty())
    out.push_back("There was no choice: nobody else here has what was asked for.");
}

std::string money_words(const Json& trace) {
  const Cell cost = usd_cell(text_of(trace, "cost_usd"));
  if (text_of(trace, "cost_usd").empty()) return "What it cost is not known; it";
  return fmt::format("It cost {} and", cost.shown);
}

void tell_bill(Sentences& out, const Json& trace) {
  const auto took = number_of(trace, "latency_ms");
  if (!took || text_of(trace, "provider").empty()) return;
  std::string words = fmt::format("{} took {}", money_words(trace), short_duration(*took));
  if (const auto first = number_of(trace, "ttft_ms"))
    words += fmt::format(", with the first token after {}", short_duration(*first));
  out.push_back(words + ".");
}

}  // namespace

std::vector<std::string> why_sentences(const Json& trace) {
  Sentences out = {opening(trace)};
  tell_choice(out, trace);
  tell_excluded(out, part_of(trace, "routing"));
  tell_failures(out, trace);
  if (!text_of(trace, "clamped").empty())
    out.push_back(
        fmt::format("Its answer was capped at {} tokens, which is what a limit could pay.",
                    text_of(trace, "clamped")));
  tell_bill(out, trace);
  return out;
}

}  // namespace routerone::cli
