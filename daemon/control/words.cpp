#include "daemon/control/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/core/text.h"

namespace routerone::control {
namespace {

constexpr std::array<std::pair<AuthScheme, std::string_view>, 5> auth_words = {{
    {AuthScheme::bearer, "bearer"},
    {AuthScheme::x_api_key, "x-api-key"},
    {AuthScheme::x_goog_api_key, "x-goog-api-key"},
    {AuthScheme::api_key, "api-key"},
    {AuthScheme::none, "none"},
}};

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

std::string_view to_word(AuthScheme scheme) {
  for (const auto& [known, word] : auth_words)
    if (known == scheme) return word;
  return "none";
}

std::optional<AuthScheme> auth_scheme_of(std::string_view word) {
  for (const auto& [scheme, known] : auth_words)
    if (known == word) return scheme;
  return std::nullopt;
}

Status check_name(std::string_view what, std::string_view name) {
  constexpr std::size_t longest = 64;
  // Names are stored, listed and traced; a secret that slipped into one's place must not be.
  if (name.starts_with("sk-"))
    return fail(ErrorKind::invalid,
                fmt::format("the name of a {} must not begin with sk-: that is a key", what),
                "give the name first");
  if (!name.empty() && name.size() <= longest && name.front() != '.' && name.front() != '-' &&
      std::all_of(name.begin(), name.end(), name_character))
    return {};
  return fail(ErrorKind::invalid,
              fmt::format("\"{}\" cannot be the name of a {}", printable(name, 64), what),
              "use up to 64 letters, digits and . _ -");
}

std::string suggestion(std::string_view wanted, const std::vector<std::string>& candidates,
                       std::string otherwise) {
  const auto near = nearest(wanted, candidates, 3);
  if (near.empty()) return otherwise;
  return fmt::format("did you mean {}?", fmt::join(near, " or "));
}

}  // namespace routerone::control
