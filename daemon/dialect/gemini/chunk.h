#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::gemini {

/// What one response object (a whole answer, or a chunk of a stream) says to whoever only watches.
struct ChunkNews {
  bool content = false;  ///< Parts, or why there are none.
  bool finish = false;
  bool usage = false;
  FailureClass failure = FailureClass::none;
  std::optional<std::chrono::seconds> retry_after;
};

/// Reads a chunk into what is known of its answer. What is no JSON is content.
ChunkNews read_chunk(std::string_view json, Reading&);

/// The same of a chunk too long to hold, by its last bytes.
void read_tail(std::string_view tail, Reading&, bool& finish_seen);

/// How long a provider asks to wait: its RetryInfo, else its words. `body`: an error, as JSON.
std::optional<std::chrono::seconds> retry_delay(std::string_view body);

/// Searches that the provider did for an answer and charges: what its grounding says, as JSON or
/// around it. Before Gemini 3 all of one answer count as one.
std::optional<std::int64_t> searches_in(std::string_view candidates, std::string_view model);

}  // namespace routerone::dialect::gemini
