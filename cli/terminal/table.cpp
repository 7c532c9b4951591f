#include "cli/terminal/table.h"

#include <algorithm>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_cell = 256;
constexpr std::string_view gap = "  ";
constexpr std::size_t least_column = 12;

/// The next code point of well-formed UTF-8 (what `printable` gives out is).
char32_t next_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  char32_t value = length == 1 ? first : first & (0x7fu >> length);
  for (std::size_t i = 1; i < std::min(length, text.size()); ++i)
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
  text.remove_prefix(std::min(length, text.size()));
  return value;
}

std::size_t width_of(char32_t c) {
  if (c >= 0x300 && c <= 0x36f) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                    (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                    (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                    (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
  return wide ? 2 : 1;
}

/// At most `most` columns; what is cut shows as `~`.
std::string cut(std::string_view text, std::size_t most) {
  if (shown_width(text) <= most) return std::string(text);
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    std::string_view rest = text;
    const std::size_t wide = width_of(next_character(rest));
    if (used + wide + 1 > most) break;
    out.append(text.substr(0, text.size() - rest.size()));
    used += wide;
    text = rest;
  }
  return out + "~";
}

std::string shown_text(const Cell& cell) {
  std::string text = printable(cell.shown, longest_cell);
  return text.empty() ? "-" : text;
}

std::size_t line_width(const std::vector<std::size_t>& widths) {
  std::size_t sum = 0;
  for (const std::size_t width : widths) sum += width + (sum == 0 ? 0 : gap.size());
  return sum;
}

}  // namespace

std::size_t shown_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) width += width_of(next_character(text));
  return width;
}

void Table::print(Output& out, bool headed) const {
  if (out.terminal())
    print_aligned(out, headed);
  else
    print_plain(out);
}

void Table::print_plain(Output& out) const {
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += '\t';
      line += out.paint(row[i].color, printable(row[i].plain, longest_cell));
    }
    out.line(line);
  }
}

/// Takes from the widest columns until a row fits the line; then leaves out the last ones.
std::vector<std::size_t> Table::fitting_widths(std::size_t line) const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(shown_width(column.title));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], shown_width(shown_text(row[i])));
  while (line_width(widths) > line) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i)
      if (!columns_[i].whole && (!widest || widths[i] > *widest)) widest = &widths[i];
    if (widest && *widest > least_column)
      --*widest;
    else if (widths.size() > 1)
      widths.pop_back();
    else
      break;
  }
  return widths;
}

void Table::print_aligned(Output& out, bool headed) const {
  const auto widths = fitting_widths(static_cast<std::size_t>(out.width()));
  const auto print_row = [&](const std::vector<std::pair<std::string, Color>>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
      const std::string text = cut(cells[i].first, widths[i]);
      const std::string space(widths[i] - shown_width(text), ' ');
      const std::string painted = out.paint(cells[i].second, text);
      const bool last = i + 1 == widths.size();
      if (columns_[i].align == Align::right)
        line += space + painted;
      else
        line += last ? painted : painted + space;
      if (!last) line += gap;
    }
    out.line(line);
  };

  std::vector<std::pair<std::string, Color>> titles;
  titles.reserve(columns_.size());
  for (const Column& column : columns_) titles.emplace_back(column.title, Color::bold);
  if (headed) print_row(titles);
  for (const auto& row : rows_) {
    std::vector<std::pair<std::string, Color>> cells;
    cells.reserve(row.size());
    for (const Cell& cell : row) cells.emplace_back(shown_text(cell), cell.color);
    print_row(cells);
  }
}

void print_facts(Output& out, const std::vector<std::pair<std::string, Cell>>& facts) {
  constexpr std::size_t longest_value = 1'000;
  std::size_t widest = 0;
  for (const auto& [name, value] : facts) widest = std::max(widest, name.size());
  for (const auto& [name, cell] : facts) {
    if (!out.terminal()) {
      out.line(name + "\t" + out.paint(cell.color, printable(cell.plain, longest_value)));
      continue;
    }
    std::string shown = printable(cell.shown, longest_value);
    if (shown.empty()) shown = "-";
    out.line(out.paint(Color::bold, name) + std::string(widest - name.size() + 2, ' ') +
             out.paint(cell.color, shown));
  }
}

}  // namespace routerone::cli
