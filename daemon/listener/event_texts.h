#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/sse_framer.h"

namespace routerone {

/// What server-sent events carry, as messages of their own: the data of each, byte for byte (lines
/// of one event joined by a line feed). Comments, events without data and the `[DONE]` of other
/// dialects carry nothing. Fed in any chunking.
class EventTexts {
 public:
  /// Of the events that end in these bytes. Views into them or into this; until the next call.
  const std::vector<std::string_view>& push(std::string_view bytes);
  /// Of an event that the stream's end cut off before its blank line.
  const std::vector<std::string_view>& rest();

 private:
  void take(const dialect::SseFramer::Piece&);
  void add(std::string_view event);

  dialect::SseFramer framer_;
  std::string long_;               ///< An event too long for the framer, as far as it has come.
  std::deque<std::string> owned_;  ///< What `texts_` points to beside the bytes given.
  std::vector<std::string_view> texts_;
};

}  // namespace routerone
