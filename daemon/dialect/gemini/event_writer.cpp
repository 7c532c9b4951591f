#include "daemon/dialect/gemini/event_writer.h"

#include <utility>
#include <vector>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/gemini/words.h"
#include "daemon/dialect/part_text.h"

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
    put_began(*part);
  } else if (const auto* delta = std::get_if<chat::Delta>(&event)) {
    put_delta(*delta);
  } else if (const auto* ended = std::get_if<chat::PartEnded>(&event)) {
    put_ended_part(*ended);
  } else if (const auto* end = std::get_if<chat::Ended>(&event)) {
    put_ending(end->ending);
  }
}

void ChunkStream::put_began(const chat::PartBegan& began) {
  Open open;
  if (std::holds_alternative<chat::ToolCall>(began.what)) {
    open.kind = Open::Kind::call;
    open.keeps = true;
  } else if (const auto* thought = std::get_if<chat::Thinking>(&began.what)) {
    open.kind = Open::Kind::thought;
    open.keeps = !thought->origin.empty();
  }
  open_[began.part] = std::move(open);
}

void ChunkStream::put_delta(const chat::Delta& delta) {
  const auto found = open_.find(delta.part);
  if (found == open_.end() || delta.text.empty()) return;
  Open& open = found->second;
  if (open.keeps) {
    open.kept += delta.text;
    kept_ += delta.text.size();
  }
  if (open.kind == Open::Kind::call) return;
  if (open.kind == Open::Kind::text) open.places.add(delta.text);
  const bool thought = open.kind == Open::Kind::thought;
  if (thought && !shows_thoughts_) return;
  JsonOut part;
  write_text(part, delta.text, thought);
  chunk(std::move(part).take());
}

void ChunkStream::put_ended_part(const chat::PartEnded& ended) {
  Open open;
  if (auto found = open_.extract(ended.part)) open = std::move(found.mapped());
  kept_ -= open.kept.size();
  if (std::holds_alternative<chat::Thinking>(ended.rest)) {
    return state_.take(whole_thinking(ended, open.kept), {});
  }
  state_.take(ended.rest, std::move(open.places));
  const auto* told = std::get_if<chat::ToolCall>(&ended.rest);
  if (told == nullptr) return;
  chat::ToolCall call = *told;
  call.arguments = std::move(open.kept);
  JsonOut part;
  write_call(part, call, state_.signature_for(call));
  chunk(std::move(part).take());
}

void ChunkStream::put_ending(const chat::Ending& ending) {
  JsonOut out;
  out.object().array("candidates").object().object("content").array("parts");
  out.object().text("text", state_.unsaid(ending));
  out.text_if("thoughtSignature", state_.last_signature()).end_object();
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
