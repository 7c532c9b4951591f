#include "daemon/sandbox/question.h"

#include "common/json/json.h"

namespace routerone::sandbox {
namespace {

/// Four bytes a token, rounded up: a rule that a test can reckon with.
std::int64_t tokens_of(std::string_view text) {
  return static_cast<std::int64_t>((text.size() + 3) / 4);
}

std::string text_at(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Content as every dialect has it: a string, or parts with a `text`.
std::string text_of(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const Json& part : content) {
    if (part.is_object()) text += text_at(part, "text");
  }
  return text;
}

void read_turns(const Json& turns, Question& question) {
  if (turns.is_string()) question.text = turns.get<std::string>();
  if (!turns.is_array()) return;
  for (const Json& turn : turns) {
    if (turn.is_string()) {
      question.inputs.push_back(turn.get<std::string>());
      question.input_tokens += tokens_of(question.inputs.back());
      continue;
    }
    if (!turn.is_object() || !turn.contains("content")) continue;
    const std::string text = text_of(turn["content"]);
    question.input_tokens += tokens_of(text);
    if (text_at(turn, "role") == "user" && !text.empty()) question.text = text;
  }
}

bool flag_at(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

Result<Question> read_question(std::string_view body) {
  TRY(const Json json, parse_json(body));
  if (!json.is_object()) return fail(ErrorKind::invalid, "the body is not a JSON object");
  Question question;
  question.model = text_at(json, "model");
  question.stream = flag_at(json, "stream");
  if (const auto options = json.find("stream_options");
      options != json.end() && options->is_object()) {
    question.include_usage = flag_at(*options, "include_usage");
  }
  if (const auto tools = json.find("tools"); tools != json.end()) {
    question.has_tools = tools->is_array() && !tools->empty();
  }
  for (const char* name : {"messages", "input", "prompt"}) {
    if (const auto turns = json.find(name); turns != json.end()) read_turns(*turns, question);
  }
  if (question.inputs.empty() && !question.text.empty() && question.input_tokens == 0) {
    question.inputs.push_back(question.text);
    question.input_tokens = tokens_of(question.text);
  }
  return question;
}

std::string Reply::text() const {
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  return whole;
}

Reply answer(const Question& question, std::string id) {
  Reply reply;
  reply.id = std::move(id);
  reply.model = question.model;
  reply.input_tokens = question.input_tokens;
  reply.include_usage = question.include_usage;
  const std::string& text = question.text;
  if (question.has_tools && text.starts_with("call ")) {
    const std::size_t space = text.find(' ', 5);
    ToolCall call{text.substr(5, space - 5), "{}"};
    if (space != std::string::npos && space + 1 < text.size()) {
      call.arguments = text.substr(space + 1);
    }
    reply.output_tokens = tokens_of(call.arguments);
    reply.call = std::move(call);
    return reply;
  }
  // A delta a word, the space with the word before it.
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = text.find(' ', at);
    const std::size_t end = space == std::string::npos ? text.size() : space + 1;
    reply.pieces.push_back(text.substr(at, end - at));
    at = end;
  }
  reply.output_tokens = tokens_of(text);
  return reply;
}

}  // namespace routerone::sandbox
