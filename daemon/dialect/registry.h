#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// All dialects; the first is the one for paths that belong to none.
std::span<const Dialect* const> all();

/// By id, or by another accepted spelling of it (`anthropic-messages`); null if there is none.
const Dialect* find(std::string_view id);

/// The dialects that an operation's requests can be translated to, by id; its own is not among
/// them.
std::vector<std::string_view> translatable_to(const Dialect& from, const Operation& operation);

struct Match {
  const Dialect* dialect = nullptr;      ///< Never null: the dialect of the path, for errors too.
  const Operation* operation = nullptr;  ///< Null: no such path.
  /// Behind the path of a model list: empty for the whole list, else the model, as it came.
  /// Nullopt: another path.
  std::optional<std::string_view> models = {};
};

/// The dialect and operation of an inbound path. `/api/v1/..` is `/v1/..`. Path alone decides what
/// is done; the head only chooses the dialect of a path that several share.
Match match(std::string_view path, http::Fields fields, std::string_view query = {});

/// Words for a path that belongs to a program whose base URL has `/v1` twice, or not at all; they
/// name the base URL that works on `port`. Nullopt: not such a path.
std::optional<std::string> base_url_slip(std::string_view path, std::uint16_t port);

/// A provider's usage object, as JSON, read by a dialect's rule (id as in find()). Empty if there
/// is no such dialect or the text is not an object.
Usage read_usage_json(std::string_view dialect, std::string_view usage_json);

}  // namespace routerone::dialect
