#include "daemon/dialect/anthropic/schema.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "common/json/json.h"
#include "daemon/dialect/dom.h"

namespace routerone::dialect::anthropic {
namespace {

constexpr std::string_view empty_object = R"({"type":"object","properties":{}})";
constexpr std::array<const char*, 3> alternatives = {"anyOf", "oneOf", "allOf"};
constexpr std::array<std::string_view, 10> formats = {
    "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"};
/// Kept as they are; the others that are kept hold schemas themselves.
constexpr std::array<const char*, 4> plain = {"title", "enum", "const", "required"};

bool fits_at_root(std::string_view schema) {
  const Dom document(schema);
  if (!document.ok() || text_member(document.root(), "type") != "object") return false;
  return std::none_of(alternatives.begin(), alternatives.end(), [&document](const char* name) {
    return member(document.root(), name).has_value();
  });
}

std::set<std::string> names_in(const Json& list) {
  std::set<std::string> out;
  if (!list.is_array()) return out;
  for (const Json& each : list) {
    if (each.is_string()) out.insert(each.get<std::string>());
  }
  return out;
}

/// Lays the alternatives under `name` over the root.
void lay_over(Json& root, const char* name) {
  const auto found = root.find(name);
  if (found == root.end()) return;
  const Json branches = *found;
  root.erase(name);
  if (!branches.is_array()) return;
  if (!root.value("properties", Json()).is_object()) root["properties"] = Json::object();
  if (!root.value("required", Json()).is_array()) root.erase("required");
  const bool all = std::string_view(name) == "allOf";
  std::set<std::string> wanted;
  bool first = true;
  for (const Json& branch : branches) {
    if (!branch.is_object()) continue;
    const Json properties = branch.value("properties", Json::object());
    for (const auto& [key, property] : properties.items()) {
      if (!root["properties"].contains(key)) root["properties"][key] = property;
    }
    const std::set<std::string> here = names_in(branch.value("required", Json::array()));
    if (all || std::exchange(first, false)) {
      wanted.insert(here.begin(), here.end());
    } else {
      std::erase_if(wanted, [&here](const std::string& each) { return !here.contains(each); });
    }
  }
  const std::set<std::string> before = names_in(root.value("required", Json::array()));
  for (const std::string& each : wanted) {
    if (!before.contains(each)) root["required"].push_back(each);
  }
}

/// Follows references to see that none leads back to where it came from or out of the schema.
class References {
 public:
  explicit References(const Json& root) : root_(root) {}

  /// What is wrong with them; empty: nothing.
  std::string_view check(const Json& schema) {
    if (schema.is_array()) return check_each(schema);
    if (!schema.is_object()) return {};
    const auto reference = schema.find("$ref");
    if (reference == schema.end() || !reference->is_string()) return check_each(schema);
    const std::string target = reference->get<std::string>();
    if (!target.starts_with('#')) return "its schema refers to another";
    if (under_way_.contains(target)) return "its schema is recursive; it cannot be enforced";
    const Json::json_pointer pointer = pointer_of(target);
    if (!root_.contains(pointer)) return "its schema refers to what it does not have";
    if (sound_.contains(target)) return {};
    under_way_.insert(target);
    const std::string_view problem = check(root_.at(pointer));
    under_way_.erase(target);
    if (problem.empty()) sound_.insert(target);
    return problem;
  }

 private:
  std::string_view check_each(const Json& value) {
    for (const Json& each : value) {
      if (const auto problem = check(each); !problem.empty()) return problem;
    }
    return {};
  }

  /// Anything that is no pointer is one to nowhere.
  static Json::json_pointer pointer_of(const std::string& target) {
    try {
      return Json::json_pointer(target.substr(1));
    } catch (const Json::exception&) {
      return Json::json_pointer("/$defs/~0");
    }
  }

  const Json& root_;
  std::set<std::string> under_way_, sound_;
};

Json cut(const Json& schema);

Json cut_each(const Json& schemas) {
  if (!schemas.is_structured()) return schemas;
  Json out = schemas.is_array() ? Json::array() : Json::object();
  for (const auto& [key, schema] : schemas.items()) {
    if (schemas.is_array()) {
      out.push_back(cut(schema));
    } else {
      out[key] = cut(schema);
    }
  }
  return out;
}

bool takes(const Json& schema, std::string_view type) {
  const auto said = schema.find("type");
  if (said == schema.end()) return type == "object" && schema.contains("properties");
  if (said->is_string()) return said->get<std::string>() == type;
  return said->is_array() && names_in(*said).contains(std::string(type));
}

bool keeps(const std::string& key, const Json& value) {
  if (key == "format") {
    return value.is_string() &&
           std::find(formats.begin(), formats.end(), value.get<std::string>()) != formats.end();
  }
  if (key == "minItems") return value == 0 || value == 1;
  return key == "type" || std::find(plain.begin(), plain.end(), key) != plain.end();
}

Json cut(const Json& schema) {
  if (!schema.is_object()) return schema;
  Json out = Json::object();
  if (schema.contains("$ref")) {
    out["$ref"] = schema.at("$ref");
    return out;
  }
  std::string description = schema.contains("description") && schema.at("description").is_string()
                                ? schema.at("description").get<std::string>()
                                : std::string();
  const bool said = !description.empty();
  std::string rest;
  for (const auto& [key, value] : schema.items()) {
    if (key == "description") {
      if (said) out[key] = description;  // In its place.
    } else if (key == "properties" || key == "$defs" || key == "definitions" || key == "anyOf" ||
               key == "allOf") {
      out[key] = cut_each(value);
    } else if (key == "oneOf") {
      out["anyOf"] = cut_each(value);
    } else if (key == "items" && value.is_object()) {
      out[key] = cut(value);
    } else if (key == "additionalProperties" && takes(schema, "object")) {
      out[key] = false;
    } else if (keeps(key, value)) {
      out[key] = value;
    } else if (key != "$schema") {
      rest += (rest.empty() ? "" : ", ") + key + ": " + value.dump();
    }
  }
  if (takes(schema, "object")) out["additionalProperties"] = false;
  if (!rest.empty()) out["description"] = description + (said ? "\n\n" : "") + "{" + rest + "}";
  return out;
}

}  // namespace

chat::JsonText input_schema(std::string_view schema) {
  if (schema.empty()) return std::string(empty_object);
  if (fits_at_root(schema)) return std::string(schema);
  auto parsed = parse_json(schema);
  if (!parsed || !parsed->is_object()) return std::string(empty_object);
  Json out = Json::object();
  out["type"] = "object";
  for (const auto& [key, value] : parsed->items()) {
    if (key != "type") out[key] = value;
  }
  for (const char* name : alternatives) lay_over(out, name);
  return out.dump();
}

tl::expected<chat::JsonText, std::string_view> enforceable(std::string_view schema) {
  const auto parsed = parse_json(schema);
  if (!parsed || !parsed->is_object()) {
    return tl::unexpected(std::string_view("its schema is no JSON object"));
  }
  const std::string_view problem = References(*parsed).check(*parsed);
  if (!problem.empty()) return tl::unexpected(problem);
  return cut(*parsed).dump();
}

bool is_enforceable(std::string_view schema) {
  const auto parsed = parse_json(schema);
  return parsed && parsed->is_object() && References(*parsed).check(*parsed).empty() &&
         cut(*parsed) == *parsed;
}

}  // namespace routerone::dialect::anthropic
