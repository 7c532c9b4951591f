#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace routerone::cli {

enum class Color { none, red, green, yellow, cyan, dim, bold };

/// What may be shown to a person or written into a pipe: the one type that Output prints. Whatever
/// text it is made of passes `printable`, so nothing in it can move the cursor, colour or reorder
/// what stands around it, or begin a line of its own. Colours and the ends of lines are structure:
/// they are there only where we put them. JSON does not need it: ours is ASCII with escapes.
class Shown {
 public:
  Shown() = default;
  // Made from any text without a word, since every line and cell is.
  // NOLINTBEGIN(*-explicit-*)
  Shown(std::string_view untrusted, Color color = Color::none);
  Shown(const std::string& untrusted, Color color = Color::none)
      : Shown(std::string_view(untrusted), color) {}
  Shown(const char* untrusted, Color color = Color::none)
      : Shown(std::string_view(untrusted), color) {}
  // NOLINTEND(*-explicit-*)

  /// Several lines, each as above. Only for a text whose line ends are ours, like help.
  static Shown lines(std::string_view text, Color color = Color::none);
  static Shown tab();              ///< Between the fields of a row in a pipe.
  static Shown carriage_return();  ///< Before the end of a line, where a format wants it.
  static Shown spaces(std::size_t count);

  Shown& operator+=(const Shown&);
  friend Shown operator+(Shown left, const Shown& right) {
    left += right;
    return left;
  }

  bool empty() const { return pieces_.empty(); }
  /// Columns it takes on a terminal, if it is one line without tabs.
  std::size_t width() const;
  /// At most so many columns of it; where something was cut off, the last one is a `~`.
  Shown cut(std::size_t most) const;
  /// What goes out. Colours as SGR codes, each ended before the piece ends.
  std::string bytes(bool colors) const;

 private:
  struct Piece {
    std::string text;
    Color color;
  };
  explicit Shown(Piece ours) : pieces_{std::move(ours)} {}

  std::vector<Piece> pieces_;
};

}  // namespace routerone::cli
