#include "daemon/dialect/gemini/event_writer.h"

#include <utility>
#include <vector>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/gemini/words.h"

namespace routerone::dialect::gemini {

std::string ChunkStream::write(const chat::Event& event) {
  out_.clear();
  std::vector<chat::Event> ordered;
  order_.take(event, ordered);
  for (const chat::Event& each : ordered) {
    if (!ended_) put(each);
  }
  return std::exchange(out_, {});
}

void ChunkStream::put(const chat::Event& event) {
  if (const auto* began = std::get_if<chat::Began>(&event)) {
    id_ = answer_base(began->id, id_);
  } else if (const auto* part = std::get_if<chat::PartBegan>(&event)) {
    const bool call = std::holds_alternative<chat::ToolCall>(part->what);
    const bool thought = std::holds_alternative<chat::Thinking>(part->what);
    open_[part->part] = call ? Kind::call : thought ? Kind::thought : Kind::text;
  } else if (const auto* delta = std::get_if<chat::Delta>(&event)) {
    put_delta(*delta);
  } else if (const auto* ended = std::get_if<chat::PartEnded>(&event)) {
    put_ended_part(*ended);
  } else if (const auto* end = std::get_if<chat::Ended>(&event)) {
    put_ending(end->ending);
  }
}

void ChunkStream::put_delta(const chat::Delta& delta) {
  const auto found = open_.find(delta.part);
  if (found == open_.end() || found->second == Kind::call || delta.text.empty()) return;
  const bool thought = found->second == Kind::thought;
  if (thought && !shows_thoughts_) return;
  JsonOut part;
  write_text(part, delta.text, thought);
  chunk(std::move(part).take());
}

void ChunkStream::put_ended_part(const chat::PartEnded& ended) {
  open_.erase(ended.part);
  state_.take(ended.whole);
  const auto* call = std::get_if<chat::ToolCall>(&ended.whole);
  if (call == nullptr) return;
  JsonOut part;
  write_call(part, *call, state_.signature_for(*call));
  chunk(std::move(part).take());
}

void ChunkStream::put_ending(const chat::Ending& ending) {
  JsonOut out;
  out.object().array("candidates").object().object("content").array("parts");
  out.object().text("text", "").text_if("thoughtSignature", state_.last_signature()).end_object();
  out.end_array().text("role", "model").end_object();
  write_ending(out, ending, state_);
  out.end_object().end_array();
  write_usage(out, ending.usage);
  write_identity(out, id_, model_);
  frame(std::move(out).take());
  if (as_array_) out_ += "\n]";
  ended_ = true;
}

void ChunkStream::chunk(const std::string& part) {
  JsonOut out;
  out.object().array("candidates").object().object("content").array("parts").raw(part);
  out.end_array().text("role", "model").end_object().whole("index", 0).end_object().end_array();
  write_identity(out, id_, model_);
  frame(std::move(out).take());
}

void ChunkStream::frame(const std::string& object) {
  if (as_array_) {
    out_ += any_ ? ",\n" : "[";
    out_ += object;
  } else {
    out_.append("data: ").append(object).append("\n\n");
  }
  any_ = true;
}

std::string ChunkStream::fail(const Refusal& why) {
  if (std::exchange(ended_, true)) return {};
  out_.clear();
  frame(error_body(why));
  if (as_array_) out_ += "\n]";
  return std::exchange(out_, {});
}

}  // namespace routerone::dialect::gemini
