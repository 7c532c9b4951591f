#include "daemon/dialect/opening.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "daemon/dialect/demand_maker.h"

namespace routerone::dialect {
namespace {

/// Shows each element and what was picked from it until `take` has enough. One that stands alone
/// is a list of itself.
template <std::size_t n, class Take>
void walk(std::string_view list, const std::array<std::string_view, n>& names, Take take) {
  constexpr std::string_view space = " \t\r\n";
  if (list.starts_with('[')) {
    list.remove_prefix(1);
  } else if (!list.starts_with('{')) {
    return;
  }
  for (;;) {
    list.remove_prefix(std::min(list.find_first_not_of(space), list.size()));
    if (list.empty()) return;
    std::array<Picked, n> inside{};
    JsonScan scan(list);
    const auto element = list.front() == '{' ? scan.object_here(names, inside) : scan.value_here();
    if (!element || !take(*element, inside)) return;
    list.remove_prefix(element->size());
    const std::size_t next = list.find_first_not_of(space);
    if (next == std::string_view::npos || list[next] != ',') return;
    list.remove_prefix(next + 1);
  }
}

/// What a part is there for; the dialects do not contradict each other.
constexpr std::array<std::string_view, 11> said_in = {
    "text",        "source",   "image_url", "input_audio", "file",    "inlineData",
    "inline_data", "fileData", "file_data", "file_id",     "file_url"};
using Said = std::array<Picked, said_in.size()>;

class Opening {
 public:
  explicit Opening(std::string_view body) : body_(body) {}

  /// A text, or parts.
  void add_words(std::string_view value) {
    if (value.starts_with('"')) return add(value.substr(1, value.size() - 2));
    walk(value, said_in, [this](std::string_view part, const Said& inside) {
      const auto said = std::find_if(inside.begin(), inside.end(),
                                     [](const Picked& member) { return says_something(member); });
      const std::string_view what = said == inside.end() ? part : said->value;
      add(what.starts_with('"') ? what.substr(1, what.size() - 2) : what);
      return true;
    });
  }

  void add_turns(std::string_view turns, std::string_view inner, bool bare_is_user) {
    if (turns.starts_with('"')) return add_words(turns);
    const std::array<std::string_view, 2> names = {"role", inner};
    walk(turns, names, [&](std::string_view, const std::array<Picked, 2>& inside) {
      std::string role = word_of(inside[0]);
      if (role.empty() && bare_is_user) role = "user";
      if (role == "assistant" || role == "model") return false;
      if (!role.empty()) add_words(inside[1].value);
      return role != "user";
    });
  }

  Spans spans;

 private:
  void add(std::string_view text) {
    if (text.empty()) return;
    spans.emplace_back(static_cast<std::size_t>(text.data() - body_.data()), text.size());
  }

  std::string_view body_;
};

}  // namespace

Spans opening_of(std::string_view body, const Picked& system, const Picked& turns,
                 std::string_view inner, bool bare_is_user) {
  Opening opening(body);
  opening.add_words(system.value);
  opening.add_turns(turns.value, inner, bare_is_user);
  return std::move(opening.spans);
}

}  // namespace routerone::dialect
