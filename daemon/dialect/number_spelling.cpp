#include "daemon/dialect/number_spelling.h"

#include <algorithm>
#include <bit>

#include "daemon/dialect/byte_run.h"

namespace routerone::dialect {
namespace {

/// simdjson's own view of an element: its document and its place on the tape of that.
using TapeRef = simdjson::internal::tape_ref;
static_assert(sizeof(TapeRef) == sizeof(simdjson::dom::element));

constexpr std::string_view number_letters = "0123456789+-.eE";
/// Whole numbers up to here fit into 64 bits and are printed as they were written.
constexpr std::size_t longest_exact = 18;

bool is_odd(std::string_view number) {
  return number.size() > longest_exact || number.starts_with("-0") ||
         number.find_first_of(".eE") != std::string_view::npos;
}

/// Behind the string that begins at `at`.
std::size_t behind_string(std::string_view json, std::size_t at) {
  const char* here = json.data() + at + 1;
  const char* const end = json.data() + json.size();
  while ((here = find_string_stop(here, end)) < end && *here != '"') {
    here += *here == '\\' && end - here > 1 ? 2 : 1;
  }
  return std::min<std::size_t>(static_cast<std::size_t>(here - json.data()) + 1, json.size());
}

}  // namespace

NumberSpellings::NumberSpellings(std::string_view json, const simdjson::dom::document& tree)
    : odd_(odd_numbers(json)) {
  find_on_tape(odd_, tree);
}

std::vector<NumberSpellings::Odd> NumberSpellings::odd_numbers(std::string_view json) {
  std::vector<Odd> out;
  std::size_t numbers = 0;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c == '"') {
      at = behind_string(json, at);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const std::size_t end = std::min(json.find_first_not_of(number_letters, at), json.size());
      const std::string_view number = json.substr(at, end - at);
      if (is_odd(number)) out.push_back({numbers, number});
      ++numbers;
      at = end;
    } else {
      ++at;
    }
  }
  return out;
}

void NumberSpellings::find_on_tape(std::vector<Odd>& odd, const simdjson::dom::document& tree) {
  using Type = simdjson::internal::tape_type;
  std::size_t numbers = 0, at = 1;
  for (Odd& each : odd) {
    for (;; ++at) {
      const TapeRef here(&tree, at);
      const Type type = here.tape_ref_type();
      if (type == Type::ROOT) return;
      if (type != Type::INT64 && type != Type::UINT64 && type != Type::DOUBLE) continue;
      if (numbers++ == each.place) break;
      ++at;  // A number's value stands behind its type.
    }
    each.place = at;
    at += 2;
  }
}

bool NumberSpellings::belongs(simdjson::dom::element value, const simdjson::dom::document& tree) {
  return std::bit_cast<TapeRef>(value).doc == &tree;
}

std::string_view NumberSpellings::of(simdjson::dom::element number) const {
  const std::size_t place = std::bit_cast<TapeRef>(number).json_index;
  const auto found = std::lower_bound(odd_.begin(), odd_.end(), place,
                                      [](const Odd& a, std::size_t b) { return a.place < b; });
  return found != odd_.end() && found->place == place ? found->spelling : std::string_view();
}

}  // namespace routerone::dialect
