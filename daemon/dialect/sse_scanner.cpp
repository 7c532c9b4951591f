#include "daemon/dialect/sse_scanner.h"

#include <algorithm>

#include "daemon/dialect/cost_note.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/other_form.h"

namespace routerone::dialect {
namespace {

/// Usage stands near the end of the events that can be so long.
constexpr std::size_t kept_tail = 16 << 10;
/// As much as is held of a whole answer where one was asked for.
constexpr std::size_t longest_body = 1 << 20;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_mark(char c) { return c == '\xEF' || c == '\xBB' || c == '\xBF'; }

}  // namespace

StreamScanner::Step SseScanner::feed(std::string_view bytes) {
  Step step;
  if (form_ == Form::unknown) sniff(bytes);
  if (done_) {
    // Behind the end: dropped.
  } else if (form_ == Form::other) {
    collect(bytes, step);
  } else {
    take_all(bytes, step);
  }
  step.content = content_;
  return step;
}

StreamScanner::Step SseScanner::end() {
  Step step;
  if (!done_ && form_ == Form::other) {
    retell(step);
  } else {
    framer_.push({});
  }
  if (!done_) {
    unterminated_ = unterminated_ || framer_.inside_long_event();
    const std::string_view rest = framer_.rest();
    const SseEvent event = read_event(rest, scratch_);
    // Half an event must not stand before the error event that tells of its end.
    if (event.has_data && is_whole(event)) {
      unterminated_ = true;
      judge_whole(event, rest, step);
    }
  }
  if (!done_) {
    own_ = write_ending();
    forward(own_, step);
    if (ends_by_closing() && finish_seen_) forward_last({}, step);
  }
  step.content = content_;
  return step;
}

bool SseScanner::is_whole(const SseEvent& event) const {
  if (event.data.empty() || (event.data[0] != '{' && event.data[0] != '[')) return false;
  if (event.data == "[DONE]") return true;
  return JsonScan(event.data).value_here().has_value();
}

/// Servers label streams wrongly, and answer with JSON where a stream was asked for: the first
/// byte tells.
void SseScanner::sniff(std::string_view bytes) {
  const auto first = std::find_if_not(bytes.begin(), bytes.end(),
                                      [](char c) { return is_blank(c) || is_mark(c); });
  if (first == bytes.end()) return;
  form_ = *first == '{' || *first == '[' || *first == '<' ? Form::other : Form::events;
}

void SseScanner::collect(std::string_view bytes, Step& step) {
  body_.append(bytes.substr(0, longest_body - body_.size()));
  if (body_.size() < longest_body) return;
  step.error = FailureClass::bad_answer;
  done_ = true;
}

/// A whole answer, told as the stream that it should have been; or the error that it is.
void SseScanner::retell(Step& step) {
  const Dom document(body_);
  const auto words = document.ok() ? read_error(document.root()) : std::nullopt;
  const Translation* const own = translation();
  const auto told = own && !words
                        ? as_stream(*own, body_)
                        : tl::unexpected(words ? failure_of(*words) : FailureClass::bad_answer);
  if (!told) {
    step.error = told.error();
    done_ = true;
    return;
  }
  form_ = Form::events;
  body_ = *told;
  take_all(body_, step);
}

void SseScanner::take_all(std::string_view bytes, Step& step) {
  framer_.push(bytes);
  while (const auto piece = framer_.next()) {
    take(*piece, step);
    if (done_) break;
  }
}

void SseScanner::take(const SseFramer::Piece& piece, Step& step) {
  if (piece.kind != SseFramer::Piece::Kind::event) return take_long(piece, step);
  const SseEvent event = read_event(piece.bytes, scratch_);
  if (!event.has_data) return apply(Judged{}, piece.bytes, step);
  judge_whole(event, piece.bytes, step);
}

void SseScanner::judge_whole(const SseEvent& event, std::string_view bytes, Step& step) {
  const Judged judged = judge(event);
  apply(judged, judged.bills && cost_ ? with_cost(event, bytes) : bytes, step);
}

/// The event with its cost put in; as it came where that is not known, or where its data is spread
/// over several lines.
std::string_view SseScanner::with_cost(const SseEvent& event, std::string_view bytes) {
  const auto ask = std::exchange(cost_, nullptr);
  const bool inside =
      event.data.data() >= bytes.data() && event.data.data() < bytes.data() + bytes.size();
  const auto cost = inside ? ask(reading_.usage) : std::nullopt;
  const auto change = cost ? note_cost(event.data, usage_path(), *cost) : std::nullopt;
  if (!change) return bytes;
  const std::size_t at = static_cast<std::size_t>(event.data.data() - bytes.data()) + change->at;
  billed_ = bytes;
  billed_.replace(at, change->removed, change->inserted);
  return billed_;
}

void SseScanner::take_long(const SseFramer::Piece& piece, Step& step) {
  using Kind = SseFramer::Piece::Kind;
  if (piece.kind == Kind::long_start) {
    long_ = judge_start(read_event(piece.bytes, scratch_));
    std::string().swap(scratch_);
    if (long_.meaning != Meaning::handshake) content_ = true;
  }
  keep_tail(piece.bytes);
  if (piece.kind != Kind::long_end) return forward(piece.bytes, step);
  read_long_tail(tail_);
  std::string().swap(tail_);
  apply(long_, piece.bytes, step);
}

void SseScanner::keep_tail(std::string_view bytes) {
  if (bytes.size() >= kept_tail) {
    tail_.assign(bytes.substr(bytes.size() - kept_tail));
    return;
  }
  tail_.append(bytes);
  if (tail_.size() > 2 * kept_tail) tail_.erase(0, tail_.size() - kept_tail);
}

void SseScanner::apply(const Judged& judged, std::string_view bytes, Step& step) {
  switch (judged.meaning) {
    case Meaning::content:
      content_ = true;
      [[fallthrough]];
    case Meaning::handshake:
      return forward(bytes, step);
    case Meaning::unasked:
      return;
    case Meaning::terminal:
      done_ = true;
      return forward_last(bytes, step);
    case Meaning::error:
      // An error that every target would repeat is the answer: it is passed on, not replaced.
      if (judged.failure == FailureClass::caller_fault) content_ = true;
      step.error = judged.failure;
      step.retry_after = judged.retry_after;
      done_ = judged.ends;
      return judged.ends ? forward_last(bytes, step) : forward(bytes, step);
    case Meaning::broken:
      step.error = FailureClass::bad_answer;
      done_ = true;
      own_ = write_error({RefusalKind::upstream_failed,
                          "the provider's stream contradicts itself and was ended here",
                          "",
                          {}});
      return forward_last(own_, step);
  }
}

/// Neighbours in one buffer go out as one piece.
void SseScanner::forward(std::string_view bytes, Step& step) {
  if (bytes.empty()) return;
  if (!step.forward.empty()) {
    std::string_view& last = step.forward.back();
    if (last.data() + last.size() == bytes.data()) {
      last = {last.data(), last.size() + bytes.size()};
      return;
    }
  }
  step.forward.push_back(bytes);
}

void SseScanner::forward_last(std::string_view bytes, Step& step) {
  step.terminal = true;
  step.held_from = step.forward.size();
  step.forward.push_back(bytes);
}

std::string SseScanner::keepalive() {
  if (done_ || unterminated_ || framer_.inside_long_event() || form_ == Form::other) return {};
  return write_keepalive();
}

std::string SseScanner::error_event(const Refusal& refusal) {
  const bool inside = unterminated_ || framer_.inside_long_event();
  return (inside ? "\n\n" : "") + write_error(refusal);
}

}  // namespace routerone::dialect
