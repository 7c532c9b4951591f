#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "daemon/dialect/call_ids.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// Models of OpenAI's now and then call `multi_tool_use.parallel`, which nobody gave them, around
/// the calls that they mean: `{"tool_uses":[{"recipient_name":"functions.f","parameters":{..}}]}`.
/// The caller gets those. A wrapper that is a tool of the caller's own, or that holds anything
/// else, stays the call that it is.

void unwrap_parallel(chat::Answer&, std::span<const chat::Tool> tools);

/// The same for a stream: what is inside a wrapper is told when it has ended, and the parts behind
/// it are numbered on. `tools` outlives it.
class ParallelUnwrapper {
 public:
  explicit ParallelUnwrapper(std::span<const chat::Tool> tools) : tools_(tools) {}
  void take(chat::Event, std::vector<chat::Event>& out);
  /// Bytes that came and are not given out.
  std::size_t held() const { return held_; }

 private:
  /// A part that is given out as it comes.
  struct Open {
    std::size_t part = 0;  ///< As it is numbered there.
    std::string id;        ///< Of a call.
  };

  void give(std::vector<chat::ToolCall> calls, std::vector<chat::Event>& out);

  std::span<const chat::Tool> tools_;
  std::map<std::size_t, chat::ToolCall> wrappers_;  ///< Open ones, by part.
  std::map<std::size_t, Open> open_;                ///< The other open parts.
  std::size_t parts_ = 0;                           ///< Given out.
  std::size_t held_ = 0;
  CallIds ids_;
};

}  // namespace routerone::dialect
