#include "daemon/store/usage_sums.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "common/core/saturating.h"

namespace routerone::store {

const char* const facts_columns =
    "input, input_audio, input_image, cache_read, cache_read_audio, cache_write_5m, "
    "cache_write_1h, output, output_audio, output_image, reasoning, cost, latency_us, ttft_us, "
    "error <> ''";

const char* const sums_columns =
    "requests, errors, input, cache_read, cache_write, output, reasoning, unknown_cost, cost, "
    "latency, ttft";

namespace {

using Count = std::optional<std::int64_t>;

/// A row counts at most 2^40 tokens of a class, whatever a provider claimed.
std::int64_t tokens(std::initializer_list<Count> counts) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  std::int64_t sum = 0;
  for (const auto& count : counts) sum = saturating_add(sum, count.value_or(0));
  return std::clamp(sum, std::int64_t{0}, most);
}

Count maybe(const SQLite::Column& column) {
  return column.isNull() ? Count() : Count(column.getInt64());
}

std::array<std::int64_t UsageSums::*, 8> counts() {
  return {&UsageSums::requests,   &UsageSums::errors,      &UsageSums::input,
          &UsageSums::cache_read, &UsageSums::cache_write, &UsageSums::output,
          &UsageSums::reasoning,  &UsageSums::unknown_cost};
}

std::string_view bytes_of(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

}  // namespace

UsageFacts facts_of(const TraceRow& row) {
  const Usage& usage = row.usage;
  UsageFacts facts;
  facts.input = tokens({usage.input, usage.input_audio, usage.input_image});
  facts.cache_read = tokens({usage.cache_read, usage.cache_read_audio});
  facts.cache_write = tokens({usage.cache_write_5m, usage.cache_write_1h});
  facts.output = tokens({usage.output, usage.output_audio, usage.output_image});
  facts.reasoning = tokens({usage.reasoning});
  facts.cost = row.cost;
  facts.latency = row.latency;
  facts.ttft = row.ttft;
  facts.failed = !row.error.empty();
  return facts;
}

UsageFacts read_facts(SQLite::Statement& row, int at) {
  const auto next = [&] { return maybe(row.getColumn(at++)); };
  const Count input = next(), input_audio = next(), input_image = next();
  const Count cache_read = next(), cache_read_audio = next(), write_5m = next(), write_1h = next();
  const Count output = next(), output_audio = next(), output_image = next(), reasoning = next();
  UsageFacts facts;
  facts.input = tokens({input, input_audio, input_image});
  facts.cache_read = tokens({cache_read, cache_read_audio});
  facts.cache_write = tokens({write_5m, write_1h});
  facts.output = tokens({output, output_audio, output_image});
  facts.reasoning = tokens({reasoning});
  if (const auto cost = next()) facts.cost = Money{*cost};
  facts.latency = std::chrono::microseconds(next().value_or(0));
  if (const auto ttft = next()) facts.ttft = std::chrono::microseconds(*ttft);
  facts.failed = next().value_or(0) != 0;
  return facts;
}

void UsageSums::add(const UsageFacts& facts) {
  requests = saturating_add(requests, 1);
  input = saturating_add(input, facts.input);
  cache_read = saturating_add(cache_read, facts.cache_read);
  cache_write = saturating_add(cache_write, facts.cache_write);
  output = saturating_add(output, facts.output);
  reasoning = saturating_add(reasoning, facts.reasoning);
  if (facts.cost)
    cost += *facts.cost;
  else
    unknown_cost = saturating_add(unknown_cost, 1);
  if (facts.failed) {
    errors = saturating_add(errors, 1);
    return;
  }
  latency.add(facts.latency);
  if (facts.ttft) ttft.add(*facts.ttft);
}

void UsageSums::add(const UsageSums& other) {
  for (const auto count : counts()) this->*count = saturating_add(this->*count, other.*count);
  cost += other.cost;
  latency.add(other.latency);
  ttft.add(other.ttft);
}

void add_sums(UsageSums& sums, SQLite::Statement& row, int at) {
  for (const auto count : counts())
    sums.*count = saturating_add(sums.*count, row.getColumn(at++).getInt64());
  sums.cost += Money{row.getColumn(at++).getInt64()};
  sums.latency.add_encoded(bytes_of(row.getColumn(at++)));
  sums.ttft.add_encoded(bytes_of(row.getColumn(at)));
}

void bind_sums(SQLite::Statement& statement, int at, const UsageSums& sums) {
  for (const auto count : counts()) statement.bind(at++, sums.*count);
  statement.bind(at++, sums.cost.picousd);
  const std::string latency = sums.latency.encoded(), ttft = sums.ttft.encoded();
  statement.bind(at++, latency.data(), static_cast<int>(latency.size()));
  statement.bind(at, ttft.data(), static_cast<int>(ttft.size()));
}

}  // namespace routerone::store
