#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace routerone {

/// Whose socket listens at that loopback address (`127.0.0.1`, `::1`) and port. nullopt: nobody
/// listens there, or the system does not tell. If several users listen there, one that is not
/// `ours`.
std::optional<std::uint32_t> listener_uid(const std::string& host, std::uint16_t port,
                                          std::uint32_t ours);

}  // namespace routerone
