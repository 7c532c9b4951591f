#include "cli/commands/shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace routerone::cli {
namespace {

constexpr const char* draft = "https://json-schema.org/draft/2020-12/schema";

const Shape* find_shape(std::string_view name) {
  const auto& all = all_shapes();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Shape& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

using Names = std::set<std::string, std::less<>>;

Json schema_of_type(std::string_view type, Names& used);

Json one_or_null(std::string_view type, Names& used) {
  return {{"anyOf", Json::array({schema_of_type(type, used), Json{{"type", "null"}}})}};
}

Json schema_of_type(std::string_view type, Names& used) {
  if (type.ends_with('?')) return one_or_null(type.substr(0, type.size() - 1), used);
  const std::string_view inside = type.substr(1, type.size() - 2);
  if (type.starts_with('[')) return {{"type", "array"}, {"items", schema_of_type(inside, used)}};
  if (type.starts_with('{'))
    return {{"type", "object"}, {"additionalProperties", schema_of_type(inside, used)}};
  if (type == "text") return {{"type", "string"}};
  if (type == "time") return {{"type", "string"}, {"format", "date-time"}};
  if (type == "usd") return {{"type", "string"}, {"pattern", "^-?[0-9]+(\\.[0-9]+)?$"}};
  if (type == "any") return Json::object();
  if (type == "integer" || type == "number" || type == "boolean")
    return {{"type", std::string(type)}};
  used.emplace(type);
  return {{"$ref", fmt::format("#/$defs/{}", type)}};
}

void add_fields(const Shape& shape, Json& properties, Json& required, Names& used) {
  if (const Shape* base = find_shape(shape.extends)) add_fields(*base, properties, required, used);
  for (const Field& field : shape.fields) {
    std::string_view name = field.name;
    const bool optional = name.ends_with('?');
    if (optional) name.remove_suffix(1);
    Json schema = schema_of_type(field.type, used);
    schema["description"] = field.means;
    properties[std::string(name)] = std::move(schema);
    if (!optional) required.push_back(name);
  }
}

Json schema_of_shape(const Shape& shape, Names& used) {
  Json properties = Json::object(), required = Json::array();
  add_fields(shape, properties, required, used);
  return {{"description", shape.means},
          {"type", "object"},
          {"properties", properties},
          {"required", required}};
}

/// All that is used, and what that uses.
Json definitions(Names wanted) {
  Json out = Json::object();
  while (!wanted.empty()) {
    const std::string name = std::move(wanted.extract(wanted.begin()).value());
    const Shape* shape = find_shape(name);
    if (!shape || out.contains(name)) continue;
    Names used;
    out[name] = schema_of_shape(*shape, used);
    wanted.merge(used);
  }
  return out;
}

}  // namespace

const std::vector<Shape>& all_shapes() {
  static const std::vector<Shape> shapes = [] {
    std::vector<Shape> all;
    for (auto part : {control_shapes, record_shapes, program_shapes})
      for (Shape& shape : part()) all.push_back(std::move(shape));
    return all;
  }();
  return shapes;
}

Json schema_of(const Printed& what) {
  if (!find_shape(what.shape)) return nullptr;
  Names used;
  Json out = {{"$schema", draft}};
  const std::string how = what.how;
  if (how == "lines") out["$comment"] = "one such object a line";
  const std::string several = fmt::format("[{}]", what.shape);
  if (how == "one or array")
    out["anyOf"] = Json::array({schema_of_type(what.shape, used), schema_of_type(several, used)});
  else
    out.update(schema_of_type(how == "array" ? several : what.shape, used));
  out["$defs"] = definitions(std::move(used));
  return out;
}

Json schema_of_all() {
  Names all;
  for (const Shape& shape : all_shapes()) all.emplace(shape.name);
  return {{"$schema", draft}, {"$defs", definitions(std::move(all))}};
}

}  // namespace routerone::cli
