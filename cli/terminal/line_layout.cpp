#include "cli/terminal/line_layout.h"

#include <algorithm>
#include <cwchar>
#include <cwctype>

namespace routerone::cli {
namespace {

class Pen {
 public:
  Pen(int columns, int rows) : columns_(std::max(columns, 1)), rows_(std::max(rows, 1)) {}

  const Place& place() const { return place_; }

  /// Where the cursor stands that is on this character.
  Place before(wchar_t c) const {
    if (width_of(c) > 1 && place_.column + width_of(c) > columns_) return {place_.row + 1, 0};
    return place_;
  }

  void draw(wchar_t c) {
    if (c == L'\n') return next_row();
    if (c == L'\t') {
      do put(1);
      while (place_.column % 8 != 0);
      return;
    }
    if (std::iswprint(static_cast<std::wint_t>(c))) return put(width_of(c));
    // `^A`, `\U+200b`
    const int shown = c < 0x100 && std::iswcntrl(static_cast<std::wint_t>(c)) ? 2
                      : c > 0xffff                                            ? 8
                                                                              : 7;
    for (int i = 0; i < shown; ++i) put(1);
  }

 private:
  static int width_of(wchar_t c) { return std::max(::wcwidth(c), 0); }

  void put(int width) {
    while (place_.column + width > columns_ && place_.column > 0) put(1);
    place_.column += std::max(width, 1);
    if (place_.column >= columns_) next_row();
  }
  void next_row() {
    place_.column = 0;
    place_.row = std::min(place_.row + 1, rows_ - 1);
  }

  int columns_, rows_;
  Place place_;
};

}  // namespace

LineLayout layout_of(std::wstring_view prompt, std::wstring_view line, std::size_t cursor,
                     int columns, int rows) {
  Pen pen(columns, rows);
  for (const wchar_t c : prompt) pen.draw(c);
  LineLayout layout;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i == cursor) layout.cursor = pen.before(line[i]);
    pen.draw(line[i]);
  }
  layout.end = pen.place();
  if (cursor >= line.size()) layout.cursor = layout.end;
  layout.cursor.row = std::min(layout.cursor.row, std::max(rows, 1) - 1);
  return layout;
}

}  // namespace routerone::cli
