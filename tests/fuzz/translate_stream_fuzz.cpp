// A stream of one dialect on its way to a caller of another: whatever the provider sends, the
// caller's program gets a stream that its dialect allows, with exactly one end, and the same one
// however the bytes arrive.
#include <optional>

#include "daemon/dialect/collector.h"
#include "daemon/dialect/translating_scanner.h"
#include "tests/fuzz/legal_answer.h"
#include "tests/fuzz/legal_stream.h"
#include "tests/fuzz/pair.h"
#include "tests/fuzz/sound_events.h"

using namespace routerone;

namespace {

struct Job {
  const dialect::Dialect& from;
  const dialect::Dialect& to;
  chat::Request asked;
  dialect::WrittenRequest written;
  fuzz::Asked form;
};

Job job_of(const fuzz::Pair& pair) {
  Job job{pair.from_dialect(), pair.to_dialect(), {}, {}, {}};
  job.asked.stream = true;
  job.asked.wants_usage = (pair.flags & 1) == 0;
  job.asked.legacy_calls = (pair.flags & 2) != 0;
  job.asked.as_array = (pair.flags & 4) != 0;
  job.form = {job.asked.wants_usage, job.asked.legacy_calls, job.asked.as_array};
  if ((pair.more_flags & 1) != 0) job.written.stops = {"oo", "m"};
  if ((pair.more_flags & 2) != 0) {
    chat::ToolCall means;
    means.name = "patch";
    means.freeform = true;
    job.written.renamed.push_back({"look", means});
    means.name = "go.on/now";
    means.group = "mcp";
    means.freeform = false;
    job.written.renamed.push_back({"go", means});
  }
  if ((pair.more_flags & 4) != 0) job.asked.reasoning.visible = false;
  return job;
}

std::string stream_of(fuzz::Pair& pair) {
  if (pair.bare) return pair.text();
  const char* const line_end = (pair.more_flags & 8) != 0 ? "\r\n" : "\n";
  std::string out;
  const Json events = pair.changed(pair.from->streams);
  if (!events.is_array()) return events.dump();
  for (const Json& event : events) {
    if (!event.is_array() || event.size() != 2) continue;
    const std::string name = event[0].is_string() ? event[0].get<std::string>() : "";
    if (!name.empty() && name.find_first_of("\r\n") == name.npos) {
      out += "event: " + name + line_end;
    }
    out += "data: " + (event[1].is_string() ? event[1].get<std::string>() : event[1].dump());
    out.append(line_end).append(line_end);
  }
  return fuzz::spoiled(std::move(out));
}

/// What a relay would make of a stream.
struct Relayed {
  bool refused = false;  ///< It failed before anything went to the caller.
  FailureClass error = FailureClass::none;
  std::string out;
};

class Relaying {
 public:
  Relaying(const Job& job, bool alive)
      : alive_(alive),
        scanner_(job.from.scan_stream(job.from.operations().front(), false),
                 job.from.translation()->read_events(),
                 job.to.translation()->write_events(job.asked, fuzz::facts), job.written, 7) {}

  /// False: no more is wanted.
  bool take(dialect::StreamScanner::Step step, bool at_end) {
    if (!passing_) {
      const bool worth_it = step.content || (step.terminal && scanner_.finish_seen());
      if (step.error != FailureClass::none && !step.content) return refuse(step.error);
      if (!worth_it && (step.terminal || at_end)) return refuse(FailureClass::none);
      passing_ = worth_it;
    }
    for (const std::string_view piece : step.forward) result.out += piece;
    if (step.error != FailureClass::none) result.error = step.error;
    if (step.terminal) return false;
    if (at_end) {
      if (!scanner_.finish_seen() && result.error == FailureClass::none) {
        result.out += scanner_.error_event({RefusalKind::upstream_failed, "cut", "", {}});
      }
      return false;
    }
    if (alive_ && passing_) result.out += scanner_.keepalive();
    return true;
  }

  void run(std::string_view bytes, fuzz::Input* steps) {
    while (!bytes.empty()) {
      const std::string piece(bytes.substr(0, steps ? steps->step() : bytes.size()));
      bytes.remove_prefix(piece.size());
      if (!take(scanner_.feed(piece), false)) return;
    }
    take(scanner_.end(), true);
  }

  Relayed result;

 private:
  bool refuse(FailureClass why) {
    result.refused = true;
    result.error = why;
    result.out.clear();
    return false;
  }

  bool alive_, passing_ = false;
  dialect::TranslatingScanner scanner_;
};

Relayed relayed(const Job& job, std::string_view bytes, fuzz::Input* steps, bool alive) {
  Relaying relaying(job, alive);
  relaying.run(bytes, steps);
  const Relayed& result = relaying.result;
  if (!result.refused) {
    fuzz::require_legal(fuzz::illegal_stream(job.to.id(), result.out, true, job.form), result.out);
  }
  return result;
}

void check_relaying(const Job& job, std::string_view bytes) {
  const Relayed whole = relayed(job, bytes, nullptr, false);
  const std::uint8_t seed[] = {static_cast<std::uint8_t>(bytes.size()), 1};
  fuzz::Input steps(seed, 2, {});
  const Relayed pieces = relayed(job, bytes, &steps, false);
  // Of what fails more is seen where the failure comes in a read of its own.
  const bool failed = whole.error != FailureClass::none || pieces.error != FailureClass::none;
  if (!failed && whole.refused == pieces.refused && whole.out != pieces.out) {
    fuzz::require_legal("another stream where the bytes come in pieces",
                        std::string(bytes) + "\nwhole: " + whole.out + "\npieces: " + pieces.out);
  }
  relayed(job, bytes, &steps, true);
}

/// The reader by itself, and the whole answer that its events are.
void check_reader(const Job& job, std::string_view bytes) {
  const auto reader = job.from.translation()->read_events();
  std::vector<chat::Event> events;
  dialect::SseFramer framer;
  std::string joined;
  const auto read = [&](std::string_view one) {
    const dialect::SseEvent event = dialect::read_event(one, joined);
    if (event.has_data && !reader->done()) reader->read(event.name, event.data, events);
  };
  framer.push(bytes);
  while (const auto piece = framer.next()) read(piece->bytes);
  if (const std::string_view rest = framer.rest(); !rest.empty()) read(rest);
  if (!reader->done()) reader->end(events);
  fuzz::require_legal(fuzz::unsound(events), bytes);

  dialect::Collector collector;
  for (const chat::Event& event : events) collector.take(event);
  const auto answer = std::move(collector).answer();
  if (!answer) return;
  const std::string body = job.to.translation()->write_answer(*answer, job.asked, fuzz::facts);
  fuzz::require_legal(fuzz::illegal_answer(job.to.id(), body), body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Pair pair(data, size);
  const Job job = job_of(pair);
  const std::string bytes = stream_of(pair);
  check_reader(job, bytes);
  check_relaying(job, bytes);
  return 0;
}
