#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/registry.h"

namespace routerone::test {

/// What a scanner gave out over a whole stream.
struct Scanned {
  std::string forwarded;
  std::string last;  ///< The terminal event, as the last view of the step that had it.
  bool content = false;
  bool terminal = false;
  bool finish_seen = false;
  FailureClass error = FailureClass::none;
  bool content_at_error = false;
  std::optional<std::chrono::seconds> retry_after;
  dialect::Reading reading;
};

/// Feeds `chunks` and the end, as the relay does.
inline Scanned scan(dialect::StreamScanner& scanner, const std::vector<std::string_view>& chunks,
                    bool with_end = true) {
  Scanned out;
  const auto take = [&](const dialect::StreamScanner::Step& step) {
    for (const std::string_view piece : step.forward) out.forwarded += piece;
    out.content = step.content;
    if (step.error != FailureClass::none && out.error == FailureClass::none) {
      out.error = step.error;
      out.content_at_error = step.content;
      out.retry_after = step.retry_after;
    }
    if (step.terminal) {
      out.terminal = true;
      out.last = step.forward.back();
    }
  };
  for (const std::string_view chunk : chunks) take(scanner.feed(chunk));
  if (with_end && !out.terminal) take(scanner.end());
  out.finish_seen = scanner.finish_seen();
  out.reading = scanner.reading();
  return out;
}

inline Scanned scan(std::string_view dialect, std::string_view operation,
                    const std::vector<std::string_view>& chunks, bool usage_asked = false) {
  const dialect::Dialect& found = *dialect::find(dialect);
  for (const dialect::Operation& known : found.operations()) {
    if (known.name == operation) return scan(*found.scan_stream(known, usage_asked), chunks);
  }
  return {};
}

/// Cuts at pseudo-random places that follow from `seed`; short pieces are as likely as long ones.
inline std::vector<std::string_view> cut(std::string_view text, std::uint64_t seed) {
  std::vector<std::string_view> chunks;
  std::uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
  while (!text.empty()) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const std::uint64_t most = std::uint64_t{1} << ((state >> 33) % 12);
    const std::size_t size = 1 + (state >> 40) % most;
    chunks.push_back(text.substr(0, size));
    text.remove_prefix(chunks.back().size());
  }
  return chunks;
}

inline std::string_view operation_of(std::string_view dialect) {
  if (dialect == "openai-responses") return "responses";
  if (dialect == "gemini") return "generate";
  return dialect == "anthropic" ? "messages" : "chat";
}

}  // namespace routerone::test
