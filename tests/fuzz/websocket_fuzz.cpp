// WebSocket frames: however they are cut, the same things are heard; a message is UTF-8 and no
// larger than the cap; after the end nothing is heard.
#include <array>
#include <vector>

#include "daemon/websocket/reader.h"
#include "daemon/websocket/utf8.h"
#include "tests/fuzz/bytes.h"

using routerone::websocket::Event;
using routerone::websocket::Reader;
using routerone::websocket::Utf8Check;
namespace fuzz = routerone::fuzz;

namespace {

constexpr std::size_t cap = 4096;
using namespace std::string_view_literals;
const std::array<std::string_view, 16> words = {
    "\x81\x80\0\0\0\0"sv,  "\x81\x85\0\0\0\0hello"sv, "\x01\x82\1\2\3\4bc"sv,
    "\x80\x81\0\0\0\0x"sv, "\x00\x80\0\0\0\0"sv,      "\x89\x81\0\0\0\0p"sv,
    "\x8A\x80\0\0\0\0"sv,  "\x88\x80\0\0\0\0"sv,      "\x88\x82\0\0\0\0\3\xE8"sv,
    "\x81\xFE\0\x7E"sv,    "\x81\xFF\0\0\0\0"sv,      "\x82\x80"sv,
    "\xE2\x82\xAC"sv,      "\xED\xA0\x80"sv,          "\xC1\x80"sv,
    "\x81\x01x"sv};

std::vector<Event> read(std::string_view text, fuzz::Input* steps) {
  Reader reader(cap);
  std::vector<Event> events;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = steps == nullptr ? text.size() : steps->step();
    std::string_view some = text.substr(at, size);
    at += some.size();
    for (;;) {
      Event event = reader.next(some);
      if (event.kind == Event::Kind::none) break;
      events.push_back(std::move(event));
    }
    fuzz::require(some.empty(), "all bytes are taken");
    fuzz::require(reader.held() <= 2 * cap, "no more is held than a message may have");
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size, words);
  const std::vector<Event> whole = read(input.text(), nullptr);
  const std::vector<Event> stepped = read(input.text(), &input);
  fuzz::require(whole.size() == stepped.size(), "as much is heard in steps");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const Event& event = whole[i];
    const bool same = event.kind == stepped[i].kind && event.payload == stepped[i].payload &&
                      event.code == stepped[i].code;
    fuzz::require(same, "the same is heard in steps");
    const bool ends = event.kind == Event::Kind::close || event.kind == Event::Kind::broken;
    fuzz::require(!ends || i + 1 == whole.size(), "nothing is heard after the end");
    if (event.kind != Event::Kind::text) continue;
    Utf8Check check;
    fuzz::require(check.feed(event.payload) && check.at_boundary(), "a text is UTF-8");
    fuzz::require(event.payload.size() <= cap, "a text is no larger than the cap");
  }
  return 0;
}
