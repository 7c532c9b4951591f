#include <fmt/format.h>

#include <map>

#include "common/json/json.h"
#include "daemon/dialect/registry.h"
#include "daemon/listener/docs_page.h"
#include "daemon/listener/page_words.h"

namespace routerone {
namespace {

using dialect::Dialect;
using dialect::Operation;
using dialect::OperationKind;

Json reference(const char* part, const std::string& name) {
  return {{"$ref", fmt::format("#/components/{}/{}", part, name)}};
}

std::string plain(std::string_view markdown) {
  std::string out(markdown);
  std::erase(out, '`');
  return out;
}

/// `x-api-key` as a scheme; the first is the bearer's.
Json security_schemes() {
  Json out = Json::object();
  for (const NamedWords& place : key_places) {
    if (place.name == "Authorization") {
      out["bearer"] = {{"type", "http"}, {"scheme", "bearer"}};
    } else if (place.name.starts_with('?')) {
      const std::string_view name = place.name.substr(1, place.name.size() - 2);
      out["query"] = {{"type", "apiKey"}, {"in", "query"}, {"name", name}};
    } else {
      out[std::string(place.name)] = {{"type", "apiKey"}, {"in", "header"}, {"name", place.name}};
    }
  }
  return out;
}

Json any_of_them(const Json& schemes) {
  Json out = Json::array();
  for (const auto& [name, ignored] : schemes.items())
    out.push_back(Json::object({{name, Json::array()}}));
  return out;
}

Json header_parts() {
  Json out = Json::object();
  for (const NamedWords& field : answer_fields)
    out[std::string(field.name)] = {{"description", plain(field.words)},
                                    {"schema", {{"type", "string"}}}};
  return out;
}

Json all_headers() {
  Json out = Json::object();
  for (const NamedWords& field : answer_fields)
    out[std::string(field.name)] = reference("headers", std::string(field.name));
  return out;
}

/// The schema of what a refusal's body really is: its fields, and the types they have.
Json schema_like(const Json& example) {
  Json out = Json::object();
  if (example.is_object()) {
    out["type"] = "object";
    out["properties"] = Json::object();
    for (const auto& [name, value] : example.items()) out["properties"][name] = schema_like(value);
    return out;
  }
  if (example.is_array()) return {{"type", "array"}};
  if (example.is_number_integer()) return {{"type", "integer"}};
  return {{"type", Json::array({"string", "null"})}};
}

Json refusal_body(const Dialect& dialect, RefusalKind kind) {
  const auto written = dialect.write_refusal({kind, "", "", {}}, "TRACE_ID", "");
  auto body = parse_json(written.body);
  return body ? *std::move(body) : Json();
}

std::string error_name(const Dialect& dialect) { return fmt::format("{}-error", dialect.id()); }

Json error_schemas() {
  Json out = Json::object();
  for (const Dialect* dialect : dialect::all())
    out[error_name(*dialect)] = schema_like(refusal_body(*dialect, RefusalKind::bad_request));
  return out;
}

/// Refusals of one status are told together.
void add_refusals(Json& responses, const Dialect& dialect) {
  std::map<int, std::string> by_status;
  for (const RefusalWords& row : refusals) {
    const int status = dialect.write_refusal({row.kind, "", "", {}}, "", "").status;
    std::string& words = by_status[status];
    words += fmt::format("{}{}", words.empty() ? "" : "; ", plain(row.when));
  }
  for (const auto& [status, words] : by_status)
    responses[std::to_string(status)] = {
        {"description", words},
        {"headers", {{"x-request-id", reference("headers", "x-request-id")}}},
        {"content",
         {{"application/json", {{"schema", reference("schemas", error_name(dialect))}}}}}};
}

constexpr std::string_view model_place = "{model}";

/// Only what the gateway itself reads; all else of a body goes on as it is.
Json body_schema(const Operation& operation) {
  Json properties = Json::object();
  Json out = {{"type", "object"}, {"additionalProperties", true}};
  if (operation.path.find(model_place) == std::string_view::npos) {
    properties["model"] = {{"type", "string"}, {"description", "see /models.md"}};
    if (operation.kind == OperationKind::generate)
      properties["stream"] = {{"type", "boolean"}, {"default", false}};
    out["required"] = Json::array({"model"});
  }
  out["properties"] = std::move(properties);
  return out;
}

Json request_body(const Operation& operation) {
  Json content = {{"application/json", {{"schema", body_schema(operation)}}}};
  if (operation.takes_form) content["multipart/form-data"] = {{"schema", body_schema(operation)}};
  return {{"required", true}, {"content", std::move(content)}};
}

Json parameters(const Operation& operation) {
  Json out = Json::array();
  if (operation.path.find(model_place) != std::string_view::npos)
    out.push_back({{"name", "model"},
                   {"in", "path"},
                   {"required", true},
                   {"description", "see /models.md"},
                   {"schema", {{"type", "string"}}}});
  for (const NamedWords& field : request_fields)
    out.push_back({{"name", field.name},
                   {"in", "header"},
                   {"required", false},
                   {"description", plain(field.words)},
                   {"schema", {{"type", "string"}}}});
  return out;
}

/// `post_v1_chat_completions`
std::string operation_id(std::string_view path) {
  std::string out = "post";
  for (const char c : path) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word)
      out += c;
    else if (out.back() != '_')
      out += '_';
  }
  return out;
}

Json operation_part(const Dialect& dialect, const Operation& operation) {
  Json whole = {{"schema", {{"type", "object"}}}};
  Json answer = {{"description", fmt::format("as {} has it", dialect.id())},
                 {"headers", all_headers()},
                 {"content", {{"application/json", std::move(whole)}}}};
  if (operation.kind == OperationKind::generate)
    answer["content"]["text/event-stream"] = {{"schema", {{"type", "string"}}}};
  Json responses = {{"200", std::move(answer)}};
  add_refusals(responses, dialect);
  return {{"operationId", operation_id(operation.path)},
          {"tags", Json::array({dialect.id()})},
          {"summary", fmt::format("{} ({})", operation.name, dialect.id())},
          {"parameters", parameters(operation)},
          {"requestBody", request_body(operation)},
          {"responses", std::move(responses)}};
}

Json page_part(const char* type, const char* words) {
  return {{"get",
           {{"summary", words},
            {"security", Json::array()},
            {"responses",
             {{"200",
               {{"description", words},
                {"content", {{type, {{"schema", {{"type", "string"}}}}}}}}}}}}}};
}

Json all_paths() {
  Json out = Json::object();
  for (const Dialect* dialect : dialect::all())
    for (const Operation& operation : dialect->operations())
      out[std::string(operation.path)] = {{"post", operation_part(*dialect, operation)}};
  out["/v1/models"] = {
      {"get",
       {{"summary", "the models that the key may use, in the shape of the asking SDK"},
        {"responses",
         {{"200",
           {{"description", "a list"},
            {"content", {{"application/json", {{"schema", {{"type", "object"}}}}}}}}}}}}}};
  out["/docs.md"] = page_part("text/markdown", "how to use this gateway");
  out["/models.md"] = page_part("text/markdown", "what can be asked for now");
  out["/openapi.json"] = page_part("application/json", "this page");
  out["/healthz"] = page_part("application/json", "answers while the gateway runs");
  return out;
}

}  // namespace

std::string openapi_page(std::uint16_t port) {
  const Json schemes = security_schemes();
  Json out = Json::object();
  out["openapi"] = "3.1.0";
  out["info"] = {{"title", "routerone"},
                 {"version", ROUTERONE_VERSION},
                 {"description",
                  "A gateway on this machine for language models; see /docs.md. A "
                  "body is described as far as the gateway itself reads it."},
                 {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}};
  out["servers"] = Json::array({{{"url", fmt::format("http://127.0.0.1:{}", port)}}});
  out["security"] = any_of_them(schemes);
  out["paths"] = all_paths();
  out["components"] = {
      {"securitySchemes", schemes}, {"headers", header_parts()}, {"schemas", error_schemas()}};
  return out.dump() + "\n";
}

}  // namespace routerone
