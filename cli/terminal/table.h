#pragma once

#include <string>
#include <vector>

#include "cli/terminal/output.h"
#include "cli/terminal/width.h"

namespace routerone::cli {

/// One field of a row: what a person reads, and what a program reads.
struct Cell {
  std::string shown;  ///< On a terminal: `3 min ago`. Empty: a dash.
  std::string plain;  ///< In a pipe: RFC 3339. May be empty.
  Color color = Color::none;

  Cell(std::string both) : shown(std::move(both)), plain(shown) {}  // NOLINT(*-explicit-*)
  Cell(const char* both) : Cell(std::string(both)) {}               // NOLINT(*-explicit-*)
  Cell(std::string for_people, std::string for_programs, Color painted = Color::none)
      : shown(std::move(for_people)), plain(std::move(for_programs)), color(painted) {}
};

/// Rows in columns. On a terminal: aligned, headed, and a row fits one line: long cells are cut as
/// long as enough of them is left to read, then columns that can be spared are left out, then more
/// is cut, and then the last columns go. In a pipe: one line a row, fields separated by tabs, no
/// heading. Every cell passes `printable`, so no field can hold a tab.
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
    bool whole = false;  ///< Never cut: what it shows is to be pasted.
    int spare = 0;       ///< Where it is narrow, those with the highest go first; 0: only at last.
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  /// Nothing is cut or left out, however narrow the terminal is.
  void keep_whole() { whole_ = true; }
  /// `headed`: on a terminal, whether the titles come first.
  void print(Output&, bool headed = true) const;

 private:
  void print_plain(Output&) const;
  void print_aligned(Output&, bool headed) const;
  std::vector<std::size_t> fitting_widths(std::size_t line) const;
  std::vector<std::size_t> own_widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  bool whole_ = false;
};

/// `name: value` lines of one thing; in a pipe `name<TAB>value`.
void print_facts(Output&, const std::vector<std::pair<std::string, Cell>>& facts);

}  // namespace routerone::cli
