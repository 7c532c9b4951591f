#include "daemon/websocket/handshake.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "common/core/text.h"

namespace routerone::websocket {
namespace {

constexpr std::string_view magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t key_length = 24;  // 16 bytes in base64

bool lists(const http::RequestHead& head, std::string_view name, std::string_view token) {
  for (const http::Field& field : head.fields) {
    if (!iequals(field.name, name)) continue;
    for (const std::string_view option : split(field.value, ',')) {
      if (iequals(trim(option), token)) return true;
    }
  }
  return false;
}

/// Base64 of exactly sixteen bytes: the last digit before the padding has but two bits.
bool is_key(std::string_view key) {
  if (key.size() != key_length || !key.ends_with("==")) return false;
  const std::string_view digits = key.substr(0, key_length - 2);
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  return std::all_of(digits.begin(), digits.end(), is_digit) &&
         std::string_view("AQgw").find(digits.back()) != std::string_view::npos;
}

std::string accept_for(std::string_view key) {
  const std::string text = std::string(key).append(magic);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), SHA_DIGEST_LENGTH);
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

}  // namespace

bool is_asked_for(const http::RequestHead& head) { return lists(head, "upgrade", "websocket"); }

tl::expected<std::string, HandshakeFault> accept_handshake(const http::RequestHead& head) {
  const auto fault = [](std::string_view what, std::string_view field) {
    return tl::unexpected(HandshakeFault{false, what, field});
  };
  if (head.method != "GET" || head.minor_version == 0) {
    return fault("a WebSocket is opened by GET in HTTP/1.1", "upgrade");
  }
  if (!lists(head, "connection", "upgrade")) {
    return fault("a WebSocket is opened with Connection: Upgrade", "connection");
  }
  if (http::find(head.fields, "sec-websocket-version").value_or("") != served_version) {
    return tl::unexpected(HandshakeFault{true, "Sec-WebSocket-Version 13 is the one that is served",
                                         "sec-websocket-version"});
  }
  const auto keys = std::count_if(head.fields.begin(), head.fields.end(), [](const auto& field) {
    return iequals(field.name, "sec-websocket-key");
  });
  const std::string_view key = http::find(head.fields, "sec-websocket-key").value_or("");
  if (keys != 1 || !is_key(key)) {
    return fault("Sec-WebSocket-Key must be sixteen bytes in base64, given once",
                 "sec-websocket-key");
  }
  return accept_for(key);
}

}  // namespace routerone::websocket
