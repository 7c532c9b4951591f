#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/dialect/gemini/array_stream.h"
#include "daemon/dialect/sse_scanner.h"

namespace routerone::dialect::gemini {

/// A stream as events: `data:` lines, each a whole response object with running totals. No event
/// says that it is the last, and chunks may follow the one with the finish reason: the stream is
/// whole when it ends after that one.
class Events final : public SseScanner {
 private:
  Judged judge(const SseEvent&) override;
  Judged judge_start(const SseEvent&) override { return {Meaning::content}; }
  void read_long_tail(std::string_view) override;
  /// Its readers take nothing for life, and some stumble over what is no chunk.
  std::string write_keepalive() override { return {}; }
  std::string write_error(const Refusal&) override;
  std::span<const std::string_view> usage_path() const override;
  bool ends_by_closing() const override { return true; }
};

/// A stream in whichever of the two framings it comes: events, or one JSON array that grows.
class Stream final : public StreamScanner {
 public:
  Step feed(std::string_view bytes) override;
  Step end() override { return current().end(); }
  void tell_cost(std::function<std::optional<Money>(const Usage&)> cost) override {
    events_.tell_cost(std::move(cost));
  }
  const Reading& reading() const override { return array_ ? array_->reading() : events_.reading(); }
  bool finish_seen() const override {
    return array_ ? array_->finish_seen() : events_.finish_seen();
  }
  std::string keepalive() override { return {}; }
  std::string error_event(const Refusal& why) override { return current().error_event(why); }

 private:
  StreamScanner& current();

  Events events_;
  std::unique_ptr<ArrayStream> array_;  ///< Null: events, or nothing has come.
  bool begun_ = false;
  std::string before_;  ///< What came up to the byte that tells the framing.
};

}  // namespace routerone::dialect::gemini
