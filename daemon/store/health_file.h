#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"
#include "daemon/exchange/health_record.h"

namespace routerone::store {

/// How the targets did when the daemon last ran, as JSON: no money and no content stands there, and
/// losing it costs no more than finding out anew.
std::string write_health(const std::vector<HealthRecord>&);
/// An error says what is wrong: not whole, of another version, or a number that cannot be.
Result<std::vector<HealthRecord>> read_health(std::string_view text);

/// None if there is no file; an error if there is one that cannot be used.
Result<std::vector<HealthRecord>> load_health(const std::filesystem::path&);
/// Replaces the file in one step, mode 0600.
Status save_health(const std::filesystem::path&, const std::vector<HealthRecord>&);

}  // namespace routerone::store
