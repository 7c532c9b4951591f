#include "common/catalog/price_check.h"

#include <simdjson.h>

#include <algorithm>
#include <initializer_list>
#include <string>

#include "common/catalog/rate_names.h"
#include "common/core/text.h"

namespace routerone::catalog {
namespace {

namespace dom = simdjson::dom;
using Names = std::initializer_list<std::string_view>;

constexpr const char* known_names =
    "input, output, cache_read, cache_write, cache_write_1h, tiers, ..";

Error unknown_name(const std::string& where, std::string_view name) {
  return {ErrorKind::invalid, where + " has no '" + printable(name) + "'", known_names};
}

Error wrong_form(std::string_view name, const char* form) {
  return {ErrorKind::invalid, "the price's '" + std::string(name) + "' is not " + form, {}};
}

/// An object of rates, with what may stand beside them.
Status check_rates(std::string_view where, dom::element value, Names others) {
  dom::object object;
  if (value.get_object().get(object)) return tl::unexpected(wrong_form(where, "made of objects"));
  for (const auto field : object) {
    const bool known = find_rate_name(field.key) != nullptr ||
                       std::find(others.begin(), others.end(), field.key) != others.end();
    if (!known) return tl::unexpected(unknown_name("'" + std::string(where) + "'", field.key));
  }
  return {};
}

Status check_list(std::string_view where, dom::element value, Names others) {
  dom::array array;
  if (value.get_array().get(array)) return tl::unexpected(wrong_form(where, "a list"));
  for (const auto element : array) TRY_STATUS(check_rates(where, element, others));
  return {};
}

Status check_condition(std::string_view name, dom::element value) {
  if (value.is_null()) return {};
  if (name == "tiers") return check_list(name, value, {"min_input_tokens"});
  if (name == "scheduled") return check_list(name, value, {"from", "ref"});
  if (name == "off_peak") return check_rates(name, value, {});
  if (name != "service_tiers" && name != "peak") {
    return tl::unexpected(unknown_name("a price", name));
  }
  dom::object object;
  if (value.get_object().get(object)) return tl::unexpected(wrong_form(name, "an object"));
  if (name == "peak") return {};
  for (const auto tier : object) TRY_STATUS(check_rates(name, tier.value, {}));
  return {};
}

}  // namespace

Status check_price_names(std::string_view json) {
  const simdjson::padded_string text(json);
  dom::parser parser;
  dom::object object;
  if (parser.parse(text).get_object().get(object)) {
    return fail(ErrorKind::invalid, "the price is not a JSON object");
  }
  for (const auto field : object) {
    if (find_rate_name(field.key) == nullptr) TRY_STATUS(check_condition(field.key, field.value));
  }
  return {};
}

}  // namespace routerone::catalog
