#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/dialect/anthropic/translation.h"
#include "daemon/dialect/anthropic/usage.h"
#include "daemon/dialect/sse_scanner.h"

namespace routerone::dialect::anthropic {

/// Messages as a stream: typed events from `message_start` to `message_stop`. Its usage numbers are
/// running totals, spread over the first and the last-but-one event.
class Stream final : public SseScanner {
 private:
  Judged judge(const SseEvent&) override;
  Judged judge_start(const SseEvent&) override;
  const Translation* translation() const override { return &message_translation(); }
  std::string write_keepalive() override;
  std::string write_error(const Refusal&) override;
  std::span<const std::string_view> usage_path() const override;

  Judged judge_message_start(std::string_view data);
  Judged judge_message_delta(std::string_view data);
  Judged judge_error(std::string_view data);

  UsageFold usage_;
  bool started_ = false;
};

}  // namespace routerone::dialect::anthropic
