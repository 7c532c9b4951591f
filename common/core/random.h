#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace routerone {

/// The only source of randomness. Thread-safe. Tests replace it.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills `out` with bytes fit for keys.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// getrandom(2) or its portable equal; aborts if the kernel has no entropy to give.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

/// Takes from another source a page at a time, for one thread that draws little and often (ids,
/// dice). What was given out is wiped.
class BufferedRandom final : public Random {
 public:
  explicit BufferedRandom(Random& source) : source_(source) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  Random& source_;
  std::array<std::uint8_t, 1024> page_{};
  std::size_t used_ = sizeof page_;
};

}  // namespace routerone
