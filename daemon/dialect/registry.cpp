#include "daemon/dialect/registry.h"

#include <array>

#include "daemon/dialect/anthropic/dialect.h"
#include "daemon/dialect/gemini/dialect.h"
#include "daemon/dialect/openai_chat/dialect.h"
#include "daemon/dialect/openai_responses/dialect.h"
#include "daemon/dialect/operation_path.h"

namespace routerone::dialect {
namespace {

/// Whose words an error on this path is told in, where no operation stands there: of the dialects
/// that know a word of it, the one that knows the last; else the one that the head speaks.
const Dialect& error_dialect(std::string_view path, http::Fields fields, std::string_view query) {
  const Dialect* found = nullptr;
  std::size_t last = 0;
  for (const Dialect* dialect : all()) {
    for (const std::string_view word : dialect->path_words()) {
      const std::size_t at = path.rfind(word);
      if (at == std::string_view::npos || (found != nullptr && at <= last)) continue;
      found = dialect;
      last = at;
    }
  }
  if (found != nullptr) return *found;
  for (const Dialect* dialect : all()) {
    if (dialect->is_spoken_in(fields, query)) return *dialect;
  }
  return *all().front();
}

/// What stands behind a path of model lists.
std::optional<std::string_view> model_asked(std::string_view path) {
  for (const Dialect* dialect : all()) {
    for (const std::string_view list : dialect->model_paths()) {
      if (!path.starts_with(list)) continue;
      const std::string_view rest = path.substr(list.size());
      if (rest.empty()) return rest;
      if (rest[0] == '/') return rest.substr(1);
    }
  }
  return std::nullopt;
}

}  // namespace

std::span<const Dialect* const> all() {
  static const std::array dialects = {
      &openai_chat_dialect(),
      &openai_responses_dialect(),
      &anthropic_dialect(),
      &gemini_dialect(),
  };
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
  const bool counts = operation.kind == OperationKind::count;
  const bool converses =
      from.translation() != nullptr && (counts || operation.name == from.operations().front().name);
  for (const Dialect* dialect : all()) {
    if (!converses) break;
    if (dialect != &from && dialect->translation() != nullptr) others.push_back(dialect->id());
  }
  return others;
}

Match match(std::string_view path, http::Fields fields, std::string_view query) {
  path = without_api(path);
  for (const Dialect* dialect : all()) {
    for (const Operation& operation : dialect->operations()) {
      if (fits(operation, path)) return {dialect, &operation, std::nullopt};
    }
  }
  const auto asked = model_asked(path);
  // A model's name may hold any word.
  const std::string_view known = path.substr(0, path.size() - asked.value_or("").size());
  return {&error_dialect(known, fields, query), nullptr, asked};
}

Usage read_usage_json(std::string_view dialect, std::string_view usage_json) {
  const Dialect* const found = find(dialect);
  return found == nullptr ? Usage{} : found->read_usage(usage_json);
}

}  // namespace routerone::dialect
