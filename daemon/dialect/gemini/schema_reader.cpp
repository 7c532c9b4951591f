#include "daemon/dialect/gemini/schema_reader.h"

#include <algorithm>
#include <array>
#include <string>

#include "common/core/text.h"
#include "daemon/dialect/gemini/fields.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/json_text.h"

namespace routerone::dialect::gemini {
namespace {

/// Hints of the older form that mean nothing elsewhere.
constexpr std::array<std::string_view, 3> own_hints = {"nullable", "propertyOrdering", "example"};
constexpr std::array<std::string_view, 3> maps = {"properties", "$defs", "defs"};
constexpr std::array<std::string_view, 4> lists = {"anyOf", "allOf", "oneOf", "prefixItems"};
constexpr std::array<std::string_view, 2> nested = {"items", "additionalProperties"};
/// Whole numbers, which come as strings.
constexpr std::array<std::string_view, 6> counts = {"minItems",  "maxItems",      "minLength",
                                                    "maxLength", "minProperties", "maxProperties"};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class SchemaWriter {
 public:
  void write(Element schema);
  chat::JsonText take() && { return std::move(out_).take(); }

 private:
  void keyword(const std::string& name, Element value, bool nullable);
  void type(Element value, bool nullable);
  void each_member(Element map);
  void each_element(Element list);

  JsonOut out_;
};

void SchemaWriter::write(Element schema) {
  simdjson::dom::object object;
  if (schema.get_object().get(object) != simdjson::SUCCESS) {
    out_.raw(json_text(schema));
    return;
  }
  const bool nullable = flag_field(schema, "nullable");
  out_.object();
  for (const auto [name, value] : object) {
    const std::string known = name.starts_with('$') ? std::string(name) : camel_case(name);
    if (!value.is_null() && !is_one_of(own_hints, known)) keyword(known, value, nullable);
  }
  out_.end_object();
}

void SchemaWriter::keyword(const std::string& name, Element value, bool nullable) {
  if (name == "type") return type(value, nullable);
  std::string_view word;
  const bool is_word = value.get_string().get(word) == simdjson::SUCCESS;
  if (name == "format" && is_word && word == "enum") return;
  out_.key(name == "defs" ? "$defs" : name);
  if (is_one_of(maps, name)) return each_member(value);
  if (is_one_of(lists, name)) return each_element(value);
  if (is_one_of(nested, name)) return write(value);
  const auto count = is_one_of(counts, name) ? whole_of(value) : std::nullopt;
  out_.raw(count ? std::to_string(*count) : json_text(value));
}

void SchemaWriter::type(Element value, bool nullable) {
  std::string_view word;
  if (value.get_string().get(word) != simdjson::SUCCESS) {
    out_.raw("type", json_text(value));
    return;
  }
  const std::string small = lower(word);
  if (small == "type_unspecified") return;
  if (nullable && small != "null") {
    out_.array("type").text(small).text("null").end_array();
  } else {
    out_.text("type", small);
  }
}

void SchemaWriter::each_member(Element map) {
  simdjson::dom::object object;
  if (map.get_object().get(object) != simdjson::SUCCESS) {
    out_.raw(json_text(map));
    return;
  }
  out_.object();
  for (const auto [name, value] : object) {
    out_.key(name);
    write(value);
  }
  out_.end_object();
}

void SchemaWriter::each_element(Element list) {
  simdjson::dom::array array;
  if (list.get_array().get(array) != simdjson::SUCCESS) {
    out_.raw(json_text(list));
    return;
  }
  out_.array();
  for (const Element each : array) write(each);
  out_.end_array();
}

}  // namespace

chat::JsonText json_schema_of(simdjson::dom::element openapi) {
  SchemaWriter writer;
  writer.write(openapi);
  return std::move(writer).take();
}

}  // namespace routerone::dialect::gemini
