#include "daemon/dialect/openai_chat/request_reader.h"

#include <simdjson.h>

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/effort.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/openai_chat/message_parts.h"
#include "daemon/dialect/openai_chat/reasoning.h"
#include "daemon/dialect/openai_chat/tool_reader.h"
#include "daemon/dialect/route_words_scan.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::openai_chat {
namespace {

using Element = simdjson::dom::element;
using chat::Format;
using chat::Request;
using chat::Role;
using chat::Turn;

class Reader {
 public:
  explicit Reader(Request& out) : out_(out) {}

  std::optional<Refusal> read(Element root) {
    simdjson::dom::object top;
    if (root.get_object().get(top) != simdjson::SUCCESS) {
      return malformed("", "is no JSON object");
    }
    for (const auto [name, value] : top) {
      if (!value.is_null() && !take_field(name, value)) take_other(name, value);
      if (problem_) return std::move(problem_);
    }
    if (!has_messages_) return malformed("messages", "is missing");
    const auto tools = read_tools(root, out_);
    if (!tools) return tools.error();
    return std::nullopt;
  }

 private:
  /// False: it has no meaning that others share.
  bool take_field(std::string_view name, Element value) {
    return take_setting(name, value) || take_sampling(name, value) || take_identity(name, value) ||
           is_tool_field(name) || is_route_word(name, value);
  }

  bool take_setting(std::string_view name, Element value) {
    if (name == "messages") {
      take_messages(value);
    } else if (name == "stream") {
      out_.stream = flag(name, value);
    } else if (name == "stream_options") {
      const auto include = member(value, "include_usage");
      out_.wants_usage = include && flag("stream_options.include_usage", *include);
    } else if (name == "max_completion_tokens") {
      out_.output_cap = whole(name, value);
      newer_cap_ = true;
    } else if (name == "max_tokens") {
      const auto cap = whole(name, value);
      if (!newer_cap_) out_.output_cap = cap;
    } else if (name == "reasoning_effort") {
      take_effort(name, value);
    } else if (name == "reasoning") {
      take_reasoning(value);
    } else if (name == "response_format") {
      take_format(value);
    } else if (name == "stop") {
      take_stops(value);
    } else {
      return false;
    }
    return true;
  }

  bool take_sampling(std::string_view name, Element value) {
    if (name == "temperature") {
      out_.temperature = number(name, value);
    } else if (name == "top_p") {
      out_.top_p = number(name, value);
    } else if (name == "presence_penalty") {
      out_.presence_penalty = number(name, value);
    } else if (name == "frequency_penalty") {
      out_.frequency_penalty = number(name, value);
    } else if (name == "top_k") {
      out_.top_k = whole(name, value);
    } else if (name == "seed") {
      out_.seed = whole(name, value);
    } else if (name == "n") {
      out_.choices = whole(name, value).value_or(1);
    } else {
      return false;
    }
    return true;
  }

  bool take_identity(std::string_view name, Element value) {
    if (name == "model") {
      out_.model = text(name, value);
    } else if (name == "safety_identifier") {
      out_.user = text(name, value);
    } else if (name == "user") {
      const std::string_view said = text(name, value);
      if (out_.user.empty()) out_.user = said;
    } else if (name == "prompt_cache_key") {
      out_.cache_key = text(name, value);
    } else if (name == "service_tier") {
      out_.service_tier = text(name, value);
    } else if (name == "verbosity") {
      out_.verbosity = text(name, value);
    } else if (name == "metadata") {
      out_.metadata = json_text(value);
    } else {
      return false;
    }
    return true;
  }

  /// What only this dialect knows: harmless, or missed if it were left out.
  void take_other(std::string_view name, Element value) {
    bool on = true;
    if (value.get_bool().get(on) == simdjson::SUCCESS && !on) return;
    std::int64_t count = 1;
    if (value.get_int64().get(count) == simdjson::SUCCESS && count == 0) return;
    static constexpr std::array<std::string_view, 3> missed = {"logprobs", "top_logprobs", "audio"};
    bool own = false;
    for (const std::string_view each : missed) own = own || name == each;
    if (name == "modalities") own = json_text(value) != R"(["text"])";
    (own ? out_.own_only : out_.hints).emplace_back(name);
  }

  void take_messages(Element value) {
    has_messages_ = true;
    simdjson::dom::array messages;
    if (value.get_array().get(messages) != simdjson::SUCCESS)
      return fail("messages", "is no array");
    for (const Element message : messages) {
      if (problem_) return;
      take_message(message, "messages[" + std::to_string(out_.turns.size()) + "]");
    }
  }

  void take_message(Element message, const std::string& where) {
    auto parts = read_content(message, where);
    if (!parts) {
      problem_ = parts.error();
      return;
    }
    const std::string_view role = text_member(message, "role");
    Turn turn;
    turn.parts = std::move(*parts);
    if (role == "system" || role == "developer") {
      turn.role = Role::system;
      turn.developer = role == "developer";
    } else if (role == "assistant") {
      turn.role = Role::assistant;
      take_assistant(message, turn);
    } else if (role == "tool" || role == "function") {
      take_result(message, turn);
    } else if (role != "user") {
      return fail(where + ".role", "is no role that can be translated");
    }
    out_.turns.push_back(std::move(turn));
  }

  static void take_assistant(Element message, Turn& turn) {
    std::vector<chat::Part> parts;
    for (chat::Thinking& each : read_thinking(message)) parts.emplace_back(std::move(each));
    for (chat::Part& each : turn.parts) parts.push_back(std::move(each));
    if (const std::string_view refusal = text_member(message, "refusal"); !refusal.empty()) {
      chat::Text said;
      said.text = refusal;
      said.refusal = true;
      parts.emplace_back(std::move(said));
    }
    for (chat::ToolCall& each : read_calls(message)) parts.emplace_back(std::move(each));
    turn.parts = std::move(parts);
  }

  static void take_result(Element message, Turn& turn) {
    chat::ToolResult result;
    result.call_id = text_member(message, "tool_call_id");
    result.name = text_member(message, "name");
    result.content = std::exchange(turn.parts, {});
    turn.parts.emplace_back(std::move(result));
  }

  void take_effort(std::string_view name, Element value) {
    const auto effort = read_effort(text(name, value));
    if (!effort && !problem_) return fail(name, "is no level of reasoning");
    out_.reasoning.effort = effort;
  }

  /// `reasoning: {effort, max_tokens, enabled, exclude}`, as one large relay has it.
  void take_reasoning(Element value) {
    if (const auto effort = member(value, "effort")) take_effort("reasoning.effort", *effort);
    if (const auto budget = count_member(value, "max_tokens")) out_.reasoning.budget = budget;
    bool on = true;
    const auto enabled = member(value, "enabled");
    if (enabled && enabled->get_bool().get(on) == simdjson::SUCCESS) out_.reasoning.off = !on;
    const auto exclude = member(value, "exclude");
    if (exclude && exclude->get_bool().get(on) == simdjson::SUCCESS) out_.reasoning.visible = !on;
  }

  void take_format(Element value) {
    const std::string_view type = text_member(value, "type");
    if (type == "json_object") {
      out_.format.kind = Format::Kind::json;
    } else if (type == "json_schema") {
      const auto inside = member(value, "json_schema");
      const auto schema = inside ? member(*inside, "schema") : std::nullopt;
      if (!schema || !schema->is_object()) {
        return fail("response_format.json_schema.schema", "must be an object");
      }
      out_.format.kind = Format::Kind::schema;
      out_.format.name = text_member(*inside, "name");
      out_.format.description = text_member(*inside, "description");
      out_.format.schema = json_text(*schema);
      bool strict = false;
      const auto said = member(*inside, "strict");
      if (said && said->get_bool().get(strict) == simdjson::SUCCESS) out_.format.strict = strict;
    } else if (type != "text") {
      fail("response_format.type", "is no format that can be translated");
    }
  }

  void take_stops(Element value) {
    std::string_view one;
    simdjson::dom::array several;
    if (value.get_string().get(one) == simdjson::SUCCESS) {
      if (!one.empty()) out_.stops.emplace_back(one);
    } else if (value.get_array().get(several) == simdjson::SUCCESS) {
      for (const Element each : several) {
        const std::string_view stop = text("stop", each);
        if (!stop.empty()) out_.stops.emplace_back(stop);
      }
    } else {
      fail("stop", "is neither a string nor an array of strings");
    }
  }

  bool flag(std::string_view name, Element value) {
    bool out = false;
    if (value.get_bool().get(out) != simdjson::SUCCESS) fail(name, "is neither true nor false");
    return out;
  }
  std::optional<std::int64_t> whole(std::string_view name, Element value) {
    std::int64_t out = 0;
    double real = 0;
    if (value.get_int64().get(out) == simdjson::SUCCESS) return out;
    // Some write 1024.0.
    const bool fits = value.get_double().get(real) == simdjson::SUCCESS && std::abs(real) < 9e15;
    if (fits && real == std::floor(real)) return static_cast<std::int64_t>(real);
    fail(name, "is no whole number");
    return std::nullopt;
  }
  std::optional<double> number(std::string_view name, Element value) {
    double out = 0;
    if (value.get_double().get(out) == simdjson::SUCCESS) return out;
    fail(name, "is no number");
    return std::nullopt;
  }
  std::string_view text(std::string_view name, Element value) {
    std::string_view out;
    if (value.get_string().get(out) != simdjson::SUCCESS) fail(name, "is no string");
    return out;
  }
  void fail(std::string_view name, std::string_view what) {
    if (!problem_) problem_ = malformed(name, what);
  }

  Request& out_;
  std::optional<Refusal> problem_;
  bool has_messages_ = false;
  bool newer_cap_ = false;
};

}  // namespace

tl::expected<Request, Refusal> read_request(std::string_view body) {
  const Dom document(body);
  if (!document.ok()) return tl::unexpected(malformed("", "is no valid JSON"));
  Request out;
  out.wants_usage = false;
  if (auto problem = Reader(out).read(document.root())) return tl::unexpected(std::move(*problem));
  return out;
}

}  // namespace routerone::dialect::openai_chat
