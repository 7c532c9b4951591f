#include "daemon/dialect/sse_event.h"

#include "daemon/dialect/byte_run.h"

namespace routerone::dialect {
namespace {

std::string_view next_line(std::string_view& rest) {
  const char* const begin = rest.data();
  const char* const end = begin + rest.size();
  const char* const stop = find_line_end(begin, end);
  const char* after = stop;
  if (after != end && *after++ == '\r' && after != end && *after == '\n') ++after;
  rest.remove_prefix(static_cast<std::size_t>(after - begin));
  return {begin, static_cast<std::size_t>(stop - begin)};
}

/// The value of a line `field: value`; the one space is not part of it.
bool has_field(std::string_view line, std::string_view field, std::string_view& value) {
  if (!line.starts_with(field)) return false;
  value = line.substr(field.size());
  if (value.empty()) return true;
  if (value[0] != ':') return false;
  value.remove_prefix(value.size() > 1 && value[1] == ' ' ? 2 : 1);
  return true;
}

}  // namespace

SseEvent read_event(std::string_view bytes, std::string& joined) {
  SseEvent event;
  bool several = false;
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  while (!bytes.empty()) {
    const std::string_view line = next_line(bytes);
    std::string_view value;
    if (has_field(line, "data", value)) {
      if (!event.has_data) {
        event.data = value;
        event.has_data = true;
        continue;
      }
      if (!several) joined.assign(event.data);
      several = true;
      joined += '\n';
      joined += value;
    } else if (has_field(line, "event", value)) {
      event.name = value;
    }
  }
  if (several) event.data = joined;
  return event;
}

}  // namespace routerone::dialect
