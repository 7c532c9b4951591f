// The writers of streams by themselves: for every sequence of events that a reader may make, and
// with signs of life and a failure at every place, the stream is one that its dialect allows.
#include "tests/fuzz/legal_stream.h"
#include "tests/fuzz/pair.h"
#include "tests/fuzz/sound_events.h"

using namespace routerone;

namespace {

std::string piece_of(fuzz::Bytes& bytes) {
  static const std::vector<std::string> pieces = {
      "a",  "{\"q\":1}", "{\"q\":",     "\"\\\"\n",      "\xc3\xa9",
      "{}", " ",         "data: x\n\n", "{\"input\":\"a"};
  return pieces[bytes.one() % pieces.size()];
}

chat::Part part_of(fuzz::Bytes& bytes, std::size_t number) {
  const std::size_t kind = bytes.one();
  if (kind % 4 == 0) {
    chat::Thinking out;
    if ((kind & 4) != 0) out.origin = (kind & 8) != 0 ? "anthropic" : "openai-responses";
    out.redacted = (kind & 16) != 0;
    return out;
  }
  if (kind % 4 == 1) {
    chat::Text out;
    out.refusal = (kind & 4) != 0;
    return out;
  }
  chat::ToolCall out;
  out.id = "call_" + std::to_string(number);
  out.name = (kind & 4) != 0 ? "look" : "patch";
  out.freeform = (kind & 4) == 0;
  if ((kind & 8) != 0) out.group = "mcp";
  if ((kind & 16) != 0) out.signature = "c2ln";
  return out;
}

/// What is only known at the end of a part.
chat::Part rest_of(chat::Part part, std::size_t how) {
  if (auto* text = std::get_if<chat::Text>(&part)) {
    if ((how & 1) != 0) text->citations.push_back({"https://example.test/", "T", 0, 1, "q"});
    if ((how & 2) != 0) text->citations.emplace_back();
  } else if (auto* thinking = std::get_if<chat::Thinking>(&part); thinking && (how & 1) != 0) {
    if (thinking->origin == "anthropic") {
      thinking->state = thinking->redacted
                            ? R"({"type":"redacted_thinking","data":"ZA=="})"
                            : R"({"type":"thinking","thinking":"a","signature":"c2ln"})";
    } else if (!thinking->origin.empty()) {
      thinking->state = R"({"type":"reasoning","summary":[],"encrypted_content":"ZW5j"})";
    }
  }
  return part;
}

class Story {
 public:
  explicit Story(fuzz::Bytes& bytes) : bytes_(bytes) {}

  std::vector<chat::Event> tell() {
    chat::Began began{"up_1", "up", {}};
    if (bytes_.one() % 2 == 0) began.usage.input = 3;
    out.emplace_back(std::move(began));
    for (int steps = 0; !bytes_.empty() && steps < 60; ++steps) step(bytes_.one());
    while (!open_.empty()) end(open_.begin()->first, 1);
    chat::Ending ending;
    ending.finish = static_cast<chat::Finish>(bytes_.one() % 8);
    const std::size_t more = bytes_.one();
    if ((more & 1) != 0) ending.stop_sequence = "END";
    if ((more & 2) != 0) ending.explanation = "No.";
    if ((more & 4) != 0) ending.usage.output = 5;
    out.emplace_back(chat::Ended{std::move(ending)});
    return std::move(out);
  }

 private:
  void step(std::size_t how) {
    if (how % 4 == 0 || open_.empty()) {
      chat::Part begun = part_of(bytes_, parts_);
      out.emplace_back(chat::PartBegan{parts_, begun});
      open_.emplace(parts_++, std::move(begun));
      return;
    }
    auto at = open_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(how / 4 % open_.size()));
    if (how % 4 == 1) return end(at->first, how / 16);
    std::string text = piece_of(bytes_);
    out.emplace_back(chat::Delta{at->first, std::move(text)});
  }
  void end(std::size_t part, std::size_t how) {
    chat::Part open = open_.extract(part).mapped();
    out.emplace_back(chat::PartEnded{part, rest_of(std::move(open), how), {}});
  }

  fuzz::Bytes& bytes_;
  std::map<std::size_t, chat::Part> open_;
  std::size_t parts_ = 0;
  std::vector<chat::Event> out;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Pair pair(data, size);
  chat::Request asked;
  asked.wants_usage = (pair.flags & 1) == 0;
  asked.legacy_calls = (pair.flags & 2) != 0;
  asked.as_array = (pair.flags & 4) != 0;
  if ((pair.more_flags & 1) != 0) asked.reasoning.visible = false;
  const bool lives = (pair.more_flags & 2) != 0;
  const std::size_t fails_at = (pair.more_flags & 4) != 0 ? pair.sample : SIZE_MAX;
  const fuzz::Asked form{asked.wants_usage, asked.legacy_calls, asked.as_array};

  const std::vector<chat::Event> events = Story(pair.bytes).tell();
  fuzz::require_legal(fuzz::unsound(events), "the story itself");
  const auto writer = pair.to_dialect().translation()->write_events(asked, fuzz::facts);
  std::string stream;
  std::size_t told = 0;
  for (const chat::Event& event : events) {
    if (told++ == fails_at) stream += writer->fail({RefusalKind::upstream_failed, "cut", "", {}});
    stream += writer->write(event);
    if (lives) stream += writer->keepalive();
  }
  fuzz::require_legal(fuzz::illegal_stream(pair.to->dialect, stream, true, form), stream);
  return 0;
}
