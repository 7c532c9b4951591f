#pragma once

#include <simdjson.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "daemon/dialect/openai_responses/translation.h"
#include "daemon/dialect/sse_scanner.h"

namespace routerone::dialect::openai_responses {

/// Responses as a stream: typed events, the last of which repeats the whole response with its
/// usage. There is no `[DONE]`.
class Stream final : public SseScanner {
 private:
  Judged judge(const SseEvent&) override;
  Judged judge_start(const SseEvent&) override;
  void read_long_tail(std::string_view) override;
  const Translation* translation() const override { return &openai_responses_translation(); }
  std::string write_keepalive() override;
  std::string write_error(const Refusal&) override;
  std::span<const std::string_view> usage_path() const override;
  std::string write_ending() override;

  Judged judge_created(std::string_view data);
  Judged judge_final(std::string_view type, std::string_view data);
  Judged judge_failed(std::string_view data);
  Judged judge_error(std::string_view data);
  void note_sequence(std::string_view data);
  std::string failed_event(std::string_view code, std::string_view message);

  bool created_ = false;
  bool error_seen_ = false;  ///< `error` came; `response.failed` should follow.
  std::int64_t next_sequence_ = 0;
  std::int64_t created_at_ = 0;
  std::string id_;
  std::string model_;
};

}  // namespace routerone::dialect::openai_responses
