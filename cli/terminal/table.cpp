#include "cli/terminal/table.h"

#include <algorithm>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_cell = 256;
constexpr std::size_t gap = 2;
constexpr std::size_t least_column = 12, readable_column = 20;

std::string shown_text(const Cell& cell) {
  std::string text = printable(cell.shown, longest_cell);
  return text.empty() ? "-" : text;
}

std::size_t line_width(const std::vector<std::size_t>& widths) {
  std::size_t sum = 0;
  for (const std::size_t width : widths)
    if (width > 0) sum += width + (sum == 0 ? 0 : gap);
  return sum;
}

}  // namespace

void Table::print(Output& out, bool headed) const {
  if (out.terminal())
    print_aligned(out, headed);
  else
    print_plain(out);
}

void Table::print_plain(Output& out) const {
  for (const auto& row : rows_) {
    Shown line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += Shown::tab();
      line += Shown(printable(row[i].plain, longest_cell), row[i].color);
    }
    out.line(line);
  }
}

std::vector<std::size_t> Table::own_widths() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_)
    widths.push_back(std::max<std::size_t>(1, shown_width(printable(column.title))));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], shown_width(shown_text(row[i])));
  return widths;
}

/// 0 for a column that is left out.
std::vector<std::size_t> Table::fitting_widths(std::size_t line) const {
  std::vector<std::size_t> widths = own_widths();
  const auto too_wide = [&] { return !whole_ && line_width(widths) > line; };
  const auto cut_down_to = [&](std::size_t least) {
    while (too_wide()) {
      std::size_t* widest = nullptr;
      for (std::size_t i = 0; i < widths.size(); ++i)
        if (!columns_[i].whole && (!widest || widths[i] > *widest)) widest = &widths[i];
      if (!widest || *widest <= least) return;
      --*widest;
    }
  };
  const auto leave_out = [&] {
    std::size_t* spare = nullptr;
    int most = 0;
    for (std::size_t i = 0; i < widths.size(); ++i)
      if (widths[i] > 0 && columns_[i].spare > most) {
        most = columns_[i].spare;
        spare = &widths[i];
      }
    if (spare) *spare = 0;
    return spare != nullptr;
  };
  cut_down_to(readable_column);
  while (too_wide() && leave_out()) {
  }
  cut_down_to(least_column);
  for (std::size_t last = widths.size(); too_wide() && last > 1;) widths[--last] = 0;
  return widths;
}

void Table::print_aligned(Output& out, bool headed) const {
  const auto widths = fitting_widths(static_cast<std::size_t>(out.width()));
  const auto print_row = [&](const std::vector<std::pair<std::string, Color>>& cells) {
    Shown line;
    std::size_t owed = 0;  // Spaces before the next cell; none are left at the end of a line.
    for (std::size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
      if (widths[i] == 0) continue;
      const std::string text = cut_to(cells[i].first, widths[i]);
      if (text.find_first_not_of(' ') == text.npos) {
        owed += widths[i] + gap;
        continue;
      }
      const std::size_t rest = widths[i] - shown_width(text);
      const bool right = columns_[i].align == Align::right;
      line += Shown::spaces(owed + (right ? rest : 0)) + Shown(text, cells[i].second);
      owed = gap + (right ? 0 : rest);
    }
    out.line(line);
  };

  std::vector<std::pair<std::string, Color>> titles;
  titles.reserve(columns_.size());
  for (const Column& column : columns_) titles.emplace_back(printable(column.title), Color::bold);
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
  for (const auto& [name, value] : facts) widest = std::max(widest, Shown(name).width());
  for (const auto& [name, cell] : facts) {
    if (!out.terminal()) {
      out.line(name + Shown::tab() + Shown(printable(cell.plain, longest_value), cell.color));
      continue;
    }
    std::string shown = printable(cell.shown, longest_value);
    if (shown.empty()) shown = "-";
    const Shown title(name, Color::bold);
    out.line(title + Shown::spaces(widest - title.width() + 2) + Shown(shown, cell.color));
  }
}

}  // namespace routerone::cli
