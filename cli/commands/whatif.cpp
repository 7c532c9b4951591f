#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

constexpr const char* usual_span = "7d";

bool is_bound(const std::string& term) {
  return term.starts_with("since=") || term.starts_with("until=");
}

/// Weights may be written as one word or several options.
control::ReplayWish wish_of(Call& call) {
  control::ReplayWish wish;
  wish.terms = call.all("FILTER");
  const bool bounded = std::any_of(wish.terms.begin(), wish.terms.end(), is_bound);
  for (const char* bound : {"since", "until"})
    if (const auto when = call.text(bound))
      wish.terms.push_back(fmt::format("{}={}", bound, *when));
  if (!bounded && !call.has("since") && !call.has("until"))
    wish.terms.push_back(fmt::format("since={}", usual_span));
  wish.weights = call.list("weights");
  wish.without = call.list("without").value_or(std::vector<std::string>());
  wish.limits = call.list("limit").value_or(std::vector<std::string>());
  return wish;
}

std::string percent(std::int64_t part, std::int64_t of) {
  if (of == 0) return "0%";
  return fmt::format("{:.1f}%", 100.0 * static_cast<double>(part) / static_cast<double>(of));
}

/// `$0.12`: what is only estimated is not told to the last digit.
std::string usd_words(const Json& object, const char* picousd) {
  const auto dollars = static_cast<double>(whole_of(object, picousd)) / 1e12;
  return usd_cell(fmt::format("{:.6f}", dollars)).shown;
}

/// `+$0.12`, `-$3.40`
std::string signed_usd(const Json& object, const char* picousd) {
  const std::string shown = usd_words(object, picousd);
  return whole_of(object, picousd) < 0 ? shown : "+" + shown;
}

std::string change_of(const Json& cost) {
  const auto actual = static_cast<double>(whole_of(cost, "actual_picousd"));
  const auto change = static_cast<double>(whole_of(cost, "change_picousd"));
  const std::string part =
      actual > 0 ? fmt::format(" ({:+.1f}%)", 100 * change / actual) : std::string();
  return signed_usd(cost, "change_picousd") + part;
}

Cell cost_cell(const Json& out) {
  const Json& cost = part_of(out, "cost");
  const std::string about = flag_of(cost, "estimated") ? "about " : "";
  return {fmt::format("{} was spent, {}{} would have been: {}",
                      usd_cell(text_of(cost, "actual_usd")).shown, about,
                      usd_words(cost, "replayed_picousd"), change_of(cost)),
          text_of(cost, "change_usd")};
}

Cell latency_cell(const Json& out) {
  const Json &latency = part_of(out, "latency"), &change = part_of(latency, "change_ms");
  if (!change.is_number()) return {"as it was", "0"};
  const double millis = change.get<double>();
  return {fmt::format("about {} {} each, for {} requests", short_duration(std::abs(millis)),
                      millis < 0 ? "less" : "more", whole_of(latency, "requests")),
          change.dump()};
}

/// Nothing where there is none.
void add_count(std::vector<std::pair<std::string, Cell>>& facts, const char* name,
               std::int64_t count, const char* words) {
  if (count == 0) return;
  facts.push_back({name, Cell(fmt::format("{} ({})", count, words), std::to_string(count))});
}

void print_sums(Call& call, const Json& out) {
  const std::int64_t all = whole_of(out, "requests"), unchanged = whole_of(out, "unchanged"),
                     moved = whole_of(out, "moved");
  const Json &not_judged = part_of(out, "not_judged"), &cost = part_of(out, "cost");
  const std::int64_t judged = unchanged + moved + whole_of(out, "nobody_left");
  std::vector<std::pair<std::string, Cell>> facts = {
      {"requests", std::to_string(all)},
      {"from",
       Cell(relative_time(text_of(out, "first"), call.clock().wall()), text_of(out, "first"))},
      {"to", Cell(relative_time(text_of(out, "last"), call.clock().wall()), text_of(out, "last"))},
      {"with a choice", std::to_string(judged)},
      {"unchanged", Cell(fmt::format("{} ({})", unchanged, percent(unchanged, judged)),
                         std::to_string(unchanged))},
      {"moved", Cell(fmt::format("{} ({})", moved, percent(moved, judged)), std::to_string(moved))},
      {"cost", cost_cell(out)},
      {"latency", latency_cell(out)}};
  add_count(facts, "nobody left", whole_of(out, "nobody_left"),
            "all their targets are gone; their cost is in no sum");
  add_count(facts, "without a choice", whole_of(out, "no_choice"), "they stay where they were");
  add_count(facts, "nobody asked", whole_of(out, "not_served"),
            "refused then, or answered by the daemon itself");
  add_count(facts, "failed then", whole_of(not_judged, "failed"),
            "whether they would elsewhere nobody can say");
  add_count(facts, "too large to judge", whole_of(not_judged, "too_many_candidates"),
            "not all their candidates were kept");
  add_count(facts, "of other rules", whole_of(not_judged, "other_rules"),
            "not chosen as this version chooses");
  add_count(facts, "cost unknown", whole_of(cost, "unknown"), "in no sum");
  print_facts(call.out(), facts);
}

void print_moves(Call& call, const Json& out) {
  const Json& moves = part_of(out, "moves");
  if (moves.empty()) return;
  call.out().line("");
  const auto right = Table::Align::right;
  Table table({{"FROM"},
               {"TO"},
               {"REQUESTS", right, false, 1},
               {"SHARE", right, false, 2},
               {"COST", right}});
  for (const Json& move : moves)
    table.add(
        {text_of(move, "from"), text_of(move, "to"), text_of(move, "requests"),
         Cell(percent(whole_of(move, "requests"), whole_of(out, "moved")), text_of(move, "share")),
         Cell(signed_usd(move, "change_picousd"), text_of(move, "change_usd"))});
  table.print(call.out());
}

void print_refused(Call& call, const Json& out) {
  const Json& refused = part_of(out, "refused");
  if (part_of(refused, "limits").empty()) return;
  call.out().line("");
  const auto right = Table::Align::right;
  Table table({{"LIMIT"}, {"REQUESTS", right}, {"REFUSED", right}, {"FIRST REFUSED"}});
  for (const Json& limit : part_of(refused, "limits"))
    table.add({text_of(limit, "limit"), text_of(limit, "requests"), text_of(limit, "refused"),
               time_cell(text_of(limit, "first_refused"), call.clock())});
  table.print(call.out());
  const std::int64_t count = whole_of(refused, "requests");
  call.out().note(count == 0 ? "none would have been refused"
                             : fmt::format("{} requests of {} in all would have been refused",
                                           count, usd_words(refused, "cost_picousd")));
  call.out().note(
      "limits are met by one request after the other: what is held while several are under way is "
      "not replayed");
}

Result<int> whatif(Call& call) {
  TRY(const Json out, call.daemon().replay_routes(wish_of(call)));
  if (call.printed_json(out)) return 0;
  if (whole_of(out, "requests") == 0) {
    call.out().note("no requests");
    return 0;
  }
  print_sums(call, out);
  print_moves(call, out);
  print_refused(call, out);
  if (flag_of(part_of(out, "cost"), "estimated"))
    call.out().note(
        "what moved is estimated: what it cost and took, as its decision expected the two targets "
        "to compare; who was not asked then is taken to serve");
  return 0;
}

}  // namespace

std::vector<Command> whatif_commands() {
  return {
      {.noun = "",
       .verb = "whatif",
       .summary = "replay past routing decisions under other settings",
       .arguments = {{value::filter, Argument::Count::many}},
       .options = {{"since", value::time, "7d unless said; 2h, or an RFC 3339 time"},
                   {"until", value::time, "the same"},
                   {"weights", value::weights,
                    "cost=.8,latency=.2 and nothing else, or fast, cheap, best, balanced"},
                   {"without", value::providers, "as if these providers had not been there", true},
                   {"limit", "SCOPE=USD/PERIOD", "as if there had been this limit: key:ci=2/day",
                    true}},
       .run = whatif,
       .examples = {{"what last week would have cost", "whatif --weights cheap --since 7d"},
                    {"what a limit would have refused", "whatif --limit key:ci=2/day"},
                    {"how a day without one provider looks", "whatif --without mybox --since 1d"}},
       .about =
           "Nothing is sent and nothing is written. What would have moved is estimated by what "
           "its decision expected then.",
       .prints = "replay"},
  };
}

}  // namespace routerone::cli
