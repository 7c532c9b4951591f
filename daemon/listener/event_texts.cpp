#include "daemon/listener/event_texts.h"

#include <utility>

#include "daemon/dialect/sse_event.h"

namespace routerone {

const std::vector<std::string_view>& EventTexts::push(std::string_view bytes) {
  owned_.clear();
  texts_.clear();
  framer_.push(bytes);
  while (const auto piece = framer_.next()) take(*piece);
  return texts_;
}

const std::vector<std::string_view>& EventTexts::rest() {
  push({});
  add(framer_.rest());
  return texts_;
}

void EventTexts::take(const dialect::SseFramer::Piece& piece) {
  using Kind = dialect::SseFramer::Piece::Kind;
  if (piece.kind == Kind::event) return add(piece.bytes);
  long_.append(piece.bytes);
  if (piece.kind == Kind::long_end) add(owned_.emplace_back(std::exchange(long_, {})));
}

void EventTexts::add(std::string_view event) {
  std::string joined;
  const dialect::SseEvent read = dialect::read_event(event, joined);
  if (!read.has_data || read.data.empty() || read.data == "[DONE]") return;
  const bool own = read.data.data() == joined.data();
  texts_.push_back(own ? owned_.emplace_back(std::move(joined)) : read.data);
}

}  // namespace routerone
