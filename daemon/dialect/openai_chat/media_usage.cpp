#include "daemon/dialect/openai_chat/media_usage.h"

#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/usage_openai.h"

namespace routerone::dialect::openai_chat {
namespace {

using Element = simdjson::dom::element;
using Count = std::optional<std::int64_t>;

/// All of a text class, where nothing was told of its special one.
void move_unless_told(Count& from, Count& to) {
  if (!from || to) return;
  to = std::exchange(*from, 0);
}

}  // namespace

Usage read_image_usage(Element usage) {
  Usage out = read_openai_usage(usage);
  move_unless_told(out.output, out.output_image);
  return out;
}

Usage read_speech_usage(Element usage) {
  Usage out = read_openai_usage(usage);
  move_unless_told(out.output, out.output_audio);
  return out;
}

Usage read_transcript_usage(Element usage) {
  Usage out = read_openai_usage(usage);
  move_unless_told(out.input, out.input_audio);
  return out;
}

Usage read_reading_usage(Element usage) {
  Usage out = read_openai_usage(usage);
  if (!out.input) out.input = count_member(usage, "total_tokens");
  return out;
}

}  // namespace routerone::dialect::openai_chat
