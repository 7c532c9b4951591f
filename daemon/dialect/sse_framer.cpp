#include "daemon/dialect/sse_framer.h"

#include <utility>

#include "daemon/dialect/byte_run.h"

namespace routerone::dialect {
namespace {

constexpr std::size_t none = std::string_view::npos;
/// A buffer larger than this is not kept for the next event.
constexpr std::size_t worth_keeping = 16 << 10;

}  // namespace

void SseFramer::push(std::string_view bytes) {
  input_ = bytes;
  if (given_.capacity() > worth_keeping) std::string().swap(given_);
}

/// How many bytes of the input belong to the event that is open, its blank line included; `none` if
/// it does not end in them. Looks at every byte once, however the stream is chunked.
std::size_t SseFramer::find_end() {
  const char* const begin = input_.data();
  const char* const end = begin + input_.size();
  const char* p = begin;
  const auto done = [&] {
    line_ = Line::start;
    return static_cast<std::size_t>(p - begin);
  };
  while (p != end) {
    switch (line_) {
      case Line::text:
        p = find_line_end(p, end);
        if (p == end) return none;
        line_ = *p++ == '\n' ? Line::start : Line::cr;
        break;
      case Line::cr:  // A line has ended; its line feed may follow.
        line_ = *p == '\n' ? Line::start : Line::start_after_cr;
        if (*p == '\n') ++p;
        break;
      case Line::start:
        if (*p == '\n') {
          ++p;
          return done();
        }
        line_ = *p == '\r' ? Line::blank_cr : Line::text;
        ++p;
        break;
      case Line::start_after_cr:  // Lines end in CR alone here: nothing to wait for.
        if (*p++ != '\r') {
          line_ = Line::text;
          break;
        }
        if (p != end && *p == '\n') ++p;
        return done();
      case Line::blank_cr:
        if (*p == '\n') ++p;
        return done();
    }
  }
  return none;
}

SseFramer::Piece SseFramer::whole_event(std::size_t end) {
  const std::string_view bytes = input_.substr(0, end);
  input_.remove_prefix(end);
  if (long_) {
    long_ = false;
    return {Piece::Kind::long_end, bytes};
  }
  if (held_.empty()) return {Piece::Kind::event, bytes};
  held_.append(bytes);
  std::swap(held_, given_);
  held_.clear();
  return {Piece::Kind::event, given_};
}

std::optional<SseFramer::Piece> SseFramer::next() {
  if (input_.empty()) return std::nullopt;
  const std::size_t end = find_end();
  if (end != none) return whole_event(end);

  const std::string_view bytes = std::exchange(input_, {});
  if (long_) return Piece{Piece::Kind::long_part, bytes};
  if (held_.size() + bytes.size() <= longest_held) {
    if (held_.size() + bytes.size() > worth_keeping) held_.reserve(longest_held);
    held_.append(bytes);
    return std::nullopt;
  }
  long_ = true;
  if (held_.empty()) return Piece{Piece::Kind::long_start, bytes};
  held_.append(bytes);
  given_ = std::exchange(held_, {});
  return Piece{Piece::Kind::long_start, given_};
}

std::string_view SseFramer::rest() {
  given_ = std::exchange(held_, {});
  return given_;
}

}  // namespace routerone::dialect
