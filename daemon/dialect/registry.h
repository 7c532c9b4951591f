#pragma once

#include <span>
#include <string_view>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// All dialects; the first is the one for paths that belong to none.
std::span<const Dialect* const> all();

/// By id, or by another accepted spelling of it (`anthropic-messages`); null if there is none.
const Dialect* find(std::string_view id);

struct Match {
  const Dialect* dialect = nullptr;      ///< Never null: the dialect of the path, for errors too.
  const Operation* operation = nullptr;  ///< Null: no such path.
};

/// The dialect and operation of an inbound path. `/api/v1/..` is `/v1/..`. Path alone decides what
/// is done; headers only choose the error dialect of a path that several share.
Match match(std::string_view path, http::Fields fields);

}  // namespace routerone::dialect
