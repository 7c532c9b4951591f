#include "daemon/dialect/operation_path.h"

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

constexpr std::string_view place = "{model}";

/// What stands in the model's place; empty: the path does not fit, or there is no such place.
std::string_view model_part(std::string_view pattern, std::string_view path) {
  const std::size_t at = pattern.find(place);
  if (at == std::string_view::npos) return {};
  const std::string_view before = pattern.substr(0, at);
  const std::string_view behind = pattern.substr(at + place.size());
  if (path.size() <= before.size() + behind.size()) return {};
  if (!path.starts_with(before) || !path.ends_with(behind)) return {};
  return path.substr(at, path.size() - before.size() - behind.size());
}

bool stands_for_itself(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~' || c == ':' || c == '@';
}

}  // namespace

std::string_view without_api(std::string_view path) {
  static constexpr std::string_view api = "/api";
  return path.starts_with("/api/v1/") ? path.substr(api.size()) : path;
}

bool fits(const Operation& operation, std::string_view path) {
  return operation.path == path || !model_part(operation.path, path).empty();
}

std::string model_in_path(const Operation& operation, std::string_view path) {
  return percent_decoded(model_part(operation.path, without_api(path)));
}

std::string path_for(std::string_view upstream_path, std::string_view model) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  const std::size_t at = upstream_path.find(place);
  if (at == std::string_view::npos) return std::string(upstream_path);
  std::string out(upstream_path.substr(0, at));
  for (const char c : model) {
    if (stands_for_itself(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return out.append(upstream_path.substr(at + place.size()));
}

}  // namespace routerone::dialect
