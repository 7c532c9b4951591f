#include "cli/commands/trace_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/decision_view.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

std::string price_words(const Json& trace) {
  const std::string source = text_of(trace, "price_source");
  return source.empty() ? "" : " (price from " + source + ")";
}

void print_attempts(Call& call, const Json& trace) {
  if (part_of(trace, "attempts").empty()) return;
  call.out().line("");
  const Json& attempts = part_of(trace, "attempts");
  const bool priced = std::any_of(attempts.begin(), attempts.end(), [](const Json& attempt) {
    return !text_of(attempt, "cost_usd").empty();
  });
  const auto right = Table::Align::right;
  const auto left = Table::Align::left;
  std::vector<Table::Column> columns = {{"ATTEMPT"},
                                        {"PROVIDER"},
                                        {"UPSTREAM MODEL", left, false, 2},
                                        {"STATUS", right},
                                        {"ERROR", left, false, 1},
                                        {"CODE", left, false, 3},
                                        {"TOOK", right}};
  if (priced) columns.push_back({"COST", right});
  Table table(columns);
  int number = 0;
  for (const Json& attempt : attempts) {
    const std::string account = text_of(attempt, "account");
    std::vector<Cell> row = {std::to_string(++number),
                             text_of(attempt, "provider") + (account.empty() ? "" : "#" + account),
                             text_of(attempt, "upstream_model"),
                             status_cell(attempt),
                             text_of(attempt, "error"),
                             text_of(attempt, "code"),
                             millis_cell(attempt, "latency_ms")};
    const std::string cost = text_of(attempt, "cost_usd");
    if (priced) row.push_back(cost.empty() ? Cell("") : usd_cell(cost));
    table.add(std::move(row));
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

}  // namespace

Color status_color(std::int64_t status) {
  if (status >= 500 || status == 0) return Color::red;
  return status >= 400 ? Color::yellow : Color::green;
}

Cell status_cell(const Json& trace) {
  const std::int64_t status = whole_of(trace, "status");
  return {std::to_string(status), std::to_string(status), status_color(status)};
}

Cell millis_cell(const Json& trace, const char* field) {
  const Json& millis = part_of(trace, field);
  if (!millis.is_number()) return {"", ""};
  return {short_duration(millis.get<double>()), millis.dump()};
}

std::string model_of(const Json& trace) {
  const std::string model = text_of(trace, "model");
  return model.empty() ? text_of(trace, "requested_model") : model;
}

std::string short_id(const Json& trace) {
  constexpr std::size_t telling = 18;
  return text_of(trace, "id").substr(0, telling);
}

std::vector<Table::Column> trace_columns() {
  const auto left = Table::Align::left, right = Table::Align::right;
  return {{"TIME"},
          {"ID", left, true, 2},
          {"KEY", left, false, 3},
          {"MODEL"},
          {"STATUS", right},
          {"COST", right},
          {"TOOK", right, false, 1},
          {"IN", right, false, 6},
          {"OUT", right, false, 4},
          {"PROVIDER", left, false, 5},
          {"STATE", left, false, 7},
          {"ROUTE", left, false, 8}};
}

std::vector<Cell> trace_cells(const Json& trace, const Clock& clock, bool whole_id) {
  const std::string id = text_of(trace, "id");
  return {time_cell(text_of(trace, "time"), clock),
          Cell(whole_id ? id : short_id(trace), id),
          text_of(trace, "key"),
          model_of(trace),
          status_cell(trace),
          usd_cell(text_of(trace, "cost_usd")),
          millis_cell(trace, "latency_ms"),
          count_cell(trace, "input_tokens"),
          count_cell(trace, "output_tokens"),
          text_of(trace, "provider"),
          state_cell(text_of(trace, "state")),
          text_of(trace, "route")};
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

}  // namespace routerone::cli
