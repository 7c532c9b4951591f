#include "daemon/store/histogram.h"

#include <algorithm>
#include <array>
#include <limits>

#include "daemon/store/varint.h"

namespace routerone::store {
namespace {

constexpr std::size_t buckets = 188;

/// Where each bucket begins, in microseconds. The first takes all below 100, the last has no end.
constexpr std::array<std::int64_t, buckets> beginnings = [] {
  std::array<std::int64_t, buckets> all{};
  std::int64_t next = 100;
  for (std::size_t i = 1; i < all.size(); ++i) {
    all[i] = next;
    next += next / 10;
  }
  return all;
}();
static_assert(beginnings.back() > 3'600'000'000);

std::size_t bucket_of(std::int64_t value) {
  const auto* const after = std::upper_bound(beginnings.begin() + 1, beginnings.end(), value);
  return static_cast<std::size_t>(after - beginnings.begin()) - 1;
}

std::int64_t middle_of(std::size_t bucket) {
  if (bucket + 1 == buckets) return beginnings.back();
  return (beginnings[bucket] + beginnings[bucket + 1]) / 2;
}

}  // namespace

void Histogram::count_in(std::size_t bucket, std::uint64_t times) {
  if (bucket >= buckets) return;
  if (counts_.size() <= bucket) counts_.resize(bucket + 1);
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  counts_[bucket] = static_cast<std::uint32_t>(std::min(most, counts_[bucket] + times));
}

void Histogram::add(std::chrono::microseconds value) { count_in(bucket_of(value.count()), 1); }

void Histogram::add(const Histogram& other) {
  for (std::size_t i = other.counts_.size(); i-- > 0;)
    if (other.counts_[i] > 0) count_in(i, other.counts_[i]);
}

std::int64_t Histogram::count() const {
  std::int64_t all = 0;
  for (const auto count : counts_) all += count;
  return all;
}

std::optional<std::chrono::microseconds> Histogram::percentile(int percent) const {
  const std::int64_t all = count();
  if (all == 0) return std::nullopt;
  std::int64_t left = (all * percent + 99) / 100;
  std::size_t bucket = 0;
  for (; bucket + 1 < counts_.size(); ++bucket)
    if ((left -= counts_[bucket]) <= 0) break;
  return std::chrono::microseconds(middle_of(bucket));
}

std::string Histogram::encoded() const {
  std::string text;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    text += static_cast<char>(i);
    put_varint(text, counts_[i]);
  }
  return text;
}

void Histogram::add_encoded(std::string_view text) {
  while (!text.empty()) {
    const auto bucket = static_cast<std::uint8_t>(text.front());
    text.remove_prefix(1);
    count_in(bucket, take_varint(text));
  }
}

}  // namespace routerone::store
