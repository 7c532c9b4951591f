#include "daemon/dialect/openai_responses/request_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/dialect/digest.h"
#include "daemon/dialect/effort.h"
#include "daemon/dialect/hosted_tools.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/openai_responses/item_writer.h"
#include "daemon/dialect/openai_responses/tool_writer.h"
#include "daemon/dialect/strict_schema.h"
#include "daemon/dialect/tool_history.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::openai_responses {
namespace {

using chat::Request;
using chat::Tool;

/// The provider refuses a lower cap; agents probe with 1.
constexpr std::int64_t least_cap = 16;
constexpr std::size_t longest_identifier = 64;

class RequestWriter {
 public:
  RequestWriter(const Request& request, const Target& target)
      : request_(request),
        target_(target),
        family_(openai_family(target.name->upstream_model)),
        names_(request, openai_names) {
    written_.dropped = request.hints;
  }

  tl::expected<WrittenRequest, Refusal> write() && {
    if (auto refused = refuse_own_only(request_, target_)) return tl::unexpected(*refused);
    if (request_.choices > 1) {
      return tl::unexpected(untranslatable("n", target_, "it gives one answer to a request"));
    }
    auto tools = tools_known_to("openai-responses", request_, target_, written_.dropped);
    if (!tools) return tl::unexpected(std::move(tools.error()));
    tools_ = std::move(*tools);
    if (auto refused = settle_tools()) return tl::unexpected(*refused);
    if (auto refused = write_body()) return tl::unexpected(*refused);
    written_.path = request_.count_only ? "/responses/input_tokens" : "/responses";
    written_.renamed = names_.renamed(true);
    written_.stops = request_.stops;
    written_.body = std::move(out_).take();
    return std::move(written_);
  }

 private:
  void drop(std::string_view name) {
    auto& dropped = written_.dropped;
    if (std::find(dropped.begin(), dropped.end(), name) == dropped.end()) {
      dropped.emplace_back(name);
    }
  }

  std::optional<Refusal> settle_tools();
  std::optional<Refusal> write_body();
  std::optional<Refusal> write_conversation();
  void write_generation();
  void write_sampling();
  void write_reasoning();
  void write_text();
  void write_identity();
  void drop_rest();

  const Request& request_;
  const Target& target_;
  const OpenAiFamily family_;
  const ToolNames names_;
  std::vector<Tool> tools_;
  JsonOut out_;
  WrittenRequest written_;
};

/// Takes out `strict` where the provider would refuse the schema.
std::optional<Refusal> RequestWriter::settle_tools() {
  using Mode = chat::ToolChoice::Mode;
  for (Tool& tool : tools_) {
    const bool unfit = tool.kind == Tool::Kind::function && tool.strict.value_or(false) &&
                       !is_strict_schema(object_schema(tool.schema));
    if (!unfit) continue;
    tool.strict = false;
    drop("strict");
  }
  const chat::ToolChoice& choice = request_.choice;
  const bool there = choice.mode == Mode::one
                         ? find_tool(tools_, choice.group, choice.name) != nullptr
                         : !tools_.empty();
  const bool forced = choice.mode == Mode::one || choice.mode == Mode::required;
  if (!forced || there || request_.tools.empty()) return std::nullopt;
  return untranslatable("tool_choice", target_, "it does not have the tool that is to be called");
}

std::optional<Refusal> RequestWriter::write_body() {
  out_.object().text("model", target_.name->upstream_model);
  if (auto refused = write_conversation()) return refused;
  if (!tools_.empty()) {
    write_tools(out_.key("tools"), tools_, &names_);
    write_tool_choice(out_.key("tool_choice"), request_.choice, tools_, &names_);
    if (request_.choice.parallel) out_.flag("parallel_tool_calls", *request_.choice.parallel);
  }
  write_reasoning();
  write_text();
  if (!request_.count_only) write_generation();
  drop_rest();
  out_.end_object();
  return std::nullopt;
}

/// One leading instruction stands on its own; of several, each stays a message of its own.
std::optional<Refusal> RequestWriter::write_conversation() {
  const auto turns = settle_history(request_.turns, {.fold_system = false, .merge_users = false});
  std::size_t from = 0;
  if (leading_system(turns) == 1 && !turns.front().developer) {
    out_.text_if("instructions", joined_text(turns.front().parts));
    from = 1;
  }
  out_.array("input");
  ItemWriter items(out_, names_, target_);
  for (std::size_t at = from; at < turns.size(); ++at) items.write(turns[at]);
  out_.end_array();
  return items.problem();
}

void RequestWriter::write_generation() {
  if (request_.output_cap) {
    out_.whole("max_output_tokens", std::max(*request_.output_cap, least_cap));
  }
  write_sampling();
  // Models that do not think refuse the question.
  if (family_.reasons || !family_.known) {
    out_.array("include").text("reasoning.encrypted_content").end_array();
  }
  out_.flag("store", false);
  write_identity();
  if (request_.stream) out_.flag("stream", true);
}

void RequestWriter::write_sampling() {
  if (family_.samples) {
    if (request_.temperature) out_.number("temperature", *request_.temperature);
    if (request_.top_p) out_.number("top_p", *request_.top_p);
    return;
  }
  if (request_.temperature) drop("temperature");
  if (request_.top_p) drop("top_p");
}

/// Absent stays absent. Where thinking is on and may be read, its summary is asked for: without it
/// there is nothing to read.
void RequestWriter::write_reasoning() {
  const chat::Reasoning& asked = request_.reasoning;
  std::optional<chat::Effort> effort = asked_effort(asked);
  const bool wanted = effort ? *effort != chat::Effort::none : asked.adaptive;
  const bool takes = family_.reasons || !family_.known;
  if (effort && family_.known) {
    const auto nearest = family_.efforts.nearest(*effort);
    if (nearest != effort) drop("reasoning.effort");
    effort = nearest;
  }
  const bool visible = takes && asked.visible.value_or(wanted) && !asked.off;
  if (!effort && !visible) return;
  out_.object("reasoning");
  if (effort) out_.text("effort", effort_word(*effort));
  if (visible) out_.text("summary", "auto");
  out_.end_object();
}

void RequestWriter::write_text() {
  using Kind = chat::Format::Kind;
  const chat::Format& format = request_.format;
  if (format.kind == Kind::text && request_.verbosity.empty()) return;
  out_.object("text");
  if (format.kind == Kind::json) out_.object("format").text("type", "json_object").end_object();
  if (format.kind == Kind::schema) {
    out_.object("format")
        .text("type", "json_schema")
        .text("name", format.name.empty() ? "response" : format.name)
        .text_if("description", format.description)
        .raw("schema", format.schema)
        .flag("strict", format.strict ? *format.strict : is_strict_schema(format.schema))
        .end_object();
  }
  out_.text_if("verbosity", request_.verbosity).end_object();
}

void RequestWriter::write_identity() {
  const std::string& user = request_.user;
  const bool fits = user.size() <= longest_identifier;
  out_.text_if("safety_identifier", fits ? user : digest_hex(user, longest_identifier));
  const std::string& key = request_.cache_key;
  out_.text_if("prompt_cache_key",
               key.size() <= longest_identifier ? key : digest_hex(key, longest_identifier));
  const std::string& tier = request_.service_tier;
  out_.text_if("service_tier", tier == "standard_only" ? "default" : tier);
  if (!request_.metadata.empty()) out_.raw("metadata", request_.metadata);
}

/// Hints that the dialect has no field for.
void RequestWriter::drop_rest() {
  if (request_.top_k) drop("top_k");
  if (request_.seed) drop("seed");
  if (request_.presence_penalty.value_or(0) != 0) drop("presence_penalty");
  if (request_.frequency_penalty.value_or(0) != 0) drop("frequency_penalty");
}

}  // namespace

tl::expected<WrittenRequest, Refusal> write_request(const Request& request, const Target& target) {
  return RequestWriter(request, target).write();
}

}  // namespace routerone::dialect::openai_responses
