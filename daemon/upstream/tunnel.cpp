#include "daemon/upstream/tunnel.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <string_view>

namespace routerone::upstream {
namespace {

constexpr std::size_t longest_head = 16 << 10;
constexpr std::size_t longest_socks_word = 255;

using Refused = std::optional<std::string>;

/// Bytes that hold a credential, wiped when they go.
struct SecretBytes {
  std::string text;
  SecretBytes() { text.reserve(2048); }  // so that growing leaves no copy behind
  ~SecretBytes() { OPENSSL_cleanse(text.data(), text.size()); }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
};

net::Task<bool> send(Connection& wire, std::string_view bytes) {
  const std::array<std::string_view, 1> pieces = {bytes};
  co_return co_await wire.write(pieces);
}

/// Waits until so much is unread; false: the proxy left before.
net::Task<bool> await_bytes(Connection& wire, std::size_t count) {
  while (wire.unread().size() < count) {
    const std::size_t came = co_await wire.read_more();
    if (came == 0) co_return false;
  }
  co_return true;
}

const std::string left = "the proxy closed the connection";

// --- HTTP CONNECT

void add_basic(std::string& head, std::string_view credential) {
  SecretBytes encoded;
  encoded.text.resize(4 * ((credential.size() + 2) / 3) + 1);
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.text.data()),
                                   reinterpret_cast<const unsigned char*>(credential.data()),
                                   static_cast<int>(credential.size()));
  head += "proxy-authorization: Basic ";
  head.append(encoded.text, 0, static_cast<std::size_t>(size));
  head += "\r\n";
}

Refused judge_connect(std::string_view head) {
  const bool is_http = head.starts_with("HTTP/1.0 ") || head.starts_with("HTTP/1.1 ");
  if (!is_http || head.size() < 12) return "the proxy does not speak HTTP";
  const std::string_view status = head.substr(9, 3);
  if (status.front() == '2') return std::nullopt;
  if (status == "407") return "the proxy wants another user and password";
  if (status.find_first_not_of("0123456789") != std::string_view::npos) {
    return "the proxy does not speak HTTP";
  }
  return "the proxy refused with status " + std::string(status);
}

net::Task<Refused> connect(Connection& wire, const Proxy& proxy, std::string authority) {
  SecretBytes asked;
  asked.text = "CONNECT " + authority + " HTTP/1.1\r\nhost: " + authority + "\r\n";
  if (proxy.credential) add_basic(asked.text, proxy.credential->reveal());
  asked.text += "\r\n";
  const bool sent = co_await send(wire, asked.text);
  if (!sent) co_return left;
  std::size_t end = std::string_view::npos;
  while ((end = wire.unread().find("\r\n\r\n")) == std::string_view::npos) {
    if (wire.unread().size() > longest_head) co_return "the proxy's answer is too long";
    const std::size_t came = co_await wire.read_more();
    if (came == 0) co_return left;
  }
  Refused refused = judge_connect(wire.unread().substr(0, end));
  if (refused) co_return refused;
  wire.consume(end + 4);
  // The provider speaks when it is spoken to; these bytes are somebody else's.
  if (!wire.unread().empty()) co_return "the proxy sent more than its answer";
  co_return std::nullopt;
}

// --- SOCKS5

constexpr char version = 5, login_version = 1;
constexpr char no_login = 0, by_password = 2;

std::string_view socks_word(char code) {
  switch (code) {
    case 2:
      return "the proxy does not allow this connection";
    case 3:
      return "the proxy has no way to the provider's network";
    case 4:
      return "the proxy cannot reach the provider";
    case 5:
      return "the provider refused the proxy's connection";
    case 6:
      return "the proxy's connection to the provider took too long";
    case 7:
      return "the proxy does not know CONNECT";
    case 8:
      return "the proxy does not take this kind of address";
    default:
      return "the proxy failed";
  }
}

/// An address as the protocol has it: four or sixteen bytes, else a name that the proxy looks up.
std::string socks_address(const std::string& host) {
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) {
    return std::string(1, '\x01') + std::string(bytes.data(), 4);
  }
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) {
    return std::string(1, '\x04') + std::string(bytes.data(), 16);
  }
  return std::string(1, '\x03') + static_cast<char>(host.size()) + host;
}

net::Task<Refused> log_in(Connection& wire, std::string_view credential) {
  const std::size_t colon = std::min(credential.find(':'), credential.size());
  const std::string_view user = credential.substr(0, colon);
  const std::string_view password = credential.substr(std::min(colon + 1, credential.size()));
  if (user.size() > longest_socks_word || password.size() > longest_socks_word) {
    co_return "the proxy's user or password is longer than SOCKS5 takes";
  }
  SecretBytes words;
  words.text += login_version;
  words.text += static_cast<char>(user.size());
  words.text += user;
  words.text += static_cast<char>(password.size());
  words.text += password;
  const bool sent = co_await send(wire, words.text);
  const bool came = sent && co_await await_bytes(wire, 2);
  if (!came) co_return left;
  const bool taken = wire.unread()[1] == 0;
  wire.consume(2);
  if (!taken) co_return "the proxy wants another user and password";
  co_return std::nullopt;
}

net::Task<Refused> greet(Connection& wire, const Proxy& proxy) {
  std::string greeting{version, 1, no_login};
  if (proxy.credential) greeting = {version, 2, no_login, by_password};
  const bool sent = co_await send(wire, greeting);
  const bool came = sent && co_await await_bytes(wire, 2);
  if (!came) co_return left;
  const char spoken = wire.unread()[0], method = wire.unread()[1];
  wire.consume(2);
  if (spoken != version) co_return "the proxy does not speak SOCKS5";
  if (method == no_login) co_return std::nullopt;
  if (method == by_password && proxy.credential) {
    co_return co_await log_in(wire, proxy.credential->reveal());
  }
  co_return "the proxy wants a user and a password";
}

/// What is left of a reply whose first five bytes have come.
std::size_t reply_size(std::string_view start) {
  switch (start[3]) {
    case 1:
      return 4 + 4 + 2;
    case 4:
      return 4 + 16 + 2;
    default:
      return 4 + 1 + static_cast<unsigned char>(start[4]) + 2;
  }
}

net::Task<Refused> socks5(Connection& wire, const Proxy& proxy, const std::string& host,
                          std::uint16_t port) {
  if (host.size() > longest_socks_word) co_return "the provider's name is too long for SOCKS5";
  Refused refused = co_await greet(wire, proxy);
  if (refused) co_return refused;
  std::string asked{version, 1, 0};
  asked += socks_address(host);
  asked += static_cast<char>(port >> 8);
  asked += static_cast<char>(port & 0xff);
  const bool sent = co_await send(wire, asked);
  const bool began = sent && co_await await_bytes(wire, 5);
  if (!began) co_return left;
  if (wire.unread()[0] != version) co_return "the proxy does not speak SOCKS5";
  if (wire.unread()[1] != 0) co_return std::string(socks_word(wire.unread()[1]));
  const std::size_t size = reply_size(wire.unread());
  const bool whole = co_await await_bytes(wire, size);
  if (!whole) co_return left;
  wire.consume(size);
  if (!wire.unread().empty()) co_return "the proxy sent more than its answer";
  co_return std::nullopt;
}

}  // namespace

net::Task<std::optional<std::string>> open_tunnel(Connection& wire, const Proxy& proxy,
                                                  const std::string& host, std::uint16_t port) {
  if (proxy.kind == Proxy::Kind::socks5) co_return co_await socks5(wire, proxy, host, port);
  const bool literal6 = host.find(':') != std::string::npos;
  const std::string name = literal6 ? "[" + host + "]" : host;
  co_return co_await connect(wire, proxy, name + ":" + std::to_string(port));
}

}  // namespace routerone::upstream
