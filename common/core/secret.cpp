#include "common/core/secret.h"

#include <utility>

namespace routerone {

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    other.wipe();
  }
  return *this;
}

void Secret::wipe() noexcept {
  // The whole capacity: a shorter string may stand in a buffer that held a longer one. Volatile,
  // because the compiler may drop writes to memory that is about to be freed.
  volatile char* byte = bytes_.data();
  for (std::size_t left = bytes_.capacity(); left > 0; --left) *byte++ = 0;
  bytes_.clear();
}

}  // namespace routerone
