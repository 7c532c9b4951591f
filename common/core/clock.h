#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>

namespace routerone {

using WallTime =
    std::chrono::sys_time<std::chrono::microseconds>;      ///< UTC; for people and records.
using SteadyTime = std::chrono::steady_clock::time_point;  ///< For intervals and deadlines.
using Millis = std::chrono::milliseconds;

/// The only source of time; nothing else calls ::now(). Thread-safe. Tests replace it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual SteadyTime steady() const = 0;
  /// Like steady(), but goes on while the machine sleeps: what limit windows are measured by.
  virtual SteadyTime continuous() const { return steady(); }
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
#ifdef CLOCK_BOOTTIME  // Elsewhere a sleep makes a limit's window longer, never shorter.
  SteadyTime continuous() const override {
    timespec since_boot{};
    if (::clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) return steady();
    return SteadyTime(std::chrono::seconds(since_boot.tv_sec) +
                      std::chrono::nanoseconds(since_boot.tv_nsec));
  }
#endif
};

inline std::int64_t micros_since_epoch(WallTime at) { return at.time_since_epoch().count(); }
inline WallTime wall_from_micros(std::int64_t us) {
  return WallTime(std::chrono::microseconds(us));
}

}  // namespace routerone
