#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace routerone::store {

/// How long things took, counted in buckets that each end a tenth above their beginning: from 100
/// microseconds to an hour a percentile is right to within 5 %. Grows to its largest value only.
class Histogram {
 public:
  void add(std::chrono::microseconds value);
  void add(const Histogram&);

  std::int64_t count() const;
  /// The value that so many of a hundred do not exceed; nullopt: nothing was counted.
  std::optional<std::chrono::microseconds> percentile(int percent) const;

  /// As it stands in the database: a byte that numbers a bucket and its count, in groups of 7 bits,
  /// lowest first, for each bucket that is not empty.
  std::string encoded() const;
  /// Adds what was encoded; what cannot be read of it is left out.
  void add_encoded(std::string_view);

 private:
  void count_in(std::size_t bucket, std::uint64_t times);
  std::vector<std::uint32_t> counts_;
};

}  // namespace routerone::store
