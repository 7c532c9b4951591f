#include "daemon/store/json_quote.h"

#include <algorithm>

#include "common/json/json.h"

namespace routerone::store {

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_quoted(std::string& out, std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
  });
  if (!plain) {
    out += text_of(Json(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

std::optional<std::string> take_quoted(std::string_view& rest) {
  if (!rest.starts_with('"')) return std::nullopt;
  std::size_t end = 1;
  bool escaped = false;
  for (; end < rest.size() && rest[end] != '"'; ++end) {
    if (rest[end] != '\\') continue;
    escaped = true;
    ++end;
  }
  if (end >= rest.size()) return std::nullopt;
  const std::string_view whole = rest.substr(0, end + 1);
  std::string text(whole.substr(1, end - 1));
  if (escaped) {
    const auto parsed = parse_json(whole);
    if (!parsed || !parsed->is_string()) return std::nullopt;
    text = parsed->get<std::string>();
  }
  rest.remove_prefix(whole.size());
  return text;
}

}  // namespace routerone::store
