#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/result.h"
#include "daemon/store/totals.h"

namespace routerone::store {

/// The spend-floor file: what has been settled a scope, apart from the database, so that losing the
/// database loses no money. One line a scope between a heading and a checksum.
std::string write_floor(const Totals&);
/// nullopt if the text is not whole.
std::optional<Totals> read_floor(std::string_view text);

/// Empty totals if there is no file; an error if there is one that cannot be read or is damaged.
Result<Totals> load_floor(const std::filesystem::path&);
Status save_floor(const std::filesystem::path&, const Totals&);

}  // namespace routerone::store
