#include "daemon/dialect/anthropic/request_reader.h"

#include <algorithm>
#include <array>
#include <string>

#include "daemon/dialect/anthropic/block_reader.h"
#include "daemon/dialect/anthropic/session.h"
#include "daemon/dialect/anthropic/tool_reader.h"
#include "daemon/dialect/anthropic/words.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/effort.h"
#include "daemon/dialect/field_table.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/part_text.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::anthropic {
namespace {

using Element = simdjson::dom::element;

/// One agent puts this in front of its instructions. It is for the provider alone, and as it is
/// another one in each request, it would keep every other provider from caching what follows.
constexpr std::string_view client_note = "x-anthropic-billing-header";

/// The caller's note is taken off the instructions it stands in front of.
void drop_client_note(std::vector<chat::Part>& parts) {
  for (chat::Part& part : parts) {
    auto* text = std::get_if<chat::Text>(&part);
    if (text == nullptr || !text->text.starts_with(client_note)) continue;
    const std::size_t line_end = text->text.find('\n');
    text->text.erase(0, line_end == std::string::npos ? line_end : line_end + 1);
  }
  std::erase_if(parts, [](const chat::Part& part) {
    const auto* text = std::get_if<chat::Text>(&part);
    return text != nullptr && text->text.empty();
  });
}

class RequestReader {
 public:
  tl::expected<chat::Request, Refusal> read(const Operation& operation, Element body) &&;

 private:
  static const FieldRow<RequestReader> fields[];

  void model(Element);
  void stream(Element);
  void max_tokens(Element);
  void system(Element);
  void messages(Element);
  void message(Element, std::size_t i);
  void tools(Element value) { read_tools(value, out_, findings_); }
  void tool_choice(Element value) { read_tool_choice(value, out_, findings_); }
  void thinking(Element);
  void output_config(Element);
  void format(Element);
  void stop_sequences(Element);
  void temperature(Element value) { out_.temperature = number(value, "temperature"); }
  void top_p(Element value) { out_.top_p = number(value, "top_p"); }
  void top_k(Element);
  void metadata(Element);
  void service_tier(Element);
  void mcp_servers(Element);
  void container(Element) { findings_.only_here("container"); }
  /// What is said in a thread is kept by the provider; without it an answer would be to a fragment.
  void thread(Element) { findings_.only_here(std::string(thread_field)); }

  std::optional<double> number(Element value, std::string_view name);
  void effort(Element config, std::string_view path);

  chat::Request out_;
  std::vector<chat::Turn> instructions_;  ///< Wherever `system` stands among the fields.
  Findings findings_;
  bool effort_in_turn_ = false;
  bool has_messages_ = false;
};

const FieldRow<RequestReader> RequestReader::fields[] = {
    {"model", &RequestReader::model},
    {"messages", &RequestReader::messages},
    {"system", &RequestReader::system},
    {"max_tokens", &RequestReader::max_tokens},
    {"tools", &RequestReader::tools},
    {"tool_choice", &RequestReader::tool_choice},
    {"stream", &RequestReader::stream},
    {"thinking", &RequestReader::thinking},
    {"output_config", &RequestReader::output_config},
    {"output_format", &RequestReader::format},
    {"stop_sequences", &RequestReader::stop_sequences},
    {"temperature", &RequestReader::temperature},
    {"top_p", &RequestReader::top_p},
    {"top_k", &RequestReader::top_k},
    {"metadata", &RequestReader::metadata},
    {"service_tier", &RequestReader::service_tier},
    {"mcp_servers", &RequestReader::mcp_servers},
    {"container", &RequestReader::container},
    {thread_field, &RequestReader::thread},
};

tl::expected<chat::Request, Refusal> RequestReader::read(const Operation& operation,
                                                         Element body) && {
  out_.count_only = operation.kind == OperationKind::count;
  if (!read_fields(body, fields, *this, findings_)) {
    return tl::unexpected(malformed("body", "must be a JSON object"));
  }
  if (!has_messages_) findings_.wrong("messages", "is required");
  if (!out_.count_only && !out_.output_cap) findings_.wrong("max_tokens", "is required");
  if (findings_.problem) return tl::unexpected(std::move(*findings_.problem));
  out_.turns.insert(out_.turns.begin(), std::make_move_iterator(instructions_.begin()),
                    std::make_move_iterator(instructions_.end()));
  out_.hints = std::move(findings_.hints);
  out_.own_only = std::move(findings_.own_only);
  return std::move(out_);
}

void RequestReader::model(Element value) {
  std::string_view said;
  if (value.get_string().get(said) == simdjson::SUCCESS) out_.model = said;
}

void RequestReader::stream(Element value) {
  if (value.get_bool().get(out_.stream) != simdjson::SUCCESS) {
    findings_.wrong("stream", "must be true or false");
  }
}

void RequestReader::max_tokens(Element value) {
  std::int64_t cap = 0;
  if (value.get_int64().get(cap) != simdjson::SUCCESS || cap < 0) {
    return findings_.wrong("max_tokens", "must be a whole number");
  }
  out_.output_cap = cap;
}

void RequestReader::system(Element value) {
  chat::Turn turn;
  turn.role = chat::Role::system;
  turn.parts = BlockReader("system", findings_).read(value);
  drop_client_note(turn.parts);
  if (!turn.parts.empty()) instructions_.push_back(std::move(turn));
}

void RequestReader::messages(Element value) {
  simdjson::dom::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) {
    return findings_.wrong("messages", "must be a list");
  }
  has_messages_ = true;
  std::size_t i = 0;
  for (const Element each : list) message(each, i++);
}

void RequestReader::message(Element value, std::size_t i) {
  const std::string path = "messages." + std::to_string(i);
  const std::string_view role = text_member(value, "role");
  chat::Turn turn;
  if (role == "assistant") {
    turn.role = chat::Role::assistant;
  } else if (role == "system") {
    turn.role = chat::Role::system;
  } else if (role != "user") {
    return findings_.wrong(path + ".role", "must be user, assistant or system");
  }
  const auto content = member(value, "content");
  if (!content) return findings_.wrong(path + ".content", "is required");
  turn.parts = BlockReader(path + ".content", findings_).read(*content);
  if (turn.role == chat::Role::system) drop_client_note(turn.parts);
  if (calls_by_itself(turn)) {
    return findings_.wrong(path + ".content", "may hold tool_use blocks only of an assistant");
  }
  // What tools gave comes first; a caller that has it otherwise means the same.
  std::stable_partition(turn.parts.begin(), turn.parts.end(), [](const chat::Part& part) {
    return std::holds_alternative<chat::ToolResult>(part);
  });
  out_.turns.push_back(std::move(turn));
  // The last message that has an effort is the one that counts, over the request's own.
  if (const auto config = member(value, "output_config")) {
    effort(*config, path + ".output_config");
    effort_in_turn_ = effort_in_turn_ || member(*config, "effort").has_value();
  }
}

void RequestReader::thinking(Element value) {
  const std::string_view type = text_member(value, "type");
  chat::Reasoning& out = out_.reasoning;
  if (type == "enabled") {
    out.budget = count_member(value, "budget_tokens");
    if (!out.budget) findings_.wrong("thinking.budget_tokens", "is required");
  } else if (type == "adaptive") {
    out.adaptive = true;
  } else if (type == "disabled") {
    out.off = true;
  } else {
    findings_.hint("thinking");
  }
  const std::string_view display = text_member(value, "display");
  if (!display.empty()) out.visible = display != "omitted";
}

void RequestReader::output_config(Element value) {
  if (!effort_in_turn_) effort(value, "output_config");
  if (const auto said = member(value, "format")) format(*said);
}

void RequestReader::effort(Element config, std::string_view path) {
  const std::string_view word = text_member(config, "effort");
  if (word.empty()) return;
  const auto level = read_effort(word);
  if (!level) return findings_.wrong(std::string(path) + ".effort", "is not a known effort");
  out_.reasoning.effort = level;
}

void RequestReader::format(Element value) {
  const std::string_view type = text_member(value, "type");
  if (type == "text") return;
  const auto schema = member(value, "schema");
  if (type != "json_schema" || !schema || !schema->is_object()) {
    return findings_.wrong("output_config.format", "must be a json_schema with its schema");
  }
  out_.format.kind = chat::Format::Kind::schema;
  out_.format.name = "response";
  out_.format.schema = json_text(*schema);
}

void RequestReader::stop_sequences(Element value) {
  simdjson::dom::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) {
    return findings_.wrong("stop_sequences", "must be a list");
  }
  for (const Element each : list) {
    std::string_view stop;
    if (each.get_string().get(stop) != simdjson::SUCCESS) {
      return findings_.wrong("stop_sequences", "must hold texts");
    }
    if (!stop.empty()) out_.stops.emplace_back(stop);
  }
}

void RequestReader::top_k(Element value) {
  std::int64_t count = 0;
  if (value.get_int64().get(count) == simdjson::SUCCESS) out_.top_k = count;
}

void RequestReader::metadata(Element value) {
  out_.user = text_member(value, "user_id");
  out_.cache_key = session_of_metadata(json_text(value));
}

void RequestReader::service_tier(Element value) {
  std::string_view tier;
  if (value.get_string().get(tier) == simdjson::SUCCESS) out_.service_tier = tier;
}

void RequestReader::mcp_servers(Element value) {
  simdjson::dom::array list;
  if (value.get_array().get(list) == simdjson::SUCCESS && list.size() == 0) return;
  findings_.only_here("mcp_servers");
}

std::optional<double> RequestReader::number(Element value, std::string_view name) {
  double out = 0;
  if (value.get_double().get(out) == simdjson::SUCCESS) return out;
  findings_.wrong(name, "must be a number");
  return std::nullopt;
}

}  // namespace

tl::expected<chat::Request, Refusal> read_request(const Operation& operation,
                                                  std::string_view body) {
  const Dom document(body);
  if (!document.ok()) return tl::unexpected(malformed("body", "is not valid JSON"));
  return RequestReader().read(operation, document.root());
}

}  // namespace routerone::dialect::anthropic
