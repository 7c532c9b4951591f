#include "cli/terminal/line_layout.h"

#include <doctest/doctest.h>

#include <clocale>
#include <string>

namespace routerone::cli {
namespace {

/// Widths are known by the locale; the others' tests shall not notice.
class WideCharacters {
 public:
  WideCharacters() : before_(std::setlocale(LC_CTYPE, nullptr)) {
    REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8"));
  }
  ~WideCharacters() { std::setlocale(LC_CTYPE, before_.c_str()); }
  WideCharacters(const WideCharacters&) = delete;
  WideCharacters& operator=(const WideCharacters&) = delete;

 private:
  std::string before_;
};

TEST_CASE("a short line stands behind its prompt") {
  const auto layout = layout_of(L"p> ", L"abc", 1, 80, 24);
  CHECK(layout.cursor == Place{0, 4});
  CHECK(layout.end == Place{0, 6});
}

TEST_CASE("a row that is full goes on in the next at once") {
  CHECK(layout_of(L"p> ", L"1234567", 7, 10, 24).end == Place{1, 0});
  CHECK(layout_of(L"p> ", L"123456", 6, 10, 24).end == Place{0, 9});
  CHECK(layout_of(L"p> ", L"12345678901234567", 3, 10, 24).end == Place{2, 0});
  CHECK(layout_of(L"p> ", L"12345678901234567", 8, 10, 24).cursor == Place{1, 1});
}

TEST_CASE("a wide character is not split: it begins the next row") {
  const WideCharacters on;
  CHECK(layout_of(L"", L"123456789\u65e5", 10, 10, 24).end == Place{1, 2});
  CHECK(layout_of(L"", L"123456789\u65e5", 9, 10, 24).cursor == Place{1, 0});
  CHECK(layout_of(L"", L"12345678\u65e5", 9, 10, 24).end == Place{1, 0});
}

TEST_CASE("pasted lines stand below each other") {
  const auto layout = layout_of(L"p> ", L"one\ntwo\nx", 9, 80, 24);
  CHECK(layout.end == Place{2, 1});
  CHECK(layout_of(L"p> ", L"one\ntwo\nx", 4, 80, 24).cursor == Place{1, 0});
}

TEST_CASE("control characters are shown as two, tabs up to the next stop") {
  CHECK(layout_of(L"", L"\x01", 1, 80, 24).end == Place{0, 2});
  CHECK(layout_of(L"ab", L"\t", 1, 80, 24).end == Place{0, 8});
}

TEST_CASE("of what is longer than the screen the end is on its last row") {
  const auto layout = layout_of(L"", std::wstring(1'000, L'x'), 1'000, 10, 5);
  CHECK(layout.end.row == 4);
  CHECK(layout_of(L"", std::wstring(1'000, L'x'), 500, 10, 5).cursor.row == 4);
}

TEST_CASE("a terminal of no size is no reason to hang") {
  CHECK(layout_of(L"p> ", L"abc", 3, 0, 0).end.row == 0);
}

}  // namespace
}  // namespace routerone::cli
