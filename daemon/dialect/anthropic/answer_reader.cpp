#include "daemon/dialect/anthropic/answer_reader.h"

#include <algorithm>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/anthropic/answer_block.h"
#include "daemon/dialect/anthropic/stop_reason.h"
#include "daemon/dialect/anthropic/usage.h"
#include "daemon/dialect/call_ids.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/part_text.h"

namespace routerone::dialect::anthropic {

tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body) {
  const Dom document(body);
  if (!document.ok()) return tl::unexpected(FailureClass::bad_answer);
  const auto root = document.root();
  if (const auto words = read_error(root)) return tl::unexpected(failure_of(*words));
  chat::Answer out;
  simdjson::dom::array blocks;
  const auto content = member(root, "content");
  if (!content || content->get_array().get(blocks) != simdjson::SUCCESS) {
    out.ending.usage.input = count_member(root, "input_tokens");
    if (out.ending.usage.input) return out;
    return tl::unexpected(FailureClass::bad_answer);
  }
  out.id = text_member(root, "id");
  out.model = text_member(root, "model");
  CallIds ids;
  for (const auto block : blocks) {
    auto part = read_answer_block(block);
    if (!part) continue;
    if (is_nameless_call(*part)) return tl::unexpected(FailureClass::bad_answer);
    auto* call = std::get_if<chat::ToolCall>(&*part);
    if (call) call->id = ids.give(call->id, answer_base(out.id, unnamed_answer));
    out.parts.push_back(std::move(*part));
  }
  read_stop(root, out.ending);
  const bool called = std::any_of(out.parts.begin(), out.parts.end(), [](const chat::Part& part) {
    return std::holds_alternative<chat::ToolCall>(part);
  });
  out.ending.finish = settled_finish(out.ending.finish, called);
  if (const auto usage = member(root, "usage")) out.ending.usage = read_usage(*usage);
  return out;
}

}  // namespace routerone::dialect::anthropic
