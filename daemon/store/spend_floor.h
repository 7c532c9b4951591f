#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/result.h"
#include "daemon/store/spend_days.h"
#include "daemon/store/totals.h"

namespace routerone::store {

/// What has been settled a scope, apart from the database, so that losing the database loses no
/// money and opens no second window.
struct Floor {
  std::uint64_t number = 0;  ///< Grows with each one written: tells which money it can know of.
  Totals totals;
  SpendDays days;
};

/// Its file: one line a total and one a day, between a heading and a checksum.
std::string write_floor(const Floor&);
/// nullopt if the text is not whole.
std::optional<Floor> read_floor(std::string_view text);

/// An empty one if there is no file; an error if there is one that cannot be read or is damaged.
Result<Floor> load_floor(const std::filesystem::path&);
Status save_floor(const std::filesystem::path&, const Floor&);

}  // namespace routerone::store
