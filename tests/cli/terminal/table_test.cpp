#include "cli/terminal/table.h"

#include <rapidcheck.h>

#include "common/core/text.h"
#include "tests/cli/terminal/terminal.h"

namespace routerone::cli {
namespace {

using test::on_terminal;

Table sample() {
  Table table(
      {{"NAME"}, {"ID", Table::Align::left, true}, {"COUNT", Table::Align::right}, {"END"}});
  table.add({"a-rather-long-name-of-a-thing", "0123456789-0123456789", "7", "x"});
  table.add({"b", "0123456789-9876543210", Cell("1.5k", "1500"), ""});
  return table;
}

std::string shown_at(unsigned short columns, const Table& table, bool headed = true) {
  return on_terminal(columns,
                     [&] {
                       Output out(stdout, stderr, {ColorMode::never, false});
                       table.print(out, headed);
                       return 0;
                     })
      .text;
}

TEST_CASE("on a terminal columns are aligned and headed, and nothing stands for nothing") {
  CHECK(shown_at(100, sample()) ==
        "NAME                           ID                     COUNT  END\r\n"
        "a-rather-long-name-of-a-thing  0123456789-0123456789      7  x\r\n"
        "b                              0123456789-9876543210   1.5k  -\r\n");
  CHECK_FALSE(shown_at(100, sample(), false).starts_with("NAME"));
}

TEST_CASE("where it is narrow, long cells are cut, then the last columns go; an id stays whole") {
  CHECK(shown_at(50, sample()) ==
        "NAME             ID                     COUNT  END\r\n"
        "a-rather-long-~  0123456789-0123456789      7  x\r\n"
        "b                0123456789-9876543210   1.5k  -\r\n");
  CHECK(shown_at(36, sample()) ==
        "NAME          ID\r\n"
        "a-rather-lo~  0123456789-0123456789\r\n"
        "b             0123456789-9876543210\r\n");
}

TEST_CASE("columns that can be spared go before others are cut to what nobody can read") {
  Table table({{"NAME"},
               {"NOTE", Table::Align::left, false, 1},
               {"COUNT", Table::Align::right},
               {"MORE", Table::Align::left, false, 2}});
  table.add({"a-rather-long-name-of-a-thing", "noted", "7", "and more"});
  CHECK(shown_at(54, table) ==
        "NAME                           NOTE   COUNT  MORE\r\n"
        "a-rather-long-name-of-a-thing  noted      7  and more\r\n");
  CHECK(shown_at(44, table) ==
        "NAME                  NOTE   COUNT  MORE\r\n"
        "a-rather-long-name-~  noted      7  and more\r\n");
  CHECK(shown_at(40, table) ==
        "NAME                  NOTE   COUNT\r\n"
        "a-rather-long-name-~  noted      7\r\n");
  CHECK(shown_at(30, table) ==
        "NAME                  COUNT\r\n"
        "a-rather-long-name-~      7\r\n");
  table.keep_whole();
  CHECK(shown_at(30, table).find("and more") != std::string::npos);
}

TEST_CASE("off a terminal a row is a line, and no field can add a tab or a line of its own") {
  const bool held = rc::check("any cells", [](const std::vector<std::string>& cells) {
    RC_PRE(!cells.empty());
    std::vector<Cell> row;
    for (const std::string& cell : cells) row.emplace_back(cell);
    Table table(std::vector<Table::Column>(cells.size(), Table::Column{"X"}));
    table.add(row);
    std::FILE* const file = std::tmpfile();
    Output out(file, stderr, {});
    table.print(out);
    (void)out.flush();
    std::rewind(file);
    std::string text(1 << 16, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    RC_ASSERT(std::count(text.begin(), text.end(), '\n') == 1);
    RC_ASSERT(std::count(text.begin(), text.end(), '\t') + 1 ==
              static_cast<std::ptrdiff_t>(cells.size()));
    RC_ASSERT(text.find('\x1b') == std::string::npos);
  });
  CHECK(held);
}

}  // namespace
}  // namespace routerone::cli
