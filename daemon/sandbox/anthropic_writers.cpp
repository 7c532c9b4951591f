#include "daemon/sandbox/anthropic_writers.h"

#include "common/json/json.h"

namespace routerone::sandbox {
namespace {

std::string event(const Json& data) {
  return "event: " + data["type"].get<std::string>() + "\ndata: " + data.dump() + "\n\n";
}

const char* stop_reason(const Reply& reply) { return reply.call ? "tool_use" : "end_turn"; }

Json message(const Reply& reply, std::int64_t output_tokens) {
  return {{"id", "msg_" + reply.id},
          {"type", "message"},
          {"role", "assistant"},
          {"model", reply.model},
          {"content", Json::array()},
          {"stop_reason", nullptr},
          {"stop_sequence", nullptr},
          {"usage",
           {{"input_tokens", reply.input_tokens},
            {"cache_creation_input_tokens", 0},
            {"cache_read_input_tokens", 0},
            {"output_tokens", output_tokens}}}};
}

std::string tool_id(const Reply& reply) { return "toolu_" + reply.id; }

}  // namespace

std::string messages_whole(const Reply& reply) {
  Json whole = message(reply, reply.output_tokens);
  if (reply.call) {
    auto input = parse_json(reply.call->arguments);
    whole["content"].push_back({{"type", "tool_use"},
                                {"id", tool_id(reply)},
                                {"name", reply.call->name},
                                {"input", input ? *input : Json::object()}});
  } else {
    whole["content"].push_back({{"type", "text"}, {"text", reply.text()}});
  }
  whole["stop_reason"] = stop_reason(reply);
  return whole.dump();
}

std::vector<std::string> messages_events(const Reply& reply) {
  std::vector<std::string> events;
  events.push_back(event({{"type", "message_start"}, {"message", message(reply, 1)}}));
  Json block = {{"type", "text"}, {"text", ""}};
  if (reply.call) {
    block = {{"type", "tool_use"},
             {"id", tool_id(reply)},
             {"name", reply.call->name},
             {"input", Json::object()}};
  }
  events.push_back(
      event({{"type", "content_block_start"}, {"index", 0}, {"content_block", block}}));
  events.push_back(event({{"type", "ping"}}));
  const auto delta = [&events](const Json& change) {
    events.push_back(event({{"type", "content_block_delta"}, {"index", 0}, {"delta", change}}));
  };
  if (reply.call) {
    delta({{"type", "input_json_delta"}, {"partial_json", reply.call->arguments}});
  }
  for (const std::string& piece : reply.pieces) {
    delta({{"type", "text_delta"}, {"text", piece}});
  }
  events.push_back(event({{"type", "content_block_stop"}, {"index", 0}}));
  events.push_back(
      event({{"type", "message_delta"},
             {"delta", {{"stop_reason", stop_reason(reply)}, {"stop_sequence", nullptr}}},
             {"usage", {{"output_tokens", reply.output_tokens}}}}));
  events.push_back(event({{"type", "message_stop"}}));
  return events;
}

std::string count_tokens_whole(const Reply& reply) {
  return Json{{"input_tokens", reply.input_tokens}}.dump();
}

std::string anthropic_error(int status, std::string_view text) {
  const char* type = status == 401   ? "authentication_error"
                     : status == 404 ? "not_found_error"
                     : status == 400 ? "invalid_request_error"
                     : status == 503 ? "overloaded_error"
                                     : "api_error";
  return Json{{"type", "error"}, {"error", {{"type", type}, {"message", text}}}}.dump();
}

}  // namespace routerone::sandbox
