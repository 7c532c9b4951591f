#include "cli/terminal/key_reader.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

const std::string begins = "\x1b[200~", ends = "\x1b[201~";

std::wstring keys_of(KeyReader& reader) {
  std::wstring out;
  while (const auto key = reader.next()) out += *key;
  return out;
}

/// All the keys of what comes in parts of that many bytes.
std::wstring keys_of(std::string_view bytes, std::size_t part = 1) {
  KeyReader reader;
  std::wstring out;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(part, bytes.size()))) {
    reader.feed(bytes.substr(0, part));
    out += keys_of(reader);
  }
  return out;
}

std::string pasted(const std::string& raw) {
  KeyReader reader;
  reader.feed(begins + raw + ends);
  CHECK(keys_of(reader) == std::wstring{KeyReader::paste_key});
  const auto paste = reader.take_paste();
  REQUIRE(paste);
  CHECK_FALSE(paste->too_long);
  return paste->text;
}

TEST_CASE("characters come out whole, however their bytes came in") {
  for (const std::size_t part : {1, 2, 3, 7})
    CHECK(keys_of("a\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80z", part) == L"a\u00e9\u65e5\U0001f600z");
}

TEST_CASE("what is no UTF-8 is one replacement character, and swallows nothing") {
  CHECK(keys_of("\xffz") == L"\ufffdz");
  CHECK(keys_of("\xe6z") == L"\ufffdz");
  CHECK(keys_of("\xc0\x80z") == L"\ufffd\ufffdz");
  CHECK(keys_of("\xed\xa0\x80z") == L"\ufffdz");
}

TEST_CASE("sequences of keys go on as they came") {
  CHECK(keys_of("\x1b[Ax\x1b[20~\x1bOP") == L"\x1b[Ax\x1b[20~\x1bOP");
}

TEST_CASE("a paste is one key, and nothing in it acts") {
  CHECK(pasted("keys list\nversion\n") == "keys list\nversion");
  CHECK(pasted("a\r\nb\rc\n\n\n") == "a\nb\nc");
  CHECK(pasted("a\tb") == "a b");
  CHECK(pasted("x\x1b[31my\x03\x7f") == "x\\x1b[31my\\x03\\x7f");
  CHECK(pasted("") == "");
}

TEST_CASE("keys before and behind a paste are keys") {
  KeyReader reader;
  reader.feed("a" + begins + "b\n" + ends + "c");
  CHECK(keys_of(reader) == std::wstring{L'a', KeyReader::paste_key, L'c'});
  CHECK(reader.take_paste()->text == "b");
  CHECK_FALSE(reader.take_paste());
}

TEST_CASE("a paste that ends itself is one paste all the same") {
  CHECK(pasted("one" + ends + "\nrun\n") == "one\\x1b[201~\nrun");
}

TEST_CASE("two pastes in a row are two") {
  KeyReader reader;
  reader.feed(begins + "a" + ends + begins + "b" + ends);
  CHECK(reader.next() == KeyReader::paste_key);
  CHECK(reader.take_paste()->text == "a");
  CHECK(reader.next() == KeyReader::paste_key);
  CHECK(reader.take_paste()->text == "b");
}

TEST_CASE("of a paste that is too long nothing is taken, and what follows is keys again") {
  KeyReader reader;
  reader.feed(begins);
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(reader.next());
    CHECK((i == 0 || reader.in_paste()));
    reader.feed(std::string(1'000, 'x'));
  }
  reader.feed(ends + "k");
  CHECK(keys_of(reader) == std::wstring{KeyReader::paste_key, L'k'});
  const auto paste = reader.take_paste();
  REQUIRE(paste);
  CHECK(paste->too_long);
  CHECK(paste->text.empty());
}

TEST_CASE("whatever is pasted, no character of it would act on a line or a terminal") {
  rc::check([](const std::string& raw, const std::string& typed) {
    KeyReader reader;
    reader.feed(begins + raw + ends);
    const auto first = reader.next();
    RC_ASSERT(first == KeyReader::paste_key);
    const auto paste = reader.take_paste();
    RC_ASSERT(paste.has_value());
    for (const char c : paste->text) RC_ASSERT(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    reader.feed(typed + " ");
    while (reader.next()) {
    }
  });
}

TEST_CASE("what is UTF-8 comes back from wide characters as it was") {
  for (const std::string text : {"", "abc", "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80"})
    CHECK(to_utf8(to_wide(text)) == text);
  CHECK(to_utf8(to_wide("a\xff")) == "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace routerone::cli
