#include "common/json/json.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace routerone {
namespace {

namespace dom = simdjson::dom;

Json made_of(dom::element);

/// Of two of one name the last counts, at the place of the first: as nlohmann/json reads them.
Json made_of(dom::object from) {
  Json::object_t made;
  made.reserve(from.size());
  for (const auto& [name, value] : from) {
    Json next = made_of(value);
    const auto [at, is_new] = made.emplace(std::string(name), std::move(next));
    if (!is_new) at->second = made_of(value);
  }
  return made;
}

Json made_of(dom::array from) {
  Json::array_t made;
  made.reserve(from.size());
  for (const dom::element value : from) made.push_back(made_of(value));
  return made;
}

/// As deep as the parser let pass.
Json made_of(dom::element from) {
  switch (from.type()) {
    case dom::element_type::OBJECT:
      return made_of(dom::object(from));
    case dom::element_type::ARRAY:
      return made_of(dom::array(from));
    case dom::element_type::STRING:
      return std::string_view(from);
    case dom::element_type::INT64:
      if (const std::int64_t number = from; number < 0) return number;
      [[fallthrough]];
    case dom::element_type::UINT64:
      return std::uint64_t(from);
    case dom::element_type::DOUBLE:
      return double(from);
    case dom::element_type::BOOL:
      return bool(from);
    case dom::element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::size_t max_depth) {
  dom::parser parser;
  // Scratch memory grows with the capacity asked for, so ask for this text and no more.
  if (parser.allocate(std::max<std::size_t>(text.size(), 64), max_depth) != simdjson::SUCCESS)
    return fail(ErrorKind::unavailable, "not enough memory to read the JSON");
  const simdjson::padded_string padded(text);
  const auto parsed = parser.parse(padded);
  switch (parsed.error()) {
    case simdjson::SUCCESS:
      return made_of(parsed.value_unsafe());
    case simdjson::DEPTH_ERROR:
      return fail(ErrorKind::invalid,
                  "not JSON we read: nested deeper than " + std::to_string(max_depth) + " levels");
    case simdjson::EMPTY:
      return fail(ErrorKind::invalid, "not JSON: it is empty");
    default:
      return fail(ErrorKind::invalid,
                  std::string("not valid JSON: ") + simdjson::error_message(parsed.error()));
  }
}

}  // namespace routerone
