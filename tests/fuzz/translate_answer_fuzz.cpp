// A whole answer of one dialect for a caller of another: whatever the provider sends, what is made
// of it is an answer of the caller's dialect, the same each time, and can be read back.
#include "daemon/dialect/collector.h"
#include "daemon/dialect/stop_cutter.h"
#include "tests/fuzz/legal_answer.h"
#include "tests/fuzz/pair.h"
#include "tests/fuzz/sound_events.h"

using namespace routerone;

namespace {

void check_events(const chat::Answer& answer, const fuzz::Pair& pair, const chat::Request& asked) {
  const std::vector<chat::Event> events = dialect::events_of(answer);
  fuzz::require_legal(fuzz::unsound(events), "the events of an answer");
  const auto writer = pair.to_dialect().translation()->write_events(asked, fuzz::facts);
  std::string stream;
  for (const chat::Event& event : events) stream += writer->write(event);
  const fuzz::Asked form{asked.wants_usage, asked.legacy_calls, asked.as_array};
  fuzz::require_legal(fuzz::illegal_stream(pair.to->dialect, stream, true, form), stream);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Pair pair(data, size);
  chat::Request asked;
  asked.legacy_calls = (pair.flags & 2) != 0;
  if ((pair.flags & 4) != 0) asked.reasoning.visible = false;
  asked.count_only = (pair.more_flags & 1) != 0;
  const std::string body = pair.body(pair.from->answers);
  const dialect::Translation& from = *pair.from_dialect().translation();
  const dialect::Translation& to = *pair.to_dialect().translation();
  auto answer = from.read_answer(body);
  if (!answer) return 0;
  const std::string written = to.write_answer(*answer, asked, fuzz::facts);
  if (asked.count_only) {
    fuzz::require(Json::accept(written), "sound JSON");
    return 0;
  }
  fuzz::require_legal(fuzz::illegal_answer(pair.to->dialect, written), written);
  fuzz::require(written == to.write_answer(*answer, asked, fuzz::facts), "the same each time");
  check_events(*answer, pair, asked);

  const auto again = to.read_answer(written);
  const std::string back = from.write_answer(*again, asked, fuzz::facts);
  fuzz::require_legal(fuzz::illegal_answer(pair.from->dialect, back), back);
  const std::vector<std::string> stops = {"o", "ab"};
  dialect::cut_at_stop(*answer, stops);
  const std::string cut = to.write_answer(*answer, asked, fuzz::facts);
  fuzz::require_legal(fuzz::illegal_answer(pair.to->dialect, cut), cut);
  return 0;
}
