#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace routerone::auth {

/// A key of HMAC-SHA-256 (RFC 2104), made ready once: signing with it allocates nothing. Immutable,
/// for any thread; wiped when it goes.
class HmacKey {
 public:
  explicit HmacKey(std::string_view key);
  ~HmacKey();
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;

  std::array<std::uint8_t, 32> sign(std::string_view text) const;

 private:
  struct States;  // of the hash, after the inner and the outer padded key
  std::unique_ptr<States> states_;
};

}  // namespace routerone::auth
