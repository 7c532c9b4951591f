#pragma once

#include <string>
#include <string_view>

namespace routerone::dialect {

/// The fields of one event that dialects use. Views into the event, or into `joined`.
struct SseEvent {
  std::string_view name;  ///< `event:`; the last one counts.
  std::string_view data;  ///< All `data:` lines, joined by line feeds.
  bool has_data = false;
};

/// Reads an event's bytes (a byte order mark, comments and unknown fields are skipped). `joined`
/// is scratch for data of several lines.
SseEvent read_event(std::string_view bytes, std::string& joined);

}  // namespace routerone::dialect
