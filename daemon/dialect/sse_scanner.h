#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/dialect/dialect.h"
#include "daemon/dialect/sse_event.h"
#include "daemon/dialect/sse_framer.h"

namespace routerone::dialect {

/// What all streamed dialects share: events are cut, judged one by one by the dialect, and passed
/// on as they came. After the terminal event, and after an error that ends the stream, everything
/// is dropped.
class SseScanner : public StreamScanner {
 public:
  Step feed(std::string_view bytes) final;
  Step end() final;
  const Reading& reading() const final { return reading_; }
  bool finish_seen() const final { return finish_seen_; }
  void tell_cost(std::function<std::optional<Money>(const Usage&)> cost) final {
    cost_ = std::move(cost);
  }
  std::string keepalive() final;
  std::string error_event(const Refusal&) final;

 protected:
  enum class Meaning {
    handshake,  ///< Says nothing yet: the stream may still be replaced by another.
    content,
    terminal,
    error,    ///< The provider's error event.
    unasked,  ///< There only because we asked for it: taken out.
    broken,   ///< The stream contradicts itself: our error event goes out in its place.
  };
  struct Judged {
    Meaning meaning = Meaning::handshake;
    FailureClass failure = FailureClass::none;  ///< Of an error.
    std::optional<std::chrono::seconds> retry_after = {};
    bool ends = true;    ///< An error after which nothing can come.
    bool bills = false;  ///< Its usage is the whole answer's: where a caller is told the cost.
  };

  virtual Judged judge(const SseEvent&) = 0;
  /// An event too long to hold, judged by its start; then its last bytes, for the usage.
  virtual Judged judge_start(const SseEvent& start) = 0;
  virtual void read_long_tail(std::string_view) {}
  /// Reads a body that is no stream at all but a whole answer, to tell it as one; null: it fails.
  virtual const Translation* translation() const { return nullptr; }
  virtual std::string write_keepalive() = 0;
  virtual std::string write_error(const Refusal&) = 0;
  /// What is due after a clean end of upstream; empty: nothing.
  virtual std::string write_ending() { return {}; }
  /// No event says that it was the last: behind a finish reason the clean end itself does.
  virtual bool ends_by_closing() const { return false; }

  /// Where the usage object stands in the event that bills.
  virtual std::span<const std::string_view> usage_path() const = 0;

  bool content_seen() const { return content_; }
  bool tells_cost() const { return cost_ != nullptr; }

  Reading reading_;
  bool finish_seen_ = false;

 private:
  enum class Form { unknown, events, other };

  void sniff(std::string_view bytes);
  void collect(std::string_view bytes, Step&);
  void retell(Step&);
  void take_all(std::string_view bytes, Step&);
  void take(const SseFramer::Piece&, Step&);
  void take_long(const SseFramer::Piece&, Step&);
  void judge_whole(const SseEvent&, std::string_view bytes, Step&);
  void apply(const Judged&, std::string_view bytes, Step&);
  std::string_view with_cost(const SseEvent&, std::string_view bytes);
  void keep_tail(std::string_view bytes);
  bool is_whole(const SseEvent&) const;
  static void forward(std::string_view bytes, Step&);
  static void forward_last(std::string_view bytes, Step&);

  SseFramer framer_;
  Form form_ = Form::unknown;
  std::string body_;     ///< What came, where it is no stream of events.
  std::string scratch_;  ///< Data of several lines.
  std::string tail_;     ///< Of a long event.
  std::string own_;      ///< Words of ours that a Step points to.
  std::string billed_;   ///< The event that tells the cost, likewise.
  std::function<std::optional<Money>(const Usage&)> cost_;
  Judged long_;
  bool content_ = false;
  bool done_ = false;
  bool unterminated_ = false;  ///< What went out last lacks its blank line.
};

}  // namespace routerone::dialect
