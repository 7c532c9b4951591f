#include "daemon/dialect/translating_scanner.h"

#include <utility>

#include "daemon/dialect/sse_event.h"

namespace routerone::dialect {
namespace {

constexpr std::size_t longest_event = 32 << 20;
/// More than any answer has.
constexpr std::size_t most_parts = 1 << 16;

/// Whether it told so itself or cannot be understood: which of the two comes first depends on how
/// much of it comes in one read.
Refusal failed_answer() {
  return {RefusalKind::upstream_failed, "the provider failed in the middle of its answer", "", {}};
}

}  // namespace

std::string TranslatingScanner::error_event(const Refusal& why) {
  if (ended_) return {};
  ended_ = true;
  return writer_->fail(why);
}

void TranslatingScanner::tell_cost(std::function<std::optional<Money>(const Usage&)> cost) {
  if (!teller_) return;
  teller_->tell_cost(
      [this, cost = std::move(cost)](const Usage&) { return cost(judge_->reading().usage); });
}

void TranslatingScanner::note_cost(std::string& written) {
  if (!teller_) return;
  std::string told;
  for (const std::string_view piece : teller_->feed(written).forward) told.append(piece);
  written = std::move(told);
}

StreamScanner::Step TranslatingScanner::translate(Step judged, bool at_end) {
  Step out;
  out.content = judged.content;
  out.error = judged.error;
  out.retry_after = judged.retry_after;
  out_.clear();
  last_.clear();
  if (ended_) return out;
  // The provider's own error event is told in the caller's words, and nothing after it.
  const bool failed = judged.error != FailureClass::none;
  for (std::size_t i = 0; i + (failed ? 1 : 0) < judged.forward.size(); ++i) {
    framer_.push(judged.forward[i]);
    while (const auto piece = framer_.next()) take(*piece);
  }
  if (failed && judged.content) {
    take_events(out);
    last_ += error_event(failed_answer());  // Told already if the reader failed, too.
    out.terminal = true;
  } else {
    // Judge and reader may differ on what was the last event: there is only one end.
    if (at_end || judged.terminal) {
      if (const std::string_view rest = framer_.rest(); !rest.empty()) read(rest);
      if (!failed && !reader_->done()) reader_->end(events_);
    }
    take_events(out);
    out.terminal = judged.terminal || ended_;
  }
  note_cost(out_);
  note_cost(last_);
  if (!out_.empty()) out.forward.push_back(out_);
  out.held_from = out.forward.size();
  if (out.terminal) out.forward.push_back(last_);
  return out;
}

/// A translated event must be had whole, however long.
void TranslatingScanner::take(const SseFramer::Piece& piece) {
  using Kind = SseFramer::Piece::Kind;
  if (piece.kind == Kind::event) return read(piece.bytes);
  if (long_.size() + piece.bytes.size() > longest_event) {
    events_.push_back(chat::Failed{FailureClass::bad_answer, {}});
    return;
  }
  long_.append(piece.bytes);
  if (piece.kind == Kind::long_end) read(std::exchange(long_, {}));
}

void TranslatingScanner::read(std::string_view event) {
  const SseEvent read = read_event(event, joined_);
  if (!read.has_data || reader_->done()) return;
  reader_->read(read.name, read.data, events_);
}

/// The ending is told apart from what comes before it: it waits until the trace is committed.
void TranslatingScanner::take_events(Step& out) {
  std::vector<chat::Event> single, named, shown;
  for (chat::Event& event : std::exchange(events_, {})) wrapped_.take(std::move(event), single);
  for (chat::Event& event : single) names_.take(std::move(event), named);
  for (chat::Event& event : named) stops_.take(std::move(event), shown);
  for (chat::Event& event : shown) {
    if (ended_) return;
    if (auto* began = std::get_if<chat::Began>(&event); began && !began->usage.known()) {
      began->usage.input = input_guess_;
    }
    if (const auto* failure = std::get_if<chat::Failed>(&event)) {
      fail(*failure, out);
    } else if (std::holds_alternative<chat::Ended>(event)) {
      last_ += writer_->write(event);
      ended_ = true;
    } else {
      out_ += writer_->write(event);
      if (is_too_much(event)) fail({FailureClass::bad_answer, {}}, out);
    }
  }
}

void TranslatingScanner::fail(const chat::Failed& failure, Step& out) {
  last_ += error_event(failed_answer());
  out.error = failure.failure;
  out.retry_after = failure.retry_after;
  out.terminal = true;
}

/// What is kept of a stream is bounded: who takes it as it comes, and how many parts there are.
bool TranslatingScanner::is_too_much(const chat::Event& event) const {
  const auto* began = std::get_if<chat::PartBegan>(&event);
  const std::size_t held = wrapped_.held() + names_.held();
  return writer_->is_full() || held > longest_kept || (began && began->part >= most_parts);
}

}  // namespace routerone::dialect
