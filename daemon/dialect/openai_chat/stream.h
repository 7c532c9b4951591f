#pragma once

#include <simdjson.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "daemon/dialect/sse_scanner.h"

namespace routerone::dialect::openai_chat {

/// Chat Completions (and the older Completions) as a stream: `data:` lines, each a chunk, and
/// `[DONE]` at the end.
///
/// With `usage_asked_by_us`, the one chunk that is there for our asking alone (usage, no choices)
/// is taken out. A `"usage":null` that some servers then add to every other chunk stays: rewriting
/// chunks that carry content would cost the promise that their bytes are the provider's, and every
/// reader has to take a null there.
class Stream final : public SseScanner {
 public:
  Stream(bool legacy, bool usage_asked_by_us) : legacy_(legacy), asked_(usage_asked_by_us) {}

 private:
  Judged judge(const SseEvent&) override;
  Judged judge_start(const SseEvent&) override;
  void read_long_tail(std::string_view) override;
  const Translation* translation() const override;
  std::string write_keepalive() override;
  std::string write_error(const Refusal&) override;
  std::span<const std::string_view> usage_path() const override;

  Judged judge_chunk(std::string_view data);
  void note_identity(simdjson::dom::element chunk);
  bool note_usage(simdjson::dom::element chunk);

  bool legacy_;
  bool asked_;
  std::string id_;
  std::string model_;
  std::int64_t created_ = 0;
};

}  // namespace routerone::dialect::openai_chat
