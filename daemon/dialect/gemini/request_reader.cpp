#include "daemon/dialect/gemini/request_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/core/text.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/gemini/config_reader.h"
#include "daemon/dialect/gemini/fields.h"
#include "daemon/dialect/gemini/part_reader.h"
#include "daemon/dialect/gemini/tool_reader.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/operation_path.h"
#include "daemon/dialect/part_text.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::gemini {
namespace {

/// Thoughts that are also there as their maker wrote them are not said twice.
void drop_retold(std::vector<chat::Part>& parts) {
  const auto has_state = [](const chat::Part& part) {
    const auto* thought = std::get_if<chat::Thinking>(&part);
    return thought != nullptr && !thought->state.empty() && thought->origin != "gemini";
  };
  if (std::none_of(parts.begin(), parts.end(), has_state)) return;
  std::erase_if(parts, [](const chat::Part& part) {
    const auto* thought = std::get_if<chat::Thinking>(&part);
    return thought != nullptr && thought->state.empty();
  });
}

class RequestReader {
 public:
  tl::expected<chat::Request, Refusal> read(Element body) &&;

  chat::Request out;

 private:
  struct Field {
    std::string_view name;
    void (RequestReader::*read)(Element);
  };
  static const Field fields[];

  void read_field(const std::string& name, Element value);
  void contents(Element);
  void content(Element, const std::string& path);
  void system(Element);
  void tools(Element value) { read_tools(value, out, findings_); }
  /// After the tools, wherever it stands: what it says is said of them.
  void tool_config(Element value) { tool_config_ = value; }
  void config(Element value) { read_config(value, out, findings_); }
  void cached(Element) { findings_.only_here("cachedContent"); }
  void labels(Element value) { out.metadata = json_text(value); }
  void service_tier(Element);

  std::optional<Element> tool_config_;
  std::vector<chat::Turn> instructions_;  ///< Wherever they stand among the fields.
  Findings findings_;
  bool has_contents_ = false;
};

const RequestReader::Field RequestReader::fields[] = {
    {"contents", &RequestReader::contents},
    {"systemInstruction", &RequestReader::system},
    {"tools", &RequestReader::tools},
    {"toolConfig", &RequestReader::tool_config},
    {"generationConfig", &RequestReader::config},
    {"cachedContent", &RequestReader::cached},
    {"labels", &RequestReader::labels},
    {"serviceTier", &RequestReader::service_tier},
};

tl::expected<chat::Request, Refusal> RequestReader::read(Element body) && {
  simdjson::dom::object object;
  if (body.get_object().get(object) != simdjson::SUCCESS) {
    return tl::unexpected(malformed("body", "must be a JSON object"));
  }
  for (const auto [name, value] : object) {
    if (!value.is_null()) read_field(camel_case(name), value);
  }
  if (!has_contents_) findings_.wrong("contents", "is required");
  if (tool_config_) read_tool_config(*tool_config_, out, findings_);
  if (findings_.problem) return tl::unexpected(std::move(*findings_.problem));
  out.turns.insert(out.turns.begin(), std::make_move_iterator(instructions_.begin()),
                   std::make_move_iterator(instructions_.end()));
  // Who does not ask for thoughts is not shown any.
  if (!out.reasoning.visible) out.reasoning.visible = false;
  out.hints = std::move(findings_.hints);
  out.own_only = std::move(findings_.own_only);
  return std::move(out);
}

void RequestReader::read_field(const std::string& name, Element value) {
  for (const Field& each : fields) {
    if (each.name == name) return (this->*each.read)(value);
  }
  if (name != "model") findings_.hint(name);
}

void RequestReader::contents(Element value) {
  has_contents_ = true;
  simdjson::dom::array list;
  if (value.is_object()) return content(value, "contents");
  if (value.get_array().get(list) != simdjson::SUCCESS) {
    return findings_.wrong("contents", "must be a list");
  }
  std::size_t i = 0;
  for (const Element each : list) content(each, "contents[" + std::to_string(i++) + "]");
}

void RequestReader::content(Element value, const std::string& path) {
  chat::Turn turn;
  const std::string_view role = text_field(value, "role");
  if (role == "model") {
    turn.role = chat::Role::assistant;
  } else if (!role.empty() && role != "user" && role != "function") {
    return findings_.wrong(path + ".role", "must be user or model");
  }
  // The SDK's chats keep every chunk of a streamed answer as a content of its own.
  if (turn.role == chat::Role::assistant && !out.turns.empty() &&
      out.turns.back().role == chat::Role::assistant) {
    turn = std::move(out.turns.back());
    out.turns.pop_back();
  }
  if (const auto parts = field(value, "parts")) {
    turn.parts = PartReader(path + ".parts", findings_).read(*parts, std::move(turn.parts));
  }
  if (calls_by_itself(turn)) {
    return findings_.wrong(path + ".parts", "may hold a functionCall only of a model");
  }
  drop_retold(turn.parts);
  out.turns.push_back(std::move(turn));
}

void RequestReader::system(Element value) {
  chat::Turn turn;
  turn.role = chat::Role::system;
  const auto parts = field(value, "parts");
  turn.parts = PartReader("systemInstruction.parts", findings_).read(parts ? *parts : value);
  if (calls_by_itself(turn)) {
    return findings_.wrong("systemInstruction.parts", "may hold no functionCall");
  }
  if (!turn.parts.empty()) instructions_.push_back(std::move(turn));
}

void RequestReader::service_tier(Element value) {
  std::string_view word;
  if (value.get_string().get(word) != simdjson::SUCCESS) return;
  out.service_tier = lower(word);
  if (out.service_tier == "standard") out.service_tier = "default";
}

}  // namespace

tl::expected<chat::Request, Refusal> read_request(const Operation& operation, std::string_view path,
                                                  std::string_view body) {
  const Dom document(body);
  if (!document.ok()) return tl::unexpected(malformed("body", "is not valid JSON"));
  const bool counts = operation.kind == OperationKind::count;
  const auto inside = counts ? field(document.root(), "generateContentRequest") : std::nullopt;
  RequestReader reader;
  reader.out.model = model_in_path(operation, path);
  reader.out.count_only = counts;
  return std::move(reader).read(inside ? *inside : document.root());
}

}  // namespace routerone::dialect::gemini
