#include "common/core/random.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace routerone {

void SystemRandom::fill(std::span<std::uint8_t> out) {
  constexpr std::size_t most_at_once = 256;  // POSIX: getentropy(3) gives no more in one call
  while (!out.empty()) {
    const auto now = std::min(out.size(), most_at_once);
    if (::getentropy(out.data(), now) != 0) std::abort();
    out = out.subspan(now);
  }
}

}  // namespace routerone
