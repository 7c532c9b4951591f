#include "daemon/trace/trace_json.h"

#include "common/core/text.h"
#include "common/json/json.h"
#include "daemon/store/words.h"
#include "daemon/trace/routing_json.h"

namespace routerone::trace {
namespace {

using Count = std::optional<std::int64_t>;

Json or_null(const Count& count) { return count ? Json(*count) : Json(nullptr); }
Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json millis(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000.0; }

/// Unknown only if all are.
Count sum(std::initializer_list<Count> counts) {
  Count total;
  for (const auto& count : counts)
    if (count) total = total.value_or(0) + *count;
  return total;
}

void add_request(Json& out, const TraceRow& row) {
  out["id"] = row.id;
  out["time"] = format_rfc3339(row.time);
  out["key"] = row.key_name;
  out["project"] = row.project;
  out["client"] = row.client;
  out["session"] = row.session;
  out["dialect"] = row.dialect;
  out["operation"] = row.operation;
  out["stream"] = row.stream;
  out["requested_model"] = row.requested_model;
  out["model"] = row.model;
  out["provider"] = row.provider;
  out["upstream_model"] = row.upstream_model;
}

void add_usage(Json& out, const TraceRow& row) {
  const Usage& usage = row.usage;
  out["input_tokens"] = or_null(sum({usage.input, usage.input_audio, usage.input_image}));
  out["cache_read_tokens"] = or_null(sum({usage.cache_read, usage.cache_read_audio}));
  out["cache_write_tokens"] = or_null(sum({usage.cache_write_5m, usage.cache_write_1h}));
  out["output_tokens"] = or_null(sum({usage.output, usage.output_audio, usage.output_image}));
  out["reasoning_tokens"] = or_null(usage.reasoning);
  out["usage_source"] = row.usage_source == UsageSource::none
                            ? Json(nullptr)
                            : Json(store::to_word(row.usage_source));
  out["cost_usd"] = row.cost ? Json(format_usd(*row.cost)) : Json(nullptr);
  out["cost_picousd"] = row.cost ? Json(row.cost->picousd) : Json(nullptr);
  out["price_source"] = store::to_word(row.price_source);
}

/// The classes that are billed apart, for those who want to check a cost.
Json usage_details(const Usage& usage) {
  Json out = Json::object();
  const auto add = [&out](const char* name, const Count& count) {
    if (count) out[name] = *count;
  };
  add("input_text_tokens", usage.input);
  add("input_audio_tokens", usage.input_audio);
  add("input_image_tokens", usage.input_image);
  add("cache_read_audio_tokens", usage.cache_read_audio);
  add("cache_write_5m_tokens", usage.cache_write_5m);
  add("cache_write_1h_tokens", usage.cache_write_1h);
  add("output_text_tokens", usage.output);
  add("output_audio_tokens", usage.output_audio);
  add("output_image_tokens", usage.output_image);
  add("web_searches", usage.web_searches);
  if (!usage.service_tier.empty()) out["service_tier"] = usage.service_tier;
  if (usage.stated_cost) out["stated_cost_usd"] = format_usd(*usage.stated_cost);
  return out;
}

Json attempts(const std::vector<Attempt>& made) {
  Json out = Json::array();
  for (const auto& attempt : made) {
    Json entry = Json::object();
    entry["provider"] = attempt.provider;
    entry["account"] = or_null(attempt.account);
    entry["upstream_model"] = attempt.upstream_model;
    entry["status"] = attempt.status;
    const bool failed = attempt.failure != FailureClass::none;
    entry["error"] = failed ? Json(to_string(attempt.failure)) : Json(nullptr);
    entry["code"] = or_null(attempt.error_code);
    entry["latency_ms"] = millis(attempt.latency);
    entry["cost_usd"] = attempt.cost ? Json(format_usd(*attempt.cost)) : Json(nullptr);
    entry["replayed"] = attempt.replayed;
    out.push_back(std::move(entry));
  }
  return out;
}

Json fallback(const TraceRow& row) {
  if (row.fallback_from.empty()) return nullptr;
  Json out = Json::object();
  out["from"] = row.fallback_from;
  out["reason"] = row.fallback_reason;
  return out;
}

}  // namespace

Json to_json(const store::StoredTrace& stored) {
  const TraceRow& row = stored.row;
  Json out = Json::object();
  out["schema"] = 1;
  out["sequence"] = stored.sequence;
  add_request(out, row);
  add_usage(out, row);
  out["usage_details"] = usage_details(row.usage);
  out["latency_ms"] = millis(row.latency);
  out["ttft_ms"] = row.ttft ? millis(*row.ttft) : Json(nullptr);
  out["overhead_us"] = row.overhead.count();
  out["status"] = row.status;
  out["finish_reason"] = or_null(row.finish_reason);
  out["error"] = or_null(row.error);
  out["state"] = to_string(row.state);
  out["dropped"] = row.dropped;
  out["clamped"] = or_null(row.clamped);
  out["reserved_usd"] = row.reserved ? Json(format_usd(*row.reserved)) : Json(nullptr);
  out["reserved_picousd"] = row.reserved ? Json(row.reserved->picousd) : Json(nullptr);
  out["overrun"] = row.overrun;
  out["route"] = to_string(row.route);
  out["fallback"] = fallback(row);
  out["attempts"] = attempts(row.attempts);
  out["routing"] = row.decision ? routing_json(stored) : Json(nullptr);
  out["upstream_request_id"] = row.upstream_request_id;
  out["bytes_in"] = row.bytes_in;
  out["bytes_out"] = row.bytes_out;
  return out;
}

}  // namespace routerone::trace
