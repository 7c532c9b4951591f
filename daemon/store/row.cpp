#include "daemon/store/row.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include "common/json/json.h"
#include "daemon/store/attempts_json.h"
#include "daemon/store/decision_json.h"
#include "daemon/store/json_quote.h"
#include "daemon/store/words.h"

namespace routerone::store {

const char* const insert_row_sql = R"sql(
INSERT OR IGNORE INTO traces (
  sequence, id, time, key_id, key_name, project, client, session, dialect, operation, stream,
  requested_model, model, provider, upstream_model,
  input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, input_audio, output_audio,
  cache_read_audio, input_image, output_image, web_searches, service_tier, stated_cost,
  usage_source, cost, price_source, latency_us, ttft_us, overhead_us, status, finish_reason, error,
  state, route, fallback_from, fallback_reason, dropped, attempts, upstream_request_id, bytes_in,
  bytes_out, clamped, reserved, overrun, routing)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
)sql";

const char* const select_row_sql = R"sql(
SELECT
  sequence, id, time, key_id, key_name, project, client, session, dialect, operation, stream,
  requested_model, model, provider, upstream_model,
  input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, input_audio, output_audio,
  cache_read_audio, input_image, output_image, web_searches, service_tier, stated_cost,
  usage_source, cost, price_source, latency_us, ttft_us, overhead_us, status, finish_reason, error,
  state, route, fallback_from, fallback_reason, dropped, attempts, upstream_request_id, bytes_in,
  bytes_out, clamped, reserved, overrun, routing
FROM traces )sql";

namespace {

std::string dropped_text(const std::vector<std::string>& dropped) {
  return dropped.empty() ? "[]" : text_of(Json(dropped));
}

std::vector<std::string> dropped_of(const std::string& text) {
  std::vector<std::string> dropped;
  const auto list = parse_json(text);
  if (!list || !list->is_array()) return dropped;
  for (const auto& entry : *list)
    if (entry.is_string()) dropped.push_back(entry.get<std::string>());
  return dropped;
}

/// Binds one value after the other.
class Binder {
 public:
  explicit Binder(SQLite::Statement& statement) : statement_(statement) {}
  void number(std::int64_t value) { statement_.bind(++at_, value); }
  void bytes(std::uint64_t value) {
    constexpr std::uint64_t most = INT64_MAX;
    number(static_cast<std::int64_t>(value < most ? value : most));
  }
  void text(const std::string& value) { statement_.bindNoCopy(++at_, value); }
  void made_text(const std::string& value) { statement_.bind(++at_, value); }
  void maybe_text(const std::optional<std::string>& value) {
    if (value)
      made_text(*value);
    else
      statement_.bind(++at_);
  }
  void word(std::string_view literal) {  // all words are literals: no copy needed
    statement_.bindNoCopy(++at_, literal.data());
  }
  void maybe(std::optional<std::int64_t> value) {
    if (value)
      number(*value);
    else
      statement_.bind(++at_);
  }
  void maybe(std::optional<Money> value) {
    maybe(value ? std::optional(value->picousd) : std::nullopt);
  }

 private:
  SQLite::Statement& statement_;
  int at_ = 0;
};

/// Reads one column after the other.
class Reader {
 public:
  explicit Reader(SQLite::Statement& statement) : statement_(statement) {}
  std::int64_t number() { return statement_.getColumn(at_++).getInt64(); }
  std::string text() { return statement_.getColumn(at_++).getString(); }
  std::optional<std::int64_t> maybe() {
    const auto column = statement_.getColumn(at_++);
    return column.isNull() ? std::nullopt : std::optional<std::int64_t>(column.getInt64());
  }
  std::optional<Money> maybe_money() {
    const auto value = maybe();
    return value ? std::optional(Money{*value}) : std::nullopt;
  }

 private:
  SQLite::Statement& statement_;
  int at_ = 0;
};

void bind_usage(Binder& out, const Usage& usage) {
  for (const auto& count :
       {usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.output,
        usage.reasoning, usage.input_audio, usage.output_audio, usage.cache_read_audio,
        usage.input_image, usage.output_image, usage.web_searches})
    out.maybe(count);
  out.text(usage.service_tier);
  out.maybe(usage.stated_cost);
}

void read_usage(Reader& in, Usage& usage) {
  for (auto* count :
       {&usage.input, &usage.cache_read, &usage.cache_write_5m, &usage.cache_write_1h,
        &usage.output, &usage.reasoning, &usage.input_audio, &usage.output_audio,
        &usage.cache_read_audio, &usage.input_image, &usage.output_image, &usage.web_searches})
    *count = in.maybe();
  usage.service_tier = in.text();
  usage.stated_cost = in.maybe_money();
}

void read_decision(Reader& in, StoredTrace& stored) {
  auto kept = decision_of(in.text());
  if (!kept) return;
  stored.row.decision = std::move(kept->decision);
  stored.candidates_left_out = kept->candidates_left_out;
  stored.exclusions_left_out = kept->exclusions_left_out;
}

}  // namespace

void bind_row(SQLite::Statement& statement, std::int64_t sequence, const TraceRow& row) {
  Binder out(statement);
  out.number(sequence);
  out.text(row.id);
  out.number(micros_since_epoch(row.time));
  for (const auto* text : {&row.key_id, &row.key_name, &row.project, &row.client, &row.session,
                           &row.dialect, &row.operation})
    out.text(*text);
  out.number(row.stream ? 1 : 0);
  for (const auto* text : {&row.requested_model, &row.model, &row.provider, &row.upstream_model})
    out.text(*text);
  bind_usage(out, row.usage);
  out.word(to_word(row.usage_source));
  out.maybe(row.cost);
  out.word(to_word(row.price_source));
  out.number(row.latency.count());
  out.maybe(row.ttft ? std::optional<std::int64_t>(row.ttft->count()) : std::nullopt);
  out.number(row.overhead.count());
  out.number(row.status);
  out.text(row.finish_reason);
  out.text(row.error);
  out.word(to_string(row.state));
  out.word(to_string(row.route));
  out.text(row.fallback_from);
  out.text(row.fallback_reason);
  out.made_text(dropped_text(row.dropped));
  out.made_text(attempts_text(row.attempts));
  out.text(row.upstream_request_id);
  out.bytes(row.bytes_in);
  out.bytes(row.bytes_out);
  out.maybe(row.clamped);
  out.maybe(row.reserved);
  out.number(row.overrun ? 1 : 0);
  out.maybe_text(row.decision ? std::optional(decision_text(*row.decision)) : std::nullopt);
}

StoredTrace read_row(SQLite::Statement& statement) {
  StoredTrace stored;
  TraceRow& row = stored.row;
  Reader in(statement);
  stored.sequence = in.number();
  row.id = in.text();
  row.time = wall_from_micros(in.number());
  for (auto* text : {&row.key_id, &row.key_name, &row.project, &row.client, &row.session,
                     &row.dialect, &row.operation})
    *text = in.text();
  row.stream = in.number() != 0;
  for (auto* text : {&row.requested_model, &row.model, &row.provider, &row.upstream_model})
    *text = in.text();
  read_usage(in, row.usage);
  row.usage_source = usage_source_of(in.text());
  row.cost = in.maybe_money();
  row.price_source = price_source_of(in.text());
  row.latency = std::chrono::microseconds(in.number());
  if (const auto ttft = in.maybe()) row.ttft = std::chrono::microseconds(*ttft);
  row.overhead = std::chrono::microseconds(in.number());
  row.status = static_cast<int>(in.number());
  row.finish_reason = in.text();
  row.error = in.text();
  row.state = final_state_of(in.text());
  row.route = route_of(in.text());
  row.fallback_from = in.text();
  row.fallback_reason = in.text();
  row.dropped = dropped_of(in.text());
  row.attempts = attempts_of(in.text());
  row.upstream_request_id = in.text();
  row.bytes_in = static_cast<std::uint64_t>(in.number());
  row.bytes_out = static_cast<std::uint64_t>(in.number());
  row.clamped = in.maybe();
  row.reserved = in.maybe_money();
  row.overrun = in.number() != 0;
  read_decision(in, stored);
  return stored;
}

}  // namespace routerone::store
