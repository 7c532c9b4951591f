#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/table.h"
#include "cli/commands/trace_commands.h"
#include "cli/commands/usage_view.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "common/platform/time_zone.h"

namespace routerone::cli {
namespace {

constexpr const char* usual_group = "model";
constexpr const char* usual_time = "30d";

bool says_when(const control::Strings& terms) {
  return std::any_of(terms.begin(), terms.end(), [](const std::string& term) {
    return term.starts_with("since=") || term.starts_with("until=");
  });
}

control::UsageWish wish_of(const Call& call) {
  control::UsageWish wish;
  wish.by = call.list("by").value_or(control::Strings());
  wish.terms = call.all("FILTER");
  for (const char* bound : {"since", "until"})
    if (const auto when = call.text(bound)) wish.terms.push_back(std::string(bound) + "=" + *when);
  wish.timezone = call.text("timezone");
  return wish;
}

void print_notes(Call& call, const Json& lines) {
  std::int64_t unknown = 0;
  bool complete = true;
  for (const Json& line : lines) {
    unknown += whole_of(line, "unknown_cost_requests");
    complete = complete && flag_of(line, "complete", true);
  }
  if (unknown > 0)
    call.out().note(
        fmt::format("+ {} of unknown cost; give the model a price: "
                    "routerone models price MODEL",
                    unknown == 1 ? "a request" : fmt::format("{} requests", unknown)));
  if (!complete)
    call.out().note("there was more to read than time for it; a later --since tells all of less");
}

/// What a person sees who asked for nothing in particular: the last month, by model.
Result<int> chart(Call& call, control::UsageWish wish) {
  if (!wish.timezone) wish.timezone = machine_time_zone();
  if (wish.by.empty()) wish.by = {usual_group};
  const bool usual = !says_when(wish.terms);
  if (usual) wish.terms.push_back(std::string("since=") + usual_time);
  const bool by_time = std::any_of(wish.by.begin(), wish.by.end(), [](const std::string& group) {
    return group == "day" || group == "hour";
  });
  wish.parts = by_time ? 0 : usage_parts(call.out().width());
  TRY(const Json lines, call.daemon().usage(wish));
  if (lines.empty()) {
    call.out().note(usual ? "nothing was used in the last 30 days" : "nothing was used");
    return 0;
  }
  wish.by.clear();
  TRY(const Json totals, call.daemon().usage(wish));
  wish.by = call.list("by").value_or(control::Strings{usual_group});
  if (usual) call.out().line(Shown("the last 30 days", Color::dim));
  print_usage_chart(call, wish.by, lines, totals.empty() ? Json::object() : totals.front());
  print_notes(call, totals);
  return 0;
}

Result<int> usage(Call& call) {
  const control::UsageWish wish = wish_of(call);
  if (call.out().terminal() && !call.json()) return chart(call, wish);
  TRY(const Json lines, call.daemon().usage(wish));
  if (!call.printed_json(lines)) print_usage_rows(call, wish.by, lines);
  return 0;
}

}  // namespace

std::vector<Command> usage_commands() {
  return {
      {.noun = "",
       .verb = "usage",
       .summary = "sum up requests, tokens and cost",
       .arguments = {{value::filter, Argument::Count::many}},
       .options = {{"by",
                    {"GROUP,..", Value::Kind::choice,
                     "model|key|project|provider|session|client|day|hour"},
                    "what to tell apart"},
                   {"since", value::time, "from then on: 7d, 2h, a date or an RFC 3339 time"},
                   {"until", value::time, "until then, in the same words"},
                   {"timezone", value::zone,
                    "whose days and hours; unsaid: yours on a terminal, "
                    "else UTC"}},
       .run = usage,
       .examples = {{"where the money went in the last week", "usage --by model --since 7d"},
                    {"one key, day by day", "usage key=ci --by day"}},
       .about =
           "On a terminal: the last 30 days by model, unless said otherwise, with bars for the "
           "cost, its course over time, and the total. In a pipe or with --json: every sum of "
           "all time, or of what --since and --until leave.\n\n"
           "A + behind a cost: some requests of it have no known price. CACHED is the share of "
           "the input that was read from the provider's cache. P50 and P95 are how long a "
           "request took: half of them, and 19 of 20, took no longer.",
       .prints = "[usage_line]",
       .rank = Command::Rank::common},
      {.noun = "",
       .verb = "statusline",
       .summary = "print one line for an agent's status bar",
       .options = {{"session", value::session, "what this session cost so far"},
                   {"key", value::key, "today's cost and what is left of this key"}},
       .run = statusline,
       .examples = {{"of everything", "statusline"}, {"of one key", "statusline --key ci"}},
       .about =
           "What the session and today cost, what is left of the tightest budget, and the model "
           "that served last. For Claude Code put {\"statusLine\": {\"type\": \"command\", "
           "\"command\": \"routerone statusline\"}} into its settings.json: it writes the "
           "session's id to stdin, which is read unless --session says another.\n\n"
           "It never fails: if the daemon does not run, or does not answer within half a second, "
           "it says so and exits 0.",
       .prints = "statusline"},
  };
}

}  // namespace routerone::cli
