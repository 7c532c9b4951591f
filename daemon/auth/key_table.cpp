#include "daemon/auth/key_table.h"

#include <algorithm>
#include <cstring>

#include "common/core/text.h"
#include "daemon/auth/hmac.h"

namespace routerone::auth {
namespace {

constexpr std::string_view prefix = "sk-rk-";
constexpr std::size_t random_digits = 30;
constexpr std::size_t checksum_digits = 6;
constexpr std::size_t key_size = prefix.size() + random_digits + checksum_digits;
constexpr std::string_view alphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

constexpr std::array<std::uint32_t, 256> crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xEDB88320U & (0U - (crc & 1U)));
    table[i] = crc;
  }
  return table;
}();

/// CRC-32 (IEEE 802.3).
std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = ~0U;
  for (const char c : text) {
    crc = (crc >> 8) ^ crc_table[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
  }
  return ~crc;
}

std::string checksum_of(std::string_view text) {
  std::string digits(checksum_digits, '0');
  std::uint32_t left = crc32(text);
  for (std::size_t i = checksum_digits; i-- > 0; left /= 62) digits[i] = alphabet[left % 62];
  return digits;
}

/// A login of somebody else's service that an agent sends along.
bool is_foreign(std::string_view credential) {
  return credential.starts_with("sk-ant-") || credential.starts_with("sk-proj-") ||
         credential.starts_with("eyJ");
}

}  // namespace

std::string_view explain(KeyFault fault) {
  switch (fault) {
    case KeyFault::none_sent:
      return "no routerone key was sent; make one with: routerone keys create NAME";
    case KeyFault::malformed:
      return "this is not a routerone key (it does not pass its checksum)";
    case KeyFault::unknown:
      return "this routerone key is not known here";
    case KeyFault::expired:
      return "this routerone key has expired; see: routerone keys list";
    case KeyFault::revoked:
      return "this routerone key was revoked; make another with: routerone keys create NAME";
    case KeyFault::ended:
      return "this routerone key was that of a run, which has ended; start another with: routerone "
             "run -- CMD";
    case KeyFault::foreign:
      return "a login of another service was sent in place of a routerone key; make one with: "
             "routerone keys create NAME";
  }
  return "the key was refused";
}

Secret make_key(Random& random) {
  std::string key(prefix);
  while (key.size() < prefix.size() + random_digits) {
    std::array<std::uint8_t, 64> bytes;
    random.fill(bytes);
    for (const std::uint8_t byte : bytes) {
      // 248 = 4 x 62: what lies above would make some digits likelier than others.
      if (byte < 248 && key.size() < prefix.size() + random_digits) key += alphabet[byte % 62];
    }
  }
  return Secret(key + checksum_of(key));
}

bool well_formed(std::string_view key) {
  if (key.size() != key_size || !key.starts_with(prefix)) return false;
  const std::string_view digits = key.substr(prefix.size());
  if (digits.find_first_not_of(alphabet) != std::string_view::npos) return false;
  const std::size_t checked = key_size - checksum_digits;
  return checksum_of(key.substr(0, checked)) == key.substr(checked);
}

std::array<std::uint8_t, 32> key_hmac(const Secret& pepper, std::string_view key) {
  return HmacKey(pepper.reveal()).sign(key);
}

std::size_t KeyTable::Hash::operator()(const std::array<std::uint8_t, 32>& hmac) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, hmac.data(), sizeof hash);
  return hash;
}

KeyTable::KeyTable(const std::vector<KeyRecord>& keys, const Secret& pepper)
    : pepper_(pepper.reveal()) {
  for (const KeyRecord& key : keys) by_hmac_.emplace(key.hmac, &key);
}

tl::expected<Caller, KeyFault> KeyTable::authenticate(std::span<const std::string_view> credentials,
                                                      WallTime now) const {
  std::optional<KeyFault> first;
  const auto refuse = [&first](KeyFault fault) {
    if (!first) first = fault;
  };
  for (const std::string_view credential : credentials) {
    if (credential.empty()) continue;
    if (!well_formed(credential)) {
      refuse(is_foreign(credential) ? KeyFault::foreign : KeyFault::malformed);
      continue;
    }
    const auto found = by_hmac_.find(pepper_.sign(credential));
    if (found == by_hmac_.end()) {
      refuse(KeyFault::unknown);
    } else if (found->second->revoked) {
      refuse(found->second->run ? KeyFault::ended : KeyFault::revoked);
    } else if (found->second->limits.expires && *found->second->limits.expires <= now) {
      refuse(KeyFault::expired);
    } else {
      return Caller{found->second};
    }
  }
  return tl::unexpected(first.value_or(KeyFault::none_sent));
}

}  // namespace routerone::auth
