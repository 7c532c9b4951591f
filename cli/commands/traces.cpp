#include <fmt/format.h>

#include <csignal>
#include <thread>
#include <utility>

#include "cli/commands/decision_view.h"
#include "cli/commands/table.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"
#include "common/control/contract.h"

namespace routerone::cli {
namespace {

Cell millis_cell(const Json& trace, const char* field) {
  const Json& millis = part_of(trace, field);
  if (!millis.is_number()) return {"", ""};
  return {short_duration(millis.get<double>()), millis.dump()};
}

Cell status_cell(const Json& trace) {
  const std::int64_t status = whole_of(trace, "status");
  const Color color = status >= 500 || status == 0 ? Color::red
                      : status >= 400              ? Color::yellow
                                                   : Color::green;
  return {std::to_string(status), std::to_string(status), color};
}

std::vector<Table::Column> columns() {
  const auto right = Table::Align::right;
  return {{"TIME"},          {"ID", Table::Align::left, true},
          {"KEY"},           {"MODEL"},
          {"STATUS", right}, {"COST", right},
          {"TOOK", right},   {"IN", right},
          {"OUT", right},    {"PROVIDER"},
          {"STATE"},         {"ROUTE"}};
}

/// As much of an id as tells it from the others of its millisecond; `traces show` takes that.
constexpr std::size_t telling_id = 18;

std::vector<Cell> row_of(const Json& trace, const Clock& clock) {
  const std::string id = text_of(trace, "id");
  const std::string model = text_of(trace, "model");
  return {time_cell(text_of(trace, "time"), clock),
          Cell(id.substr(0, telling_id), id),
          text_of(trace, "key"),
          model.empty() ? text_of(trace, "requested_model") : model,
          status_cell(trace),
          usd_cell(text_of(trace, "cost_usd")),
          millis_cell(trace, "latency_ms"),
          count_cell(trace, "input_tokens"),
          count_cell(trace, "output_tokens"),
          text_of(trace, "provider"),
          state_cell(text_of(trace, "state")),
          text_of(trace, "route")};
}

Result<int> list(Call& call) {
  control::TraceListWish wish;
  wish.terms = call.all("FILTER");
  TRY(const auto limit, call.number("limit", 1, 10'000));
  wish.limit = limit.value_or(wish.limit);
  TRY(const Json traces, call.daemon().list_traces(wish));
  if (call.printed_json(traces)) return 0;
  Table table(columns());
  for (const Json& trace : traces) table.add(row_of(trace, call.clock()));
  print_table(call, table, "no traces");
  return 0;
}

std::string price_words(const Json& trace) {
  const std::string source = text_of(trace, "price_source");
  return source.empty() ? "" : " (price from " + source + ")";
}

void print_attempts(Call& call, const Json& trace) {
  if (part_of(trace, "attempts").empty()) return;
  call.out().line("");
  Table table({{"ATTEMPT"},
               {"PROVIDER"},
               {"UPSTREAM MODEL"},
               {"STATUS", Table::Align::right},
               {"ERROR"},
               {"CODE"},
               {"TOOK", Table::Align::right}});
  int number = 0;
  for (const Json& attempt : part_of(trace, "attempts")) {
    const std::string account = text_of(attempt, "account");
    table.add({std::to_string(++number),
               text_of(attempt, "provider") + (account.empty() ? "" : "#" + account),
               text_of(attempt, "upstream_model"), status_cell(attempt), text_of(attempt, "error"),
               text_of(attempt, "code"), millis_cell(attempt, "latency_ms")});
  }
  table.print(call.out());
}

/// What was held for it under a spend limit.
Cell held_cell(const Json& trace) {
  const std::string held = text_of(trace, "reserved_usd");
  if (held.empty()) return {"", ""};
  Cell cell = usd_cell(held);
  if (!flag_of(trace, "overrun")) return cell;
  return {cell.shown + " (the provider charged more)", cell.plain, Color::red};
}

void print_trace(Call& call, const Json& trace) {
  const Cell cost = usd_cell(text_of(trace, "cost_usd"));
  const Json& fallback = part_of(trace, "fallback");
  const std::string left = text_of(fallback, "from");
  print_facts(
      call.out(),
      {{"id", text_of(trace, "id")},
       {"time", Cell(fmt::format("{} ({})", text_of(trace, "time"),
                                 relative_time(text_of(trace, "time"), call.clock().wall())),
                     text_of(trace, "time"))},
       {"key", text_of(trace, "key")},
       {"project", text_of(trace, "project")},
       {"client", text_of(trace, "client")},
       {"session", text_of(trace, "session")},
       {"request", fmt::format("{} {}{}", text_of(trace, "dialect"), text_of(trace, "operation"),
                               flag_of(trace, "stream") ? " (streamed)" : "")},
       {"model asked for", text_of(trace, "requested_model")},
       {"model served", text_of(trace, "model")},
       {"provider", text_of(trace, "provider")},
       {"route",
        text_of(trace, "route") +
            (left.empty() ? "" : fmt::format(" (from {}: {})", left, text_of(fallback, "reason")))},
       {"status", status_cell(trace)},
       {"state", state_cell(text_of(trace, "state"))},
       {"finish reason", text_of(trace, "finish_reason")},
       {"error", text_of(trace, "error")},
       {"input tokens", text_of(trace, "input_tokens")},
       {"cache read", text_of(trace, "cache_read_tokens")},
       {"cache write", text_of(trace, "cache_write_tokens")},
       {"output tokens", text_of(trace, "output_tokens")},
       {"usage from", text_of(trace, "usage_source")},
       {"cost", Cell(cost.shown + price_words(trace), cost.plain, cost.color)},
       {"held for it", held_cell(trace)},
       {"output cap sent", text_of(trace, "clamped")},
       {"took", millis_cell(trace, "latency_ms")},
       {"first token", millis_cell(trace, "ttft_ms")},
       {"overhead", Cell(text_of(trace, "overhead_us") + " us", text_of(trace, "overhead_us"))},
       {"bytes in", text_of(trace, "bytes_in")},
       {"bytes out", text_of(trace, "bytes_out")},
       {"upstream's id", text_of(trace, "upstream_request_id")}});
  print_attempts(call, trace);
  if (!part_of(trace, "routing").is_object()) return;
  call.out().line("");
  print_decision(call, part_of(trace, "routing"));
}

Result<int> show(Call& call) {
  TRY(const Json trace, call.daemon().show_trace(call.word("ID")));
  if (!call.printed_json(trace)) print_trace(call, trace);
  return 0;
}

volatile std::sig_atomic_t interrupted = 0;
void note_interrupt(int) { interrupted = 1; }

constexpr int exit_interrupted = 130;  // as shells count SIGINT

/// New traces as they come, until Ctrl-C or until nobody reads any more.
Result<int> tail(Call& call) {
  control::TailWish wish;
  wish.terms = call.all("FILTER");
  std::signal(SIGINT, note_interrupt);
  bool headed = true;
  while (!interrupted) {
    TRY(const Json news, call.daemon().tail(wish));
    wish.after = whole_of(news, "sequence");
    Table table(columns());
    for (const Json& trace : part_of(news, "traces")) {
      if (call.json())
        call.out().json_line(trace);
      else
        table.add(row_of(trace, call.clock()));
    }
    if (!table.empty()) table.print(call.out(), std::exchange(headed, false));
    if (!call.out().flush() || call.out().reader_gone()) return 0;
    // So many tails wait already that the daemon answered at once.
    if (!flag_of(news, "waited", true)) std::this_thread::sleep_for(Millis(wish.wait_ms));
  }
  return exit_interrupted;
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
  const bool plain = file.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789/._-") == file.npos;
  call.out().line(plain ? "sqlite3 -readonly " + file
                        : fmt::format("sqlite3 -readonly '{}'", file));
  return 0;
}

}  // namespace

std::vector<Command> trace_commands() {
  using Count = Argument::Count;
  return {
      {"traces",
       "list",
       "list the latest requests",
       {{"FILTER", Count::many}},
       {{"limit", "N", "at most so many; 50 unless said"}},
       list},
      {"traces", "show", "show all that is known of one request", {{"ID"}}, {}, show},
      {"traces", "tail", "show requests as they end", {{"FILTER", Count::many}}, {}, tail},
      {"traces", "path", "say how to look into the database", {}, {}, path},
  };
}

}  // namespace routerone::cli
