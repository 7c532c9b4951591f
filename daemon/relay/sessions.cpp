#include "daemon/relay/sessions.h"

#include <algorithm>
#include <array>

namespace routerone {
namespace {

/// Beyond this the beginnings of two sessions hardly differ for the first time.
constexpr std::size_t longest_opening = 64 << 10;
/// The least that a provider caches is 1,024 tokens, and few are shorter than four bytes.
constexpr std::size_t shortest_cached = 4 << 10;

std::string random_key(Random& random) {
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Sessions::Sessions(const Clock& clock, Random& random)
    : key_(random_key(random)), targets_(clock) {}

std::string Sessions::name_of(const SessionMarks& marks) const {
  if (marks.session.empty() && marks.opening.empty()) return {};
  std::string text;
  for (const std::string_view part : {marks.key_id, marks.model, marks.session}) {
    text.append(part).push_back('\0');
  }
  if (marks.session.empty()) {
    for (const auto& [at, size] : marks.opening) {
      const std::size_t left = longest_opening - std::min(longest_opening, text.size());
      text.append(marks.body.substr(at, std::min(size, left))).push_back('\0');
    }
  }
  const auto hash = key_.sign(text);
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

bool Sessions::worth_staying(std::string_view body) {
  if (body.size() >= shortest_cached) return true;
  static constexpr std::array<std::string_view, 4> own_state = {
      "\"signature\"", "\"encrypted_content\"", "\"thoughtSignature\"", "\"thought_signature\""};
  return std::any_of(own_state.begin(), own_state.end(), [body](std::string_view name) {
    return body.find(name) != std::string_view::npos;
  });
}

}  // namespace routerone
