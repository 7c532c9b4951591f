// OpenSSL 3 calls its plain SHA-256 deprecated; what it offers instead looks the algorithm up and
// allocates a dozen times a signature, on the path of every request.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "daemon/auth/hmac.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace routerone::auth {

struct HmacKey::States {
  SHA256_CTX inner;
  SHA256_CTX outer;
};

HmacKey::HmacKey(std::string_view key) : states_(std::make_unique<States>()) {
  std::array<std::uint8_t, SHA256_CBLOCK> block{};
  if (key.size() > block.size()) {
    SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), block.data());
  } else {
    key.copy(reinterpret_cast<char*>(block.data()), key.size());
  }
  const auto start = [&block](SHA256_CTX& state, std::uint8_t pad) {
    std::array<std::uint8_t, SHA256_CBLOCK> padded{};
    for (std::size_t i = 0; i < block.size(); ++i) {
      padded[i] = static_cast<std::uint8_t>(block[i] ^ pad);
    }
    SHA256_Init(&state);
    SHA256_Update(&state, padded.data(), padded.size());
    OPENSSL_cleanse(padded.data(), padded.size());
  };
  start(states_->inner, 0x36);
  start(states_->outer, 0x5c);
  OPENSSL_cleanse(block.data(), block.size());
}

HmacKey::~HmacKey() { OPENSSL_cleanse(states_.get(), sizeof(States)); }

std::array<std::uint8_t, 32> HmacKey::sign(std::string_view text) const {
  std::array<std::uint8_t, 32> digest{};
  SHA256_CTX inner = states_->inner;
  SHA256_Update(&inner, text.data(), text.size());
  SHA256_Final(digest.data(), &inner);
  SHA256_CTX outer = states_->outer;
  SHA256_Update(&outer, digest.data(), digest.size());
  SHA256_Final(digest.data(), &outer);
  return digest;
}

}  // namespace routerone::auth
