#include "daemon/relay/sessions.h"

#include <algorithm>
#include <array>

namespace routerone {
namespace {

/// Of a long beginning its two ends are looked at: an agent's own words come first and are the same
/// for all its sessions, the user's come last.
constexpr std::size_t longest_opening = 64 << 10;
/// The least that a provider caches is 1,024 tokens, and few are shorter than four bytes.
constexpr std::size_t shortest_cached = 4 << 10;

std::string random_key(Random& random) {
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void add_ends(std::string_view part, std::string& text) {
  constexpr std::size_t half = longest_opening / 2;
  if (part.size() <= longest_opening) {
    text.append(part);
  } else {
    text.append(part.substr(0, half)).append(part.substr(part.size() - half));
  }
  text.push_back('\0');
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
    for (const auto& [at, size] : marks.opening) add_ends(marks.body.substr(at, size), text);
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
