#include "daemon/upstream/resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

namespace routerone::upstream {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using namespace std::chrono_literals;

constexpr auto fresh_for = 60s;
constexpr auto stale_for = 600s;
constexpr auto failure_for = 5s;

Addresses system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  Addresses found;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return found;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    if (at->ai_family == AF_INET) {
      sockaddr_in in{};
      std::memcpy(&in, at->ai_addr, sizeof in);
      found.push_back(address_v4(ntohl(in.sin_addr.s_addr)));
    } else if (at->ai_family == AF_INET6) {
      sockaddr_in6 in{};
      std::memcpy(&in, at->ai_addr, sizeof in);
      address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
      found.push_back(address_v6(bytes, in.sin6_scope_id));
    }
  }
  ::freeaddrinfo(list);
  return found;
}

}  // namespace

Resolver::Resolver(const Clock& clock, Background& background, Lookup lookup)
    : clock_(clock),
      background_(background),
      lookup_(lookup ? std::move(lookup) : Lookup(system_lookup)) {}

void Resolver::resolve(net::Loop& loop, const std::string& host,
                       std::function<void(Addresses)> done) {
  boost::system::error_code not_numeric;
  const address numeric = boost::asio::ip::make_address(host, not_numeric);
  if (!not_numeric) return done({numeric});

  std::unique_lock lock(mutex_);
  Entry& entry = entries_[host];
  const SteadyTime now = clock_.steady();
  const bool known = !entry.addresses.empty();
  if (known && now < entry.found + fresh_for) {
    const Addresses addresses = entry.addresses;
    lock.unlock();
    return done(addresses);
  }
  if (entry.failed != SteadyTime{} && now < entry.failed + failure_for) {
    const Addresses addresses =
        known && now < entry.found + stale_for ? entry.addresses : Addresses{};
    lock.unlock();
    return done(addresses);
  }
  entry.waiting.push_back([&loop, done = std::move(done)](Addresses addresses) {
    loop.post([done, addresses = std::move(addresses)] { done(addresses); });
  });
  if (std::exchange(entry.asking, true)) return;
  background_.run([this, host] { look_up(host); });
}

void Resolver::look_up(const std::string& host) {
  Addresses found = lookup_(host);
  std::vector<std::function<void(Addresses)>> waiting;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[host];
    const SteadyTime now = clock_.steady();
    entry.asking = false;
    entry.failed = found.empty() ? now : SteadyTime{};
    if (!found.empty()) {
      entry.addresses = found;
      entry.found = now;
    } else if (now < entry.found + stale_for) {
      found = entry.addresses;
    }
    waiting.swap(entry.waiting);
  }
  for (const auto& tell : waiting) tell(found);
}

}  // namespace routerone::upstream
