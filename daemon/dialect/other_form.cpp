#include "daemon/dialect/other_form.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "daemon/dialect/collector.h"
#include "daemon/dialect/digest.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/sse_event.h"
#include "daemon/dialect/sse_framer.h"

namespace routerone::dialect {
namespace {

constexpr std::array<std::string_view, 4> beginnings = {"data:", "event:", "id:", ":"};

/// What the dialects call the time at which an answer was made.
std::int64_t created_in(std::string_view body) {
  const Dom document(body);
  if (!document.ok()) return 0;
  const auto created = count_member(document.root(), "created");
  return created ? *created : count_member(document.root(), "created_at").value_or(0);
}

/// Under the upstream's own id and model, where it has them.
AnswerFacts facts_of(const chat::Answer& answer, std::string_view body) {
  return {"r1_" + digest_hex(body, 24), created_in(body), answer.model};
}

}  // namespace

tl::expected<std::string, FailureClass> as_stream(const Translation& translation,
                                                  std::string_view whole) {
  const auto answer = translation.read_answer(whole);
  if (!answer) return tl::unexpected(answer.error());
  // A count of tokens, or nothing that says so itself.
  if (answer->parts.empty() && answer->ending.finish == chat::Finish::unknown) {
    return tl::unexpected(FailureClass::bad_answer);
  }
  const chat::Request asked;
  const auto writer = translation.write_events(asked, facts_of(*answer, whole));
  std::string out;
  for (const chat::Event& event : events_of(*answer)) out += writer->write(event);
  return out;
}

tl::expected<std::string, FailureClass> as_whole(const Translation& translation,
                                                 std::string_view stream) {
  const auto reader = translation.read_events();
  std::vector<chat::Event> events;
  std::string joined;
  const auto read = [&](std::string_view one) {
    const SseEvent event = read_event(one, joined);
    if (event.has_data && !reader->done()) reader->read(event.name, event.data, events);
  };
  SseFramer framer;
  framer.push(stream);
  std::string long_one;
  while (const auto piece = framer.next()) {
    using Kind = SseFramer::Piece::Kind;
    if (piece->kind == Kind::event) {
      read(piece->bytes);
    } else if (long_one += piece->bytes; piece->kind == Kind::long_end) {
      read(std::exchange(long_one, {}));
    }
  }
  if (const std::string_view rest = framer.rest(); !rest.empty()) read(rest);
  if (!reader->done()) reader->end(events);

  Collector collector;
  for (const chat::Event& event : events) collector.take(event);
  const auto answer = std::move(collector).answer();
  if (!answer) return tl::unexpected(answer.error());
  return translation.write_answer(*answer, {}, facts_of(*answer, stream));
}

bool is_stream(std::string_view body) {
  body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n\xEF\xBB\xBF"), body.size()));
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [body](std::string_view word) { return body.starts_with(word); });
}

}  // namespace routerone::dialect
