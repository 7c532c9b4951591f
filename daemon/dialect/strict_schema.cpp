#include "daemon/dialect/strict_schema.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "daemon/dialect/dom.h"

namespace routerone::dialect {
namespace {

using Element = simdjson::dom::element;

/// Where schemas stand inside a schema: alone or in a list, or by name.
constexpr std::array<std::string_view, 3> nested = {"items", "anyOf", "allOf"};
constexpr std::array<std::string_view, 3> named = {"properties", "$defs", "definitions"};
/// Refused wherever they stand.
constexpr std::array<std::string_view, 4> unsupported = {"oneOf", "patternProperties", "if", "not"};

bool is_strict(Element schema);

bool is_object_schema(Element schema) {
  const auto type = member(schema, "type");
  if (!type) return member(schema, "properties").has_value();
  simdjson::dom::array types;
  std::string_view word;
  if (type->get_array().get(types) != simdjson::SUCCESS) {
    return type->get_string().get(word) == simdjson::SUCCESS && word == "object";
  }
  return std::any_of(types.begin(), types.end(), [](Element each) {
    std::string_view said;
    return each.get_string().get(said) == simdjson::SUCCESS && said == "object";
  });
}

bool wants(const simdjson::dom::array& required, std::string_view name) {
  return std::any_of(required.begin(), required.end(), [name](Element each) {
    std::string_view said;
    return each.get_string().get(said) == simdjson::SUCCESS && said == name;
  });
}

bool is_closed(Element schema) {
  const auto more = member(schema, "additionalProperties");
  bool open = true;
  if (!more || more->get_bool().get(open) != simdjson::SUCCESS || open) return false;
  const auto properties = member(schema, "properties");
  simdjson::dom::object all;
  if (!properties || properties->get_object().get(all) != simdjson::SUCCESS) return true;
  const auto said = member(schema, "required");
  simdjson::dom::array required;
  if (!said || said->get_array().get(required) != simdjson::SUCCESS) return all.size() == 0;
  return std::all_of(all.begin(), all.end(),
                     [&required](const auto& each) { return wants(required, each.key); });
}

bool are_strict(Element schemas) {
  simdjson::dom::array list;
  if (schemas.get_array().get(list) != simdjson::SUCCESS) return is_strict(schemas);
  return std::all_of(list.begin(), list.end(), is_strict);
}

bool are_strict_by_name(Element schemas) {
  simdjson::dom::object all;
  if (schemas.get_object().get(all) != simdjson::SUCCESS) return true;
  return std::all_of(all.begin(), all.end(),
                     [](const auto& each) { return is_strict(each.value); });
}

bool is_strict(Element schema) {
  if (!schema.is_object()) return true;
  for (const std::string_view word : unsupported) {
    if (member(schema, word)) return false;
  }
  if (is_object_schema(schema) && !is_closed(schema)) return false;
  for (const std::string_view word : nested) {
    const auto inner = member(schema, word);
    if (inner && !are_strict(*inner)) return false;
  }
  for (const std::string_view word : named) {
    const auto inner = member(schema, word);
    if (inner && !are_strict_by_name(*inner)) return false;
  }
  return true;
}

}  // namespace

bool is_strict_schema(std::string_view schema) {
  const Dom document(schema);
  return document.ok() && document.root().is_object() && is_object_schema(document.root()) &&
         is_strict(document.root());
}

}  // namespace routerone::dialect
