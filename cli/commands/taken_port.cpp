#include "cli/commands/taken_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "cli/terminal/prompt.h"
#include "common/platform/port_holder.h"

namespace routerone::cli {
namespace {

constexpr int ports_tried = 200;

bool is_taken(const ListenAddress& address) {
  return address.port != 0 && look_at_port(address.host, address.port) == PortState::taken;
}

ListenAddresses moved(ListenAddresses addresses, std::uint16_t from, std::uint16_t to) {
  for (ListenAddress& address : addresses)
    if (address.port == from) address.port = to;
  return addresses;
}

/// The same addresses above the taken port, the nearest that are free.
std::optional<ListenAddresses> next_free(const ListenAddresses& wanted, std::uint16_t taken) {
  for (int step = 1; step <= ports_tried; ++step) {
    const int port = taken + step;
    if (port > std::numeric_limits<std::uint16_t>::max()) break;
    ListenAddresses there = moved(wanted, taken, static_cast<std::uint16_t>(port));
    if (std::none_of(there.begin(), there.end(), is_taken)) return there;
  }
  return std::nullopt;
}

}  // namespace

Result<ListenAddresses> free_addresses(Call& call, const ListenAddresses& wanted) {
  const auto taken = std::find_if(wanted.begin(), wanted.end(), is_taken);
  if (taken == wanted.end()) return wanted;
  const std::string what = fmt::format("{} is taken by {}", to_text(*taken),
                                       describe(find_port_holder(taken->host, taken->port)));
  auto instead = next_free(wanted, taken->port);
  if (!instead)
    return fail(ErrorKind::conflict, what, "routerone up --listen PORT, with one that is free");
  const std::uint16_t port = (*instead)[static_cast<std::size_t>(taken - wanted.begin())].port;
  if (call.has("next-free")) {
    call.out().note(fmt::format("{}; taking port {} instead", what, port));
    return *std::move(instead);
  }
  if (can_ask() && confirm(fmt::format("{}. Use port {} instead?", what, port)))
    return *std::move(instead);
  return fail(ErrorKind::conflict, fmt::format("{}; port {} is free", what, port),
              "routerone up --next-free");
}

}  // namespace routerone::cli
