#include "cli/agents/difference.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace routerone::cli {
namespace {

std::string shown(std::string_view before, std::string_view after) {
  std::string text;
  for (const DiffLine& line : difference(before, after)) text += line.text + "\n";
  return text;
}

TEST_CASE("Texts that are alike have no difference") {
  CHECK(difference("", "").empty());
  CHECK(difference("a\nb\n", "a\nb\n").empty());
}

TEST_CASE("A change is shown with three lines around it and where it stands") {
  CHECK(shown("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("Changes far from each other stand in hunks of their own, near ones in one") {
  CHECK(shown("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n") ==
        "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
  CHECK(shown("a\n1\n2\nb\n", "A\n1\n2\nB\n") == "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n-b\n+B\n");
}

TEST_CASE("A new file is all added, a file that goes is all removed") {
  CHECK(shown("", "a\nb\n") == "@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(shown("a\n", "") == "@@ -1,1 +0,0 @@\n-a\n");
}

TEST_CASE("A missing line end is said") {
  CHECK(shown("a", "a\n") == "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
}

/// Applies what `difference` says to `before`; the marks alone tell what the texts were.
std::string side(const std::vector<DiffLine>& lines, DiffLine::Kind without) {
  std::string text;
  for (const DiffLine& line : lines) {
    if (line.kind == DiffLine::Kind::place || line.kind == without) continue;
    if (line.text.starts_with('\\'))
      text.pop_back();
    else
      text += line.text.substr(1) + "\n";
  }
  return text;
}

TEST_CASE("For all short texts a difference tells both of them whole") {
  CHECK(rc::check([] {
    const auto text = rc::gen::map(
        rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a", "b", "")),
        [](std::vector<std::string> lines) {
          lines.resize(std::min<std::size_t>(lines.size(), 4));
          std::string all;
          for (const std::string& line : lines) all += line + "\n";
          return all;
        });
    const std::string before = *text, after = *text;
    const auto lines = difference(before, after);
    RC_ASSERT(lines.empty() == (before == after));
    if (lines.empty()) return;
    // At most four lines a side: everything is within the surroundings.
    RC_ASSERT(side(lines, DiffLine::Kind::added) == before);
    RC_ASSERT(side(lines, DiffLine::Kind::removed) == after);
  }));
}

}  // namespace
}  // namespace routerone::cli
