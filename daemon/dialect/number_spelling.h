#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace routerone::dialect {

/// How the numbers of a text were written, for those that a tree of it would print otherwise:
/// `1.50`, `1e3`, `-0`, what no 64 bits hold. Trees keep values, not spellings; but the n-th number
/// of the tree is the n-th of the text.
class NumberSpellings {
 public:
  NumberSpellings(std::string_view json, const simdjson::dom::document& tree);

  static bool belongs(simdjson::dom::element, const simdjson::dom::document& tree);
  /// Empty: as the tree prints it.
  std::string_view of(simdjson::dom::element number) const;

 private:
  struct Odd {
    std::size_t place = 0;  ///< Among the text's numbers; then on the tree's tape.
    std::string_view spelling;
  };
  static std::vector<Odd> odd_numbers(std::string_view json);
  static void find_on_tape(std::vector<Odd>&, const simdjson::dom::document& tree);

  std::vector<Odd> odd_;  ///< In the order of the text.
};

}  // namespace routerone::dialect
