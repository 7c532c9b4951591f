#include "daemon/store/row.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>

#include "common/json/json.h"
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
  bytes_out, clamped, reserved, overrun)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
)sql";

const char* const select_row_sql = R"sql(
SELECT
  sequence, id, time, key_id, key_name, project, client, session, dialect, operation, stream,
  requested_model, model, provider, upstream_model,
  input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, input_audio, output_audio,
  cache_read_audio, input_image, output_image, web_searches, service_tier, stated_cost,
  usage_source, cost, price_source, latency_us, ttft_us, overhead_us, status, finish_reason, error,
  state, route, fallback_from, fallback_reason, dropped, attempts, upstream_request_id, bytes_in,
  bytes_out, clamped, reserved, overrun
FROM traces )sql";

namespace {

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A row is written for each request: what needs no escape, which is nearly all, is only copied.
void append_quoted(std::string& out, std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
  });
  if (!plain) {
    out += text_of(Json(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

std::string attempts_text(const std::vector<Attempt>& attempts) {
  std::string out = "[";
  for (const auto& attempt : attempts) {
    out += out.size() == 1 ? R"({"provider":)" : R"(,{"provider":)";
    append_quoted(out, attempt.provider);
    out += R"(,"upstream_model":)";
    append_quoted(out, attempt.upstream_model);
    out += R"(,"status":)" + std::to_string(attempt.status);
    out += R"(,"failure":)";
    append_quoted(out, to_string(attempt.failure));
    out += R"(,"error_code":)";
    append_quoted(out, attempt.error_code);
    out += R"(,"latency_us":)" + std::to_string(attempt.latency.count());
    if (attempt.cost) out += R"(,"cost":)" + std::to_string(attempt.cost->picousd);
    if (attempt.replayed) out += R"(,"replayed":true)";
    out += '}';
  }
  return out + ']';
}

std::vector<Attempt> attempts_of(const std::string& text) {
  std::vector<Attempt> attempts;
  const auto list = parse_json(text);
  if (!list || !list->is_array()) return attempts;
  for (const auto& entry : *list) {
    const auto word = [&](const char* name) {
      const auto found = entry.find(name);
      return found != entry.end() && found->is_string() ? found->template get<std::string>()
                                                        : std::string();
    };
    const auto number = [&](const char* name) {
      const auto found = entry.find(name);
      return found != entry.end() && found->is_number_integer()
                 ? found->template get<std::int64_t>()
                 : 0;
    };
    if (!entry.is_object()) continue;
    Attempt attempt;
    attempt.provider = word("provider");
    attempt.upstream_model = word("upstream_model");
    attempt.status = static_cast<int>(number("status"));
    attempt.failure = failure_class_of(word("failure"));
    attempt.error_code = word("error_code");
    attempt.latency = std::chrono::microseconds(number("latency_us"));
    if (entry.contains("cost")) attempt.cost = Money{number("cost")};
    attempt.replayed = entry.contains("replayed");
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

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
  return stored;
}

}  // namespace routerone::store
