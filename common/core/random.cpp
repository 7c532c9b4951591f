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

void BufferedRandom::fill(std::span<std::uint8_t> out) {
  if (out.size() > page_.size()) return source_.fill(out);
  if (page_.size() - used_ < out.size()) {
    source_.fill(page_);
    used_ = 0;
  }
  const auto from = page_.begin() + static_cast<std::ptrdiff_t>(used_);
  std::copy_n(from, out.size(), out.begin());
  std::fill_n(from, out.size(), std::uint8_t{0});
  used_ += out.size();
}

}  // namespace routerone
