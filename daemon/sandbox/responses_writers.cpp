#include "common/json/json.h"
#include "daemon/sandbox/openai_writers.h"

namespace routerone::sandbox {
namespace {

constexpr std::int64_t created = 1'767'225'600;

std::string item_id(const Reply& reply) { return (reply.call ? "fc_" : "msg_") + reply.id; }

Json text_part(const std::string& text) {
  return {{"type", "output_text"},
          {"text", text},
          {"annotations", Json::array()},
          {"logprobs", Json::array()}};
}

/// The one output item, as it stands when finished or just begun.
Json item(const Reply& reply, bool finished) {
  const char* status = finished ? "completed" : "in_progress";
  if (reply.call) {
    return {{"id", item_id(reply)},     {"type", "function_call"},
            {"status", status},         {"call_id", "call_" + reply.id},
            {"name", reply.call->name}, {"arguments", finished ? reply.call->arguments : ""}};
  }
  Json content = Json::array();
  if (finished) content.push_back(text_part(reply.text()));
  return {{"id", item_id(reply)},
          {"type", "message"},
          {"status", status},
          {"role", "assistant"},
          {"content", content}};
}

Json response(const Reply& reply, bool finished) {
  Json whole = {{"id", "resp_" + reply.id},
                {"object", "response"},
                {"created_at", created},
                {"status", finished ? "completed" : "in_progress"},
                {"error", nullptr},
                {"incomplete_details", nullptr},
                {"instructions", nullptr},
                {"metadata", Json::object()},
                {"model", reply.model},
                {"output", Json::array()},
                {"parallel_tool_calls", true},
                {"tool_choice", "auto"},
                {"tools", Json::array()},
                {"usage", nullptr}};
  if (finished) {
    whole["output"].push_back(item(reply, true));
    whole["usage"] = {{"input_tokens", reply.input_tokens},
                      {"input_tokens_details", {{"cached_tokens", 0}}},
                      {"output_tokens", reply.output_tokens},
                      {"output_tokens_details", {{"reasoning_tokens", 0}}},
                      {"total_tokens", reply.input_tokens + reply.output_tokens}};
  }
  return whole;
}

/// Numbers the events as they are added.
class Events {
 public:
  void add(const char* type, const Json& fields) {
    Json data = {{"type", type}, {"sequence_number", next_++}};
    data.update(fields);
    list_.push_back(std::string("event: ") + type + "\ndata: " + data.dump() + "\n\n");
  }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  int next_ = 0;
  std::vector<std::string> list_;
};

void add_text(const Reply& reply, Events& events) {
  const Json place = {{"item_id", item_id(reply)}, {"output_index", 0}, {"content_index", 0}};
  const auto with = [&place](const Json& more) {
    Json fields = place;
    fields.update(more);
    return fields;
  };
  events.add("response.content_part.added", with({{"part", text_part("")}}));
  for (const std::string& piece : reply.pieces) {
    events.add("response.output_text.delta", with({{"delta", piece}, {"logprobs", Json::array()}}));
  }
  events.add("response.output_text.done",
             with({{"text", reply.text()}, {"logprobs", Json::array()}}));
  events.add("response.content_part.done", with({{"part", text_part(reply.text())}}));
}

void add_call(const Reply& reply, Events& events) {
  const std::string& arguments = reply.call->arguments;
  events.add("response.function_call_arguments.delta",
             {{"item_id", item_id(reply)}, {"output_index", 0}, {"delta", arguments}});
  events.add("response.function_call_arguments.done", {{"item_id", item_id(reply)},
                                                       {"output_index", 0},
                                                       {"name", reply.call->name},
                                                       {"arguments", arguments}});
}

}  // namespace

std::string responses_whole(const Reply& reply) { return response(reply, true).dump(); }

std::vector<std::string> responses_events(const Reply& reply) {
  Events events;
  events.add("response.created", {{"response", response(reply, false)}});
  events.add("response.in_progress", {{"response", response(reply, false)}});
  events.add("response.output_item.added", {{"output_index", 0}, {"item", item(reply, false)}});
  if (reply.call) {
    add_call(reply, events);
  } else {
    add_text(reply, events);
  }
  events.add("response.output_item.done", {{"output_index", 0}, {"item", item(reply, true)}});
  events.add("response.completed", {{"response", response(reply, true)}});
  return events.take();
}

}  // namespace routerone::sandbox
