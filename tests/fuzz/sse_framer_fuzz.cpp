// Server-sent events: no byte is lost, added or moved, and events end at the same places however
// the stream arrives.
#include <algorithm>
#include <array>
#include <vector>

#include "daemon/dialect/sse_framer.h"
#include "tests/fuzz/bytes.h"

using routerone::dialect::SseFramer;
namespace fuzz = routerone::fuzz;

namespace {

const std::string filler(100'000, 'x');  // three of these are more than a framer holds
const std::array<std::string_view, 16> words = {"\n",
                                                "\r\n",
                                                "\r",
                                                "\n\n",
                                                "\r\n\r\n",
                                                "\r\r",
                                                "data: {\"a\":1}",
                                                "event:",
                                                "data: [DONE]\n\n",
                                                ": comment\n",
                                                "id: 1\n",
                                                "retry: 1\n",
                                                "\xef\xbb\xbf",
                                                "\xc3\xa9",
                                                filler,
                                                "data:"};

struct Framed {
  std::string bytes;              ///< All that was given out, and what was left.
  std::vector<std::size_t> ends;  ///< Of whole events.
};

Framed frame(std::string_view text, fuzz::Input* steps) {
  using Kind = SseFramer::Piece::Kind;
  SseFramer framer;
  Framed result;
  bool inside_long = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = steps == nullptr ? text.size() : steps->step();
    framer.push(text.substr(at, size));
    at += std::min(size, text.size() - at);
    while (const auto piece = framer.next()) {
      const bool goes_on = piece->kind == Kind::long_part || piece->kind == Kind::long_end;
      fuzz::require(goes_on == inside_long, "the parts of a long event come in order");
      inside_long = piece->kind == Kind::long_start || piece->kind == Kind::long_part;
      fuzz::require(framer.inside_long_event() == inside_long, "the framer knows where it is");
      result.bytes.append(piece->bytes);
      if (!inside_long) result.ends.push_back(result.bytes.size());
    }
  }
  framer.push({});
  result.bytes.append(framer.rest());
  return result;
}

/// Where lines end in CR alone, an event is given out at its second CR at once: an LF behind it, if
/// that comes with a later read, stands alone. For readers of events the two are the same.
std::vector<std::size_t> without_lone_feeds(std::vector<std::size_t> ends, std::string_view text) {
  for (std::size_t& end : ends) {
    if (end < text.size() && text[end - 1] == '\r' && text[end] == '\n') ++end;
  }
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size, words);
  if (input.text().size() > 1'000'000) return 0;
  const Framed whole = frame(input.text(), nullptr);
  fuzz::require(whole.bytes == input.text(), "no byte is lost, added or moved");
  const Framed stepped = frame(input.text(), &input);
  fuzz::require(stepped.bytes == input.text(), "no byte is lost, added or moved in steps");
  fuzz::require(
      without_lone_feeds(whole.ends, whole.bytes) == without_lone_feeds(stepped.ends, whole.bytes),
      "events end where they end");
  return 0;
}
