#include "daemon/dialect/openai_responses/request_reader.h"

#include <optional>
#include <string>
#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/effort.h"
#include "daemon/dialect/field_table.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/openai_responses/findings.h"
#include "daemon/dialect/openai_responses/item_reader.h"
#include "daemon/dialect/openai_responses/tool_reader.h"

namespace routerone::dialect::openai_responses {
namespace {

using Element = simdjson::dom::element;

std::string text_value(Element value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

class RequestReader {
 public:
  tl::expected<chat::Request, Refusal> read(const Operation& operation, Element body) &&;

 private:
  static const FieldRow<RequestReader> fields[];

  void model(Element value) { out_.model = text_value(value); }
  void stream(Element value) { flag(value, "stream", out_.stream); }
  void input(Element);
  void instructions(Element);
  void tools(Element value) { read_tools(value, "tools", out_, findings_); }
  void tool_choice(Element value) { read_tool_choice(value, out_, findings_); }
  void parallel_tool_calls(Element);
  void max_output_tokens(Element);
  void temperature(Element value) { out_.temperature = number(value, "temperature"); }
  void top_p(Element value) { out_.top_p = number(value, "top_p"); }
  void presence_penalty(Element value) {
    out_.presence_penalty = number(value, "presence_penalty");
  }
  void frequency_penalty(Element value) {
    out_.frequency_penalty = number(value, "frequency_penalty");
  }
  void reasoning(Element);
  void text(Element);
  void format(Element);
  void include(Element);
  void top_logprobs(Element);
  void metadata(Element);
  void user(Element);
  void safety_identifier(Element value) { out_.user = text_value(value); }
  void prompt_cache_key(Element value) { out_.cache_key = text_value(value); }
  void service_tier(Element value) { out_.service_tier = text_value(value); }
  void store(Element);
  void truncation(Element);
  void background(Element);
  void previous_response_id(Element) { findings_.only_here("previous_response_id"); }
  void conversation(Element) { findings_.only_here("conversation"); }
  void prompt(Element) { findings_.only_here("prompt"); }

  std::optional<double> number(Element value, std::string_view name);
  void flag(Element value, std::string_view name, bool& out);

  chat::Request out_;
  std::optional<chat::Turn> instructions_;  ///< Wherever they stand among the fields.
  Findings findings_;
  bool has_input_ = false;
};

const FieldRow<RequestReader> RequestReader::fields[] = {
    {"model", &RequestReader::model},
    {"input", &RequestReader::input},
    {"instructions", &RequestReader::instructions},
    {"tools", &RequestReader::tools},
    {"tool_choice", &RequestReader::tool_choice},
    {"parallel_tool_calls", &RequestReader::parallel_tool_calls},
    {"stream", &RequestReader::stream},
    {"max_output_tokens", &RequestReader::max_output_tokens},
    {"temperature", &RequestReader::temperature},
    {"top_p", &RequestReader::top_p},
    {"presence_penalty", &RequestReader::presence_penalty},
    {"frequency_penalty", &RequestReader::frequency_penalty},
    {"reasoning", &RequestReader::reasoning},
    {"text", &RequestReader::text},
    {"include", &RequestReader::include},
    {"top_logprobs", &RequestReader::top_logprobs},
    {"metadata", &RequestReader::metadata},
    {"user", &RequestReader::user},
    {"safety_identifier", &RequestReader::safety_identifier},
    {"prompt_cache_key", &RequestReader::prompt_cache_key},
    {"service_tier", &RequestReader::service_tier},
    {"store", &RequestReader::store},
    {"truncation", &RequestReader::truncation},
    {"background", &RequestReader::background},
    {"previous_response_id", &RequestReader::previous_response_id},
    {"conversation", &RequestReader::conversation},
    {"prompt", &RequestReader::prompt},
};

tl::expected<chat::Request, Refusal> RequestReader::read(const Operation& operation,
                                                         Element body) && {
  out_.count_only = operation.kind == OperationKind::count;
  if (!read_fields(body, fields, *this, findings_)) {
    return tl::unexpected(malformed("body", "must be a JSON object"));
  }
  // What stands for an input the provider keeps is refused by its own name.
  if (!has_input_ && findings_.own_only.empty()) findings_.wrong("input", "is required");
  if (findings_.problem) return tl::unexpected(std::move(*findings_.problem));
  if (instructions_) out_.turns.insert(out_.turns.begin(), std::move(*instructions_));
  out_.hints = std::move(findings_.hints);
  out_.own_only = std::move(findings_.own_only);
  return std::move(out_);
}

void RequestReader::input(Element value) {
  has_input_ = true;
  ItemReader(out_, findings_).read(value);
}

void RequestReader::instructions(Element value) {
  const std::string said = text_value(value);
  if (said.empty()) return;
  instructions_.emplace().role = chat::Role::system;
  instructions_->parts.emplace_back(chat::Text{said, false, {}, {}});
}

void RequestReader::parallel_tool_calls(Element value) {
  bool parallel = true;
  flag(value, "parallel_tool_calls", parallel);
  out_.choice.parallel = parallel;
}

void RequestReader::max_output_tokens(Element value) {
  std::int64_t cap = 0;
  if (value.get_int64().get(cap) != simdjson::SUCCESS || cap < 0) {
    return findings_.wrong("max_output_tokens", "must be a whole number");
  }
  out_.output_cap = cap;
}

void RequestReader::reasoning(Element value) {
  if (!value.is_object()) return findings_.wrong("reasoning", "must be an object");
  chat::Reasoning& out = out_.reasoning;
  const std::string_view effort = text_member(value, "effort");
  if (!effort.empty()) {
    out.effort = read_effort(effort);
    if (!out.effort) findings_.wrong("reasoning.effort", "is no level that is known here");
  }
  std::string_view summary = text_member(value, "summary");
  if (summary.empty()) summary = text_member(value, "generate_summary");
  if (!summary.empty()) out.visible = summary != "none";
  const std::string_view mode = text_member(value, "mode");
  if (!mode.empty() && mode != "standard" && mode != "default") {
    findings_.only_here("reasoning.mode");
  }
  if (member(value, "context")) findings_.hint("reasoning.context");
}

void RequestReader::text(Element value) {
  if (!value.is_object()) return findings_.wrong("text", "must be an object");
  out_.verbosity = text_member(value, "verbosity");
  if (const auto said = member(value, "format")) format(*said);
}

void RequestReader::format(Element value) {
  using Kind = chat::Format::Kind;
  const std::string_view type = text_member(value, "type");
  chat::Format& out = out_.format;
  if (type == "json_object") {
    out.kind = Kind::json;
  } else if (type == "json_schema") {
    out.kind = Kind::schema;
    out.name = text_member(value, "name");
    out.description = text_member(value, "description");
    const auto schema = member(value, "schema");
    if (!schema || !schema->is_object()) {
      return findings_.wrong("text.format.schema", "must be an object");
    }
    out.schema = json_text(*schema);
    bool strict = false;
    const auto said = member(value, "strict");
    if (said && said->get_bool().get(strict) == simdjson::SUCCESS) out.strict = strict;
  } else if (type != "text") {
    findings_.only_here("text.format.type");
  }
}

/// What only says more about the provider's own tools is a hint; that the state of thinking is
/// wanted goes without saying.
void RequestReader::include(Element value) {
  simdjson::dom::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) {
    return findings_.wrong("include", "must be a list");
  }
  for (const Element each : list) {
    const std::string said = text_value(each);
    if (said == "message.output_text.logprobs") {
      findings_.only_here("include");
    } else if (said != "reasoning.encrypted_content") {
      findings_.hint("include");
    }
  }
}

void RequestReader::top_logprobs(Element value) {
  std::int64_t most = 0;
  if (value.get_int64().get(most) == simdjson::SUCCESS && most > 0) {
    findings_.only_here("top_logprobs");
  }
}

void RequestReader::metadata(Element value) {
  if (!value.is_object()) return findings_.wrong("metadata", "must be an object");
  out_.metadata = json_text(value);
}

/// The older name of safety_identifier, which wins.
void RequestReader::user(Element value) {
  if (out_.user.empty()) out_.user = text_value(value);
}

void RequestReader::store(Element value) {
  bool stored = false;
  flag(value, "store", stored);
  if (stored) findings_.hint("store");
}

void RequestReader::truncation(Element value) {
  if (text_value(value) != "disabled") findings_.hint("truncation");
}

void RequestReader::background(Element value) {
  bool wanted = false;
  flag(value, "background", wanted);
  if (wanted) findings_.only_here("background");
}

std::optional<double> RequestReader::number(Element value, std::string_view name) {
  double out = 0;
  if (value.get_double().get(out) == simdjson::SUCCESS) return out;
  findings_.wrong(name, "must be a number");
  return std::nullopt;
}

void RequestReader::flag(Element value, std::string_view name, bool& out) {
  if (value.get_bool().get(out) != simdjson::SUCCESS) {
    findings_.wrong(name, "must be true or false");
  }
}

}  // namespace

tl::expected<chat::Request, Refusal> read_request(const Operation& operation,
                                                  std::string_view body) {
  const Dom document(body);
  if (!document.ok()) return tl::unexpected(malformed("body", "is not valid JSON"));
  return RequestReader().read(operation, document.root());
}

}  // namespace routerone::dialect::openai_responses
