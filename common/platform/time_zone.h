#pragma once

#include <string>
#include <string_view>

namespace routerone {

/// Does the machine's zone database know this name? `UTC` it always does. Only names are looked up
/// (`Europe/Berlin`), so no text leads out of the database's folder.
bool time_zone_exists(std::string_view name);

/// The name of the machine's own zone: of TZ, else where /etc/localtime leads; `UTC` if neither
/// names one that the database knows.
std::string machine_time_zone();

}  // namespace routerone
