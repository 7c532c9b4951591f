#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/core/text.h"
#include "daemon/dialect/registry.h"

namespace routerone::dialect {
namespace {

/// What a program appends to its base URL, and whether that base URL ends in `/v1`.
struct Tail {
  std::string_view path;
  bool base_has_v1;
};

constexpr std::array tails = {
    Tail{"/messages/count_tokens", false},
    Tail{"/messages", false},
    Tail{"/chat/completions", true},
    Tail{"/completions", true},
    Tail{"/responses", true},
    Tail{"/embeddings", true},
    Tail{"/moderations", true},
    Tail{"/rerank", true},
    Tail{"/images/generations", true},
    Tail{"/images/edits", true},
    Tail{"/audio/speech", true},
    Tail{"/audio/transcriptions", true},
    Tail{"/audio/translations", true},
    Tail{"/models", true},
};

/// Segments that come from a base URL written wrong; anything else is a path of its own.
constexpr std::array<std::string_view, 10> base_words = {
    "",          "api",  "v1",          "v1beta",    "openai",
    "anthropic", "chat", "completions", "responses", "messages"};

bool is_slip(std::string_view before) {
  if (before.empty()) return true;
  const auto segments = split(before.substr(1), '/');
  return std::all_of(segments.begin(), segments.end(), [](std::string_view segment) {
    return std::find(base_words.begin(), base_words.end(), segment) != base_words.end();
  });
}

}  // namespace

std::optional<std::string> base_url_slip(std::string_view path, std::uint16_t port) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  for (const Tail& tail : tails) {
    if (!path.ends_with(tail.path)) continue;
    const std::string_view before = path.substr(0, path.size() - tail.path.size());
    if (before == "/v1" || before == "/api/v1" || !is_slip(before)) return std::nullopt;
    return fmt::format("there is nothing at this path: {}; use the base URL http://127.0.0.1:{}{}",
                       before.find("/v1") == std::string_view::npos
                           ? "it lacks /v1"
                           : "its base URL has too much in it",
                       port, tail.base_has_v1 ? "/v1" : " (without /v1)");
  }
  return std::nullopt;
}

}  // namespace routerone::dialect
