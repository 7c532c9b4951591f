#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "common/core/clock.h"
#include "common/core/random.h"
#include "common/core/secret.h"
#include "daemon/auth/hmac.h"
#include "daemon/exchange/caller.h"
#include "daemon/exchange/control_data.h"

namespace routerone::auth {

/// A routerone key: `sk-rk-` + 30 base62 + 6 base62 of the CRC-32 of what stands before it.
Secret make_key(Random&);
/// Form and checksum only; needs no table.
bool well_formed(std::string_view key);

std::array<std::uint8_t, 32> key_hmac(const Secret& pepper, std::string_view key);

enum class KeyFault { none_sent, malformed, unknown, expired, revoked, ended, foreign };

/// What to tell the caller's person, with what mends it.
std::string_view explain(KeyFault);

/// All keys of a snapshot, by HMAC. Immutable, so any thread may ask. A well-formed key costs one
/// HMAC and one look-up whoever it belongs to; nothing compares key bytes.
class KeyTable {
 public:
  KeyTable(const std::vector<KeyRecord>& keys, const Secret& pepper);

  /// The first of `credentials` that is a valid key. If none is, why the first was refused.
  tl::expected<Caller, KeyFault> authenticate(std::span<const std::string_view> credentials,
                                              WallTime now) const;

 private:
  struct Hash {
    std::size_t operator()(const std::array<std::uint8_t, 32>&) const noexcept;
  };
  std::unordered_map<std::array<std::uint8_t, 32>, const KeyRecord*, Hash> by_hmac_;
  HmacKey pepper_;
};

}  // namespace routerone::auth
