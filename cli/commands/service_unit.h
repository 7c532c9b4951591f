#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/config/listen.h"
#include "common/platform/environment.h"

namespace routerone::cli {

// The texts of systemd's user units. packaging/systemd has the same, for the package's folders.

inline constexpr const char* service_unit = "routeroned.service";
inline constexpr const char* socket_unit = "routeroned.socket";

/// With that program in ExecStart=.
std::string service_unit_text(const std::filesystem::path& daemon);
std::string socket_unit_text();
/// What is put over the socket's unit where others than the default addresses are wanted.
std::string socket_addresses_text(const ListenAddresses&);
/// What is put over the service's unit where metrics are wanted.
std::string service_metrics_text(const std::filesystem::path& daemon, const std::string& address);

/// Where a user's own units stand: `~/.config/systemd/user`.
std::filesystem::path user_unit_folder(const Environment&);

/// Did `routerone up` write this? Then it may replace it.
bool is_ours(std::string_view unit);

}  // namespace routerone::cli
