#pragma once

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

}  // namespace routerone
