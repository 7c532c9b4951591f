#pragma once

#include <simdjson.h>

#include <span>
#include <string>
#include <string_view>

#include "daemon/dialect/sse_scanner.h"

namespace routerone::dialect::openai_chat {

/// Images, sound and transcripts as a stream: events that each name themselves in `type`
/// (`image_generation.partial_image`, `speech.audio.delta`, `transcript.text.delta`), of which
/// `.completed` and `.done` say that something is whole. None is said to be the last: the stream
/// ends by closing, or by `[DONE]` at servers that write it everywhere.
class MediaStream final : public SseScanner {
 public:
  explicit MediaStream(Usage (*read_usage)(simdjson::dom::element)) : read_usage_(read_usage) {}

 private:
  Judged judge(const SseEvent&) override;
  Judged judge_start(const SseEvent&) override;
  void read_long_tail(std::string_view) override;
  std::string write_keepalive() override { return ": keep-alive\n"; }
  std::string write_error(const Refusal&) override;
  bool ends_by_closing() const override { return true; }
  std::span<const std::string_view> usage_path() const override;

  void note_type(std::string_view type);
  bool note_usage(simdjson::dom::element usage);

  Usage (*read_usage_)(simdjson::dom::element);
};

}  // namespace routerone::dialect::openai_chat
