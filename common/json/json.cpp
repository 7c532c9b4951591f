#include "common/json/json.h"

#include <simdjson.h>

#include <algorithm>
#include <string>

namespace routerone {
namespace {

Status validate(std::string_view text, std::size_t max_depth) {
  simdjson::dom::parser parser;
  // Scratch memory grows with the capacity asked for, so ask for this text and no more.
  if (parser.allocate(std::max<std::size_t>(text.size(), 64), max_depth) != simdjson::SUCCESS)
    return fail(ErrorKind::unavailable, "not enough memory to read the JSON");
  const simdjson::padded_string padded(text);
  const auto problem = parser.parse(padded).error();
  if (problem == simdjson::SUCCESS) return {};
  if (problem == simdjson::DEPTH_ERROR)
    return fail(ErrorKind::invalid,
                "not JSON we read: nested deeper than " + std::to_string(max_depth) + " levels");
  if (problem == simdjson::EMPTY) return fail(ErrorKind::invalid, "not JSON: it is empty");
  return fail(ErrorKind::invalid,
              std::string("not valid JSON: ") + simdjson::error_message(problem));
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::size_t max_depth) {
  TRY_STATUS(validate(text, max_depth));
  auto parsed = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return fail(ErrorKind::invalid, "not valid JSON");
  return parsed;
}

}  // namespace routerone
