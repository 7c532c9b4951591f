#include "daemon/control/request_counts.h"

#include <algorithm>

#include "common/core/saturating.h"

namespace routerone::control {
namespace {

using std::chrono::microseconds;
using namespace std::chrono_literals;

constexpr std::array<microseconds, 13> latency_edges = {50ms, 100ms, 250ms, 500ms, 1s,   2500ms, 5s,
                                                        10s,  30s,   60s,   120s,  300s, 600s};
constexpr std::array<microseconds, 11> first_byte_edges = {50ms, 100ms, 250ms, 500ms, 1s,  2500ms,
                                                           5s,   10s,   30s,   60s,   120s};
constexpr std::array<microseconds, 11> overhead_edges = {50us, 100us, 250us, 500us, 1ms,  2500us,
                                                         5ms,  10ms,  25ms,  100ms, 500ms};
constexpr const char* others = "other";

std::size_t class_of(int status) {
  return status < 100 || status > 599 ? 0 : static_cast<std::size_t>(status / 100);
}

void add_tokens(std::uint64_t& sum, const std::optional<std::int64_t>& tokens) {
  if (tokens && *tokens > 0)
    sum = static_cast<std::uint64_t>(saturating_add(static_cast<std::int64_t>(sum), *tokens));
}

void add_usage(RequestCounts::OfModel& sums, const Usage& usage) {
  auto& [input, cache_read, cache_write, output, reasoning] = sums.tokens;
  for (const auto& part : {usage.input, usage.input_audio, usage.input_image})
    add_tokens(input, part);
  for (const auto& part : {usage.cache_read, usage.cache_read_audio}) add_tokens(cache_read, part);
  for (const auto& part : {usage.cache_write_5m, usage.cache_write_1h})
    add_tokens(cache_write, part);
  for (const auto& part : {usage.output, usage.output_audio, usage.output_image})
    add_tokens(output, part);
  add_tokens(reasoning, usage.reasoning);
}

}  // namespace

void Histogram::add(microseconds took) {
  const auto edge = std::lower_bound(edges_.begin(), edges_.end(), took);
  ++counts_[static_cast<std::size_t>(edge - edges_.begin())];
  sum_ += took;
}

RequestCounts::OfProvider::OfProvider() : latency(latency_edges), first_byte(first_byte_edges) {}
RequestCounts::Totals::Totals() : overhead(overhead_edges) {}

RequestCounts::OfModel& RequestCounts::model_of(const TraceRow& row) {
  std::pair<std::string, std::string> name(row.provider, row.provider.empty() ? "" : row.model);
  if (!totals_.models.contains(name) && totals_.models.size() >= most_models)
    name = {others, others};
  return totals_.models[std::move(name)];
}

RequestCounts::OfProvider& RequestCounts::provider_of(const std::string& name) {
  const bool fits = totals_.providers.contains(name) || totals_.providers.size() < most_providers;
  return totals_.providers[fits ? name : others];
}

void RequestCounts::count(const TraceRow& row) {
  const std::lock_guard hold(mutex_);
  OfModel& model = model_of(row);
  ++model.requests[class_of(row.status)];
  add_usage(model, row.usage);
  model.cost += row.cost.value_or(Money{});
  model.unknown_cost += row.cost ? 0 : 1;
  if (!row.error.empty()) ++totals_.errors[row.error];
  if (!row.fallback_reason.empty()) ++totals_.fallbacks[row.fallback_reason];
  for (const Attempt& attempt : row.attempts) {
    const bool well = attempt.failure == FailureClass::none;
    ++provider_of(attempt.provider)
          .attempts[well ? std::string() : std::string(to_string(attempt.failure))];
  }
  if (row.provider.empty()) return;
  OfProvider& provider = provider_of(row.provider);
  provider.latency.add(row.latency);
  if (row.ttft) provider.first_byte.add(*row.ttft);
  totals_.overhead.add(row.overhead);
}

RequestCounts::Totals RequestCounts::totals() const {
  const std::lock_guard hold(mutex_);
  return totals_;
}

}  // namespace routerone::control
