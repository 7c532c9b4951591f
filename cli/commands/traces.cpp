#include <fmt/format.h>

#include "cli/commands/table.h"
#include "cli/commands/trace_commands.h"
#include "cli/commands/trace_view.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "common/control/contract.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

/// As a shell takes it.
std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789/._-=:@,%") == text.npos;
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// Looking ended before it had gone through everything; this is how it goes on.
void say_how_to_go_on(Call& call, const control::TracePageWish& wish, const Json& page) {
  const Json& cursor = part_of(page, "cursor");
  const auto found = static_cast<int>(part_of(page, "traces").size());
  if (!cursor.is_number_integer() || !flag_of(page, "out_of_time", found < wish.limit)) return;
  std::string again = "routerone traces list";
  for (const std::string& term : wish.terms) again += " " + shell_word(term);
  const std::string reached = text_of(page, "looked_to");
  call.out().note(fmt::format("looked for {} ms{}; further back: {} --cursor {}", wish.patience_ms,
                              reached.empty() ? "" : ", back to " + reached, again, cursor.dump()));
}

Result<int> list(Call& call) {
  control::TracePageWish wish;
  wish.terms = call.all("FILTER");
  TRY(const auto limit, call.number("limit", 1, 10'000));
  wish.limit = limit.value_or(wish.limit);
  if (const auto cursor = call.text("cursor")) {
    const auto number = parse_uint(*cursor);
    if (!number || *number > INT64_MAX)
      return fail(ErrorKind::invalid, "--cursor is a number that `traces list` has named");
    wish.cursor = static_cast<std::int64_t>(*number);
  }
  TRY(const Json page, call.daemon().page_traces(wish));
  const Json& traces = part_of(page, "traces");
  if (!call.printed_json(traces.is_array() ? traces : Json::array())) {
    Table table(trace_columns());
    if (call.has("wide")) table.keep_whole();
    for (const Json& trace : traces) table.add(trace_cells(trace, call.clock(), call.has("wide")));
    print_table(call, table, "no traces");
  }
  say_how_to_go_on(call, wish, page);
  return 0;
}

Result<int> show(Call& call) {
  TRY(const Json trace, call.daemon().show_trace(call.word("ID")));
  if (!call.printed_json(trace)) print_trace(call, trace);
  return 0;
}

/// Works without the daemon: looking is always possible.
Result<int> path(Call& call) {
  const std::string file = call.paths().database().string();
  if (call.json()) {
    Json out = Json::object();
    out["schema"] = control::schema_version;
    out["path"] = file;
    call.out().json(out);
    return 0;
  }
  call.out().line("sqlite3 -readonly " + shell_word(file));
  return 0;
}

}  // namespace

namespace {

constexpr const char* filter_about =
    "FILTER is a field, an operator and a value, and all that are given must hold: key=ci, "
    "model=gpt-5*, provider=openai, project=web, session=ID, status=429, \"status>=500\", "
    "\"cost>0.01\", \"latency>2s\", route=fallback, error=rate_limited, since=2h, "
    "until=2026-11-20. A shell takes > and * for itself, so put those into quotes.";

}  // namespace

std::vector<Command> trace_commands() {
  using Count = Argument::Count;
  const Argument filters = {value::filter, Count::many};
  const Option since = {"since", value::time, "only from then on: 2h, 7d, a date, RFC 3339"};
  return {
      {.noun = "traces",
       .verb = "list",
       .summary = "list the latest requests",
       .arguments = {filters},
       .options = {{"limit", value::count, "at most so many; 50 unless said"},
                   {"cursor", value::count, "go on where an earlier look ended"},
                   {"wide", {}, "every column whole, however wide that is", false, 'w'}},
       .run = list,
       .examples = {{"the latest", "traces list"},
                    {"what failed since yesterday", "traces list \"status>=400\" since=1d"}},
       .about = filter_about,
       .prints = "[trace]",
       .rank = Command::Rank::common},
      {.noun = "traces",
       .verb = "show",
       .summary = "show all that is known of one request",
       .arguments = {{value::trace}},
       .run = show,
       .examples = {{"one of them; the first digits do", "traces show 01a1fc7e-a805"}},
       .prints = "trace"},
      {.noun = "traces",
       .verb = "tail",
       .summary = "show requests as they end",
       .arguments = {filters},
       .options = {since, {"limit", value::count, "end after so many"}},
       .run = tail_traces,
       .examples = {{"whatever ends, until Ctrl-C", "traces tail", 130}},
       .about =
           "Goes on until Ctrl-C, over restarts of the daemon too: no request is left out and "
           "none comes twice.\n\n"
           "A cost from $0.10 is yellow and from $1 red, a time from 10 seconds yellow and from "
           "30 red. The last line is what they came to so far; --quiet leaves it out.",
       .prints = "trace..",
       .rank = Command::Rank::common},
      {.noun = "traces",
       .verb = "export",
       .summary = "write requests out, the oldest first",
       .arguments = {filters},
       .options = {{"format", value::format, "jsonl unless said"},
                   {"output", value::file, "into this file in place of stdout"}},
       .run = export_traces,
       .examples = {{"for a spreadsheet", "traces export --format csv --output traces.csv"},
                    {"for jq, one object a line", "traces export key=ci since=7d"}},
       .about =
           "jsonl and json are what `traces show --json` prints, one a line or as one array. "
           "csv has a heading and a row a request with the fields that have no parts of their "
           "own (RFC 4180, UTF-8). A text that a spreadsheet would take for a formula, since it "
           "begins with = + - or @, has a ' before it; control characters are written as "
           "escapes like \\n.\n\n"
           "The file is of mode 0600 and is there only once it is whole.",
       .prints = "trace.."},
      {.noun = "traces",
       .verb = "prune",
       .summary = "delete old requests",
       .options = {{"older-than", value::time, "90d, a date or an RFC 3339 time"},
                   {"dry-run", {}, "say how many they are and delete none"}},
       .run = prune_traces,
       .examples = {{"keep the last quarter", "traces prune --older-than 90d"},
                    {"how many that would be", "traces prune --older-than 90d --dry-run"}},
       .about = "What they cost is kept: `usage` still knows it by day, model, key, project and "
                "provider, and budgets count it.",
       .prints = "pruned",
       .effect = Command::Effect::destroys},
      {.noun = "traces",
       .verb = "backup",
       .summary = "copy the database while the daemon runs",
       .arguments = {{value::file}},
       .run = back_up_traces,
       .examples = {{"a copy of today", "traces backup routerone-backup.db"}},
       .about = "The copy is a whole SQLite database of mode 0600 with every request, budget and "
                "sum of one moment; no credential of a provider is in it. FILE must not be there "
                "yet.",
       .prints = "trace_backup"},
      {.noun = "traces",
       .verb = "path",
       .summary = "say how to look into the database",
       .run = path,
       .examples = {{"a shell of SQL that can change nothing", "traces path"}},
       .prints = "trace_path"},
  };
}

}  // namespace routerone::cli
