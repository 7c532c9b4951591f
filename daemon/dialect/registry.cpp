#include "daemon/dialect/registry.h"

#include <array>

#include "daemon/dialect/anthropic/dialect.h"
#include "daemon/dialect/anthropic/usage.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/openai_chat/dialect.h"
#include "daemon/dialect/openai_responses/dialect.h"
#include "daemon/dialect/usage_openai.h"

namespace routerone::dialect {
namespace {

/// `/api/v1/..` is `/v1/..`.
std::string_view without_api(std::string_view path) {
  static constexpr std::string_view api = "/api";
  return path.starts_with("/api/v1/") ? path.substr(api.size()) : path;
}

/// Whose words an error on this path is told in, where no operation stands there.
const Dialect& error_dialect(std::string_view path, http::Fields fields) {
  const auto within = [path](std::string_view part) {
    return path.find(part) != std::string_view::npos;
  };
  if (within("/messages")) return anthropic_dialect();
  if (within("/responses")) return openai_responses_dialect();
  if (within("/chat/") || within("/completions") || within("/embeddings")) {
    return openai_chat_dialect();
  }
  return http::find(fields, "anthropic-version") ? anthropic_dialect() : openai_chat_dialect();
}

}  // namespace

std::span<const Dialect* const> all() {
  static const std::array<const Dialect*, 3> dialects = {
      &openai_chat_dialect(), &openai_responses_dialect(), &anthropic_dialect()};
  return dialects;
}

const Dialect* find(std::string_view id) {
  if (id == "anthropic-messages") id = "anthropic";  // As the catalog writes it.
  for (const Dialect* dialect : all()) {
    if (dialect->id() == id) return dialect;
  }
  return nullptr;
}

std::vector<std::string_view> translatable_to(const Dialect& from, const Operation& operation) {
  std::vector<std::string_view> others;
  const bool converses = from.translation() != nullptr && &operation == from.operations().data();
  for (const Dialect* dialect : all()) {
    if (!converses) break;
    if (dialect != &from && dialect->translation() != nullptr) others.push_back(dialect->id());
  }
  return others;
}

Match match(std::string_view path, http::Fields fields) {
  path = without_api(path);
  for (const Dialect* dialect : all()) {
    for (const Operation& operation : dialect->operations()) {
      if (operation.path == path) return {dialect, &operation};
    }
  }
  return {&error_dialect(path, fields), nullptr};
}

Usage read_usage_json(std::string_view dialect, std::string_view usage_json) {
  const Dialect* const found = find(dialect);
  const Dom usage(usage_json);
  if (found == nullptr || !usage.ok() || !usage.root().is_object()) return {};
  return found == &anthropic_dialect() ? anthropic::read_usage(usage.root())
                                       : read_openai_usage(usage.root());
}

}  // namespace routerone::dialect
