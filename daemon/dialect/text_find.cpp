#include "daemon/dialect/text_find.h"

#include <cstring>

#include "daemon/dialect/byte_run.h"
#include "daemon/dialect/json_scan.h"

namespace routerone::dialect {
namespace {

constexpr std::size_t none = std::string_view::npos;

std::size_t find_from(std::string_view text, std::string_view wanted, std::size_t from) {
  if (from >= text.size()) return none;
  const void* const hit =
      memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return hit == nullptr ? none
                        : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

/// What follows the colon after a name that ends at `at`; empty if it is no name.
std::string_view after_colon(std::string_view text, std::size_t at) {
  const std::size_t colon = text.find_first_not_of(" \t\r\n", at);
  if (colon == none || text[colon] != ':') return {};
  const std::size_t value = text.find_first_not_of(" \t\r\n", colon + 1);
  return value == none ? std::string_view() : text.substr(value);
}

}  // namespace

bool has_value(std::string_view json, std::string_view quoted_name) {
  for (std::size_t at = find_from(json, quoted_name, 0); at != none;
       at = find_from(json, quoted_name, at)) {
    at += quoted_name.size();
    const std::string_view value = after_colon(json, at);
    if (!value.empty() && value[0] != 'n') return true;
  }
  return false;
}

std::string_view find_text(std::string_view json, std::string_view quoted_name) {
  for (std::size_t at = find_from(json, quoted_name, 0); at != none;
       at = find_from(json, quoted_name, at)) {
    at += quoted_name.size();
    const std::string_view value = after_colon(json, at);
    if (value.empty() || value[0] != '"') continue;
    const char* const begin = value.data() + 1;
    const char* const end = find_string_stop(begin, value.data() + value.size());
    return {begin, static_cast<std::size_t>(end - begin)};
  }
  return {};
}

std::optional<std::string_view> find_usage(std::string_view json, std::string_view name) {
  const std::string quoted = '"' + std::string(name) + '"';
  for (std::size_t at = json.rfind(quoted); at != none; at = json.rfind(quoted, at - 1)) {
    const std::string_view value = after_colon(json, at + quoted.size());
    if (!value.empty() && value[0] == '{') {
      if (const auto whole = JsonScan(value).value_here()) return whole;
    }
    if (at == 0) break;
  }
  return std::nullopt;
}

}  // namespace routerone::dialect
