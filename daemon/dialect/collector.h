#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/dialect/freeform_input.h"
#include "daemon/dialect/translation.h"
#include "daemon/exchange/attempt.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// The events of a stream put together again: what the whole answer would have been. Longer than
/// longest_kept it is none (bad_answer).
class Collector {
 public:
  void take(const chat::Event&);
  /// Ended or failed.
  bool done() const { return ended_ || failure_ != FailureClass::none; }
  /// The failure if it failed; cut if it never ended.
  tl::expected<chat::Answer, FailureClass> answer() &&;

 private:
  void add(const chat::Delta&);
  void finish(const chat::PartEnded&);

  chat::Answer answer_;
  std::size_t kept_ = 0;  ///< Bytes of text.
  bool ended_ = false;
  FailureClass failure_ = FailureClass::none;
};

/// A whole answer as the events of a stream: each part begun, one delta, ended.
std::vector<chat::Event> events_of(const chat::Answer&);

/// Tools called by the names they had to be written with are called by their own again, and what a
/// wrapped freeform tool was called with is its bare text.
void restore_names(chat::Answer&, std::span<const WrittenRequest::Renamed>);

/// The same for a stream. `renamed` outlives it.
class NameRestorer {
 public:
  explicit NameRestorer(std::span<const WrittenRequest::Renamed> renamed) : renamed_(renamed) {}
  void take(chat::Event, std::vector<chat::Event>& out);
  /// Bytes that came and are not given out.
  std::size_t held() const;

 private:
  std::span<const WrittenRequest::Renamed> renamed_;
  std::map<std::size_t, FreeformInput> inputs_;  ///< Of open freeform calls, by part.
};

/// For dialects that have one part open at a time: parts come out one after another, numbered from
/// 0 in the order in which they began; what belongs to a later one is held until those before it
/// have ended. Other events pass; Ended comes after all parts have ended.
class OneAtATime {
 public:
  void take(chat::Event, std::vector<chat::Event>& out);
  /// Bytes of text that wait for their turn.
  std::size_t held() const { return held_; }

 private:
  struct Open {
    std::size_t part = 0;
    std::vector<chat::Event> held;  ///< Behind another that is still open.
    bool ended = false;
  };
  void advance(std::vector<chat::Event>& out);

  std::deque<Open> open_;  ///< In the order in which they began; the first one is given out.
  std::size_t held_ = 0;
};

}  // namespace routerone::dialect
