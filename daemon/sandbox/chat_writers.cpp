#include "common/json/json.h"
#include "daemon/sandbox/openai_writers.h"

namespace routerone::sandbox {
namespace {

/// One made-up moment, so that the same question gets the same answer.
constexpr std::int64_t created = 1'767'225'600;

Json usage_of(const Reply& reply) {
  return {{"prompt_tokens", reply.input_tokens},
          {"completion_tokens", reply.output_tokens},
          {"total_tokens", reply.input_tokens + reply.output_tokens},
          {"prompt_tokens_details", {{"cached_tokens", 0}}},
          {"completion_tokens_details", {{"reasoning_tokens", 0}}}};
}

Json tool_calls(const Reply& reply, bool streamed) {
  Json call;
  if (streamed) call["index"] = 0;
  call["id"] = "call_" + reply.id;
  call["type"] = "function";
  call["function"] = {{"name", reply.call->name}, {"arguments", reply.call->arguments}};
  return Json::array({call});
}

const char* finish_reason(const Reply& reply) { return reply.call ? "tool_calls" : "stop"; }

Json frame(const Reply& reply, const char* prefix, const char* object) {
  return {
      {"id", prefix + reply.id}, {"object", object}, {"created", created}, {"model", reply.model}};
}

std::string event(const Json& data) { return "data: " + data.dump() + "\n\n"; }

Json chunk(const Reply& reply, const Json& delta, const Json& finish) {
  Json data = frame(reply, "chatcmpl-", "chat.completion.chunk");
  data["choices"] = Json::array({Json{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}});
  return data;
}

void end_stream(const Reply& reply, Json last, std::vector<std::string>& events) {
  if (reply.include_usage) {
    last["choices"] = Json::array();
    last["usage"] = usage_of(reply);
    events.push_back(event(last));
  }
  events.emplace_back("data: [DONE]\n\n");
}

}  // namespace

std::string chat_whole(const Reply& reply) {
  Json message = {{"role", "assistant"}, {"content", nullptr}};
  if (reply.call) {
    message["tool_calls"] = tool_calls(reply, false);
  } else {
    message["content"] = reply.text();
  }
  Json whole = frame(reply, "chatcmpl-", "chat.completion");
  whole["choices"] = Json::array(
      {Json{{"index", 0}, {"message", message}, {"finish_reason", finish_reason(reply)}}});
  whole["usage"] = usage_of(reply);
  return whole.dump();
}

std::vector<std::string> chat_events(const Reply& reply) {
  std::vector<std::string> events;
  const Json begin = {{"role", "assistant"}, {"content", ""}};
  events.push_back(event(chunk(reply, begin, nullptr)));
  for (const std::string& piece : reply.pieces) {
    events.push_back(event(chunk(reply, {{"content", piece}}, nullptr)));
  }
  if (reply.call) {
    const Json call = {{"tool_calls", tool_calls(reply, true)}};
    events.push_back(event(chunk(reply, call, nullptr)));
  }
  events.push_back(event(chunk(reply, Json::object(), finish_reason(reply))));
  end_stream(reply, frame(reply, "chatcmpl-", "chat.completion.chunk"), events);
  return events;
}

std::string completion_whole(const Reply& reply) {
  Json whole = frame(reply, "cmpl-", "text_completion");
  whole["choices"] = Json::array({Json{
      {"text", reply.text()}, {"index", 0}, {"logprobs", nullptr}, {"finish_reason", "stop"}}});
  whole["usage"] = usage_of(reply);
  return whole.dump();
}

std::vector<std::string> completion_events(const Reply& reply) {
  std::vector<std::string> events;
  const auto add = [&](const std::string& text, const Json& finish) {
    Json data = frame(reply, "cmpl-", "text_completion");
    data["choices"] = Json::array(
        {Json{{"text", text}, {"index", 0}, {"logprobs", nullptr}, {"finish_reason", finish}}});
    events.push_back(event(data));
  };
  for (const std::string& piece : reply.pieces) add(piece, nullptr);
  add("", "stop");
  end_stream(reply, frame(reply, "cmpl-", "text_completion"), events);
  return events;
}

/// Eight numbers that depend on the text alone; pieces hold the texts.
std::string embeddings_whole(const Reply& reply) {
  Json data = Json::array();
  for (std::size_t i = 0; i < reply.pieces.size(); ++i) {
    Json vector = Json::array();
    std::uint32_t state = 2166136261U;
    for (const char c : reply.pieces[i])
      state = (state ^ static_cast<unsigned char>(c)) * 16777619U;
    for (int n = 0; n < 8; ++n) {
      state = state * 1664525U + 1013904223U;
      vector.push_back(static_cast<double>(state >> 8) / (1 << 24));
    }
    data.push_back({{"object", "embedding"}, {"index", i}, {"embedding", vector}});
  }
  return Json{
      {"object", "list"},
      {"data", data},
      {"model", reply.model},
      {"usage", {{"prompt_tokens", reply.input_tokens}, {"total_tokens", reply.input_tokens}}}}
      .dump();
}

std::string openai_error(int status, std::string_view message) {
  const bool callers = status >= 400 && status < 500;
  Json error = {{"message", message},
                {"type", callers ? "invalid_request_error" : "server_error"},
                {"param", nullptr},
                {"code", nullptr}};
  if (status == 404) error["code"] = "model_not_found";
  if (status == 401) error["code"] = "invalid_api_key";
  return Json{{"error", error}}.dump();
}

}  // namespace routerone::sandbox
