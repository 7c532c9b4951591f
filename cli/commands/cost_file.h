#pragma once

#include <string>
#include <string_view>

#include "common/control/wishes.h"
#include "common/core/result.h"

namespace routerone::cli {

/// Ids and costs from the CSV that a provider exports of its requests. The header row says which
/// columns they are; rows without an id (sums) are passed over. Quotes, CRLF, a byte order mark, a
/// currency sign and separators of thousands are understood; a cost finer than a picodollar is
/// rounded. invalid with the number of the line for anything else, negative costs and ids that
/// stand twice included.
Result<control::Pairs> read_costs(std::string_view csv);

}  // namespace routerone::cli
