#include "cli/terminal/shown.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdio>

#include "cli/terminal/output.h"
#include "cli/terminal/table.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

/// Bytes as they come, mixed with all that would do harm on a terminal.
rc::Gen<std::string> untrusted() {
  const std::vector<std::string> harm = {"\x1b[31m",
                                         "\x1b]0;title\x07",
                                         "\r",
                                         "\n",
                                         "\t",
                                         "\x7f",
                                         "\x08",
                                         "\xc2\x9b"
                                         "2J",
                                         "\u202e",
                                         "\u2066",
                                         "\u200b",
                                         "\u200d",
                                         "\ufeff",
                                         "\u061c",
                                         "\xff\xfe",
                                         "\xed\xa0\x80",
                                         "\xc0\x9b",
                                         "\U000e0041",
                                         "\u2028",
                                         "\x1b",
                                         "\xf4\x90\x80\x80",
                                         "plain",
                                         "\u65e5\u672c",
                                         "e\u0301",
                                         "\U0001f600"};
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
          rc::gen::elementOf(harm), rc::gen::map(rc::gen::arbitrary<Bytes>(), text_of))),
      [](const std::vector<std::string>& parts) {
        std::string all;
        for (const std::string& part : parts) all += part;
        return all;
      });
}

/// All but our own colour codes, which are taken out; anything like them stays.
std::string without_our_colors(std::string text) {
  for (const char* ours :
       {"\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[2m", "\x1b[1m", "\x1b[0m"})
    for (std::size_t at = 0; (at = text.find(ours, at)) != text.npos;)
      text.erase(at, std::string(ours).size());
  return text;
}

/// `printable` leaves alone what is harmless, so a text it would change is not.
bool harmless(const std::string& line) { return printable(line, line.size() + 1) == line; }

/// What Output wrote to both its ends while `body` ran.
template <class Body>
std::pair<std::string, std::string> written(ColorMode mode, Body body) {
  std::FILE* const files[] = {std::tmpfile(), std::tmpfile()};
  Output out(files[0], files[1], {mode, false});
  body(out);
  std::string texts[2];
  for (int i = 0; i < 2; ++i) {
    std::rewind(files[i]);
    char part[4096];
    for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, files[i])) > 0;)
      texts[i].append(part, got);
    std::fclose(files[i]);
  }
  return {texts[0], texts[1]};
}

TEST_CASE("whatever bytes come in, only our own colours and line ends go out beside plain text") {
  const bool held = rc::check("line, note, error, table, facts", [] {
    const std::string bad = *untrusted();
    const auto color =
        *rc::gen::elementOf(std::vector<Color>{Color::none, Color::red, Color::green, Color::yellow,
                                               Color::cyan, Color::dim, Color::bold});
    const auto [out, err] = written(ColorMode::always, [&](Output& to) {
      to.line(bad);
      to.line("so: " + Output::paint(color, bad) + bad);
      to.note(Shown(bad, color));
      to.error({ErrorKind::invalid, bad, "x" + bad});
      Table table({{bad}, {"B"}});
      table.add({bad, Cell(bad, bad, color)});
      table.print(to);
      print_facts(to, {{bad, Cell(bad, bad, color)}});
    });
    RC_ASSERT(std::count(out.begin(), out.end(), '\n') == 4);
    RC_ASSERT(std::count(err.begin(), err.end(), '\n') == 3);
    for (const std::string& all : {without_our_colors(out), without_our_colors(err)})
      for (const std::string_view line : split(all, '\n'))
        for (const std::string_view field : split(line, '\t'))
          RC_ASSERT(harmless(std::string(field)));
    RC_ASSERT(std::count(out.begin(), out.end(), '\t') == 2);
  });
  CHECK(held);
}

TEST_CASE("JSON that is printed is ASCII without a control character, whatever is in it") {
  const bool held = rc::check("any string", [] {
    Json value = Json::object();
    value["text"] = *untrusted();
    value[*untrusted()] = 1;
    const auto [out, err] = written(ColorMode::always, [&](Output& to) { to.json_line(value); });
    RC_ASSERT(
        std::all_of(out.begin(), out.end() - 1, [](char c) { return c >= 0x20 && c < 0x7f; }));
    RC_ASSERT(Json::parse(out, nullptr, false).is_object());
  });
  CHECK(held);
}

TEST_CASE("text that is shown twice is shown alike, and a text of ours stays as it is") {
  const bool held = rc::check("any text", [] {
    const std::string once = Shown(*untrusted()).bytes(false);
    RC_ASSERT(Shown(once).bytes(false) == once);
  });
  CHECK(held);
  CHECK(Shown("C:\\n \"it\" \u65e5 e\u0301").bytes(true) == "C:\\n \"it\" \u65e5 e\u0301");
}

TEST_CASE("lines end where we say, and colours end with their piece") {
  CHECK(Shown("a\nb").bytes(false) == "a\\nb");
  CHECK(Shown::lines("a\nb\x1b\n").bytes(false) == "a\nb\\x1b\n");
  const Shown text = "one " + Shown("two", Color::red) + Shown::spaces(2) + "three";
  CHECK(text.bytes(true) == "one \x1b[31mtwo\x1b[0m  three");
  CHECK(text.bytes(false) == "one two  three");
  CHECK(text.width() == 14);
  CHECK(text.cut(14).bytes(false) == "one two  three");
  CHECK(text.cut(13).bytes(false) == "one two  thr~");
  CHECK(text.cut(6).bytes(true) == "one \x1b[31mt~\x1b[0m");
  CHECK(text.cut(4).width() == 4);
  CHECK(text.cut(0).width() == 0);
  CHECK(Shown("").empty());
}

}  // namespace
}  // namespace routerone::cli
