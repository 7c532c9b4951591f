#include "daemon/dialect/anthropic/request_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/dialect/anthropic/block_writer.h"
#include "daemon/dialect/anthropic/schema.h"
#include "daemon/dialect/anthropic/settings.h"
#include "daemon/dialect/anthropic/tool_writer.h"
#include "daemon/dialect/digest.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_history.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::anthropic {
namespace {

constexpr std::string_view version = "2023-06-01";
constexpr std::size_t longest_user = 256;

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

class RequestWriter {
 public:
  RequestWriter(const chat::Request& request, const Target& target)
      : request_(request), target_(target), family_(family_of(target)) {}

  tl::expected<WrittenRequest, Refusal> write() &&;

 private:
  std::optional<Refusal> refuse() const;
  std::optional<Refusal> read_format();
  void settle_turns();
  void write_body(ToolPlan&, const ToolNames&);
  void write_limits(const Settings&);
  void write_thinking(const Settings&);
  void write_stops();
  void write_identity();
  void drop_others();
  std::size_t count_all_marks(const ToolPlan&) const;
  void drop(std::string_view name) { dropped_.emplace_back(name); }

  const chat::Request& request_;
  const Target& target_;
  ClaudeFamily family_;
  std::vector<chat::Part> instructions_;
  std::vector<chat::Turn> turns_;
  chat::JsonText format_;  ///< The schema of the answer; empty: none.
  JsonOut out_;
  std::optional<Refusal> problem_;
  std::vector<std::string> dropped_;
};

tl::expected<WrittenRequest, Refusal> RequestWriter::write() && {
  if (auto refusal = refuse()) return tl::unexpected(std::move(*refusal));
  if (auto refusal = read_format()) return tl::unexpected(std::move(*refusal));
  auto plan = plan_tools(request_, target_, family_);
  if (!plan) return tl::unexpected(std::move(plan.error()));
  settle_turns();
  if (!plan->order.empty()) instructions_.push_back(chat::Text{plan->order, false, {}, {}});
  const ToolNames names(request_, anthropic_names);
  dropped_ = request_.hints;
  write_body(*plan, names);
  if (problem_) return tl::unexpected(std::move(*problem_));
  WrittenRequest written;
  written.path = request_.count_only ? "/messages/count_tokens" : "/messages";
  written.body = std::move(out_).take();
  written.fields.emplace_back("anthropic-version", version);
  written.dropped = std::move(dropped_);
  written.dropped.insert(written.dropped.end(), plan->dropped.begin(), plan->dropped.end());
  written.renamed = names.renamed(false);
  return written;
}

std::optional<Refusal> RequestWriter::refuse() const {
  if (auto refusal = refuse_own_only(request_, target_)) return refusal;
  if (request_.choices > 1) return untranslatable("n", target_, "it gives one answer");
  return std::nullopt;
}

std::optional<Refusal> RequestWriter::read_format() {
  using Kind = chat::Format::Kind;
  const chat::Format& format = request_.format;
  if (format.kind != Kind::schema) return std::nullopt;
  if (!family_.formats) {
    return untranslatable("response_format", target_, "it cannot be held to a schema");
  }
  auto schema = enforceable(format.schema);
  if (!schema) return untranslatable("response_format", target_, schema.error());
  format_ = std::move(*schema);
  return std::nullopt;
}

void RequestWriter::settle_turns() {
  turns_ = settle_history(request_.turns, HistoryRule{!family_.system_turns, true, "anthropic"});
  const std::size_t leading = leading_system(turns_);
  for (std::size_t i = 0; i < leading; ++i) {
    for (chat::Part& part : turns_[i].parts) {
      auto* text = std::get_if<chat::Text>(&part);
      if (text && !is_blank(text->text)) instructions_.push_back(std::move(part));
    }
  }
  turns_.erase(turns_.begin(), turns_.begin() + static_cast<std::ptrdiff_t>(leading));
  if (request_.format.kind == chat::Format::Kind::json) {
    instructions_.push_back(
        chat::Text{"Answer with one JSON object and nothing else.", false, {}, {}});
  }
}

void RequestWriter::write_body(ToolPlan& plan, const ToolNames& names) {
  const Settings settings = settle_settings(request_, target_, family_);
  CacheMarks marks(count_all_marks(plan));
  out_.object().text("model", target_.name->upstream_model);
  if (!request_.count_only) out_.whole("max_tokens", settings.max_tokens);
  write_tools(out_, plan, names, marks);
  RequestBlocks blocks(out_, target_, names, marks);
  if (!instructions_.empty()) {
    out_.key("system");
    blocks.instructions(instructions_);
  }
  out_.array("messages");
  for (const chat::Turn& turn : turns_) blocks.message(turn);
  out_.end_array();
  problem_ = blocks.problem();
  write_thinking(settings);
  if (!request_.count_only) write_limits(settings);
  out_.end_object();
}

std::size_t RequestWriter::count_all_marks(const ToolPlan& plan) const {
  std::size_t out = count_marks(instructions_);
  for (const chat::Tool& tool : plan.tools) {
    if (tool.cache != chat::CacheMark::none && tool.kind != chat::Tool::Kind::hosted) ++out;
  }
  for (const chat::Turn& turn : turns_) out += count_marks(turn.parts);
  return out;
}

void RequestWriter::write_thinking(const Settings& settings) {
  using Thinking = Settings::Thinking;
  if (settings.thinking != Thinking::unsaid) {
    out_.object("thinking");
    if (settings.thinking == Thinking::adaptive) {
      out_.text("type", "adaptive").text_if("display", settings.display);
    } else if (settings.thinking == Thinking::enabled) {
      out_.text("type", "enabled").whole("budget_tokens", settings.budget);
    } else {
      out_.text("type", "disabled");
    }
    out_.end_object();
  }
  if (settings.effort.empty() && format_.empty()) return;
  out_.object("output_config").text_if("effort", settings.effort);
  if (!format_.empty()) {
    out_.object("format").text("type", "json_schema").raw("schema", format_).end_object();
  }
  out_.end_object();
}

void RequestWriter::write_limits(const Settings& settings) {
  if (settings.temperature) out_.number("temperature", *settings.temperature);
  if (settings.top_p) out_.number("top_p", *settings.top_p);
  if (settings.top_k) out_.whole("top_k", *settings.top_k);
  dropped_.insert(dropped_.end(), settings.dropped.begin(), settings.dropped.end());
  write_stops();
  write_identity();
  drop_others();
  if (request_.stream) out_.flag("stream", true);
}

void RequestWriter::write_stops() {
  std::vector<std::string> stops;
  for (const std::string& each : request_.stops) {
    if (!each.empty() && !is_blank(each)) stops.push_back(each);
  }
  const bool blank = std::any_of(request_.stops.begin(), request_.stops.end(), is_blank);
  if (blank) drop("stop");
  if (stops.empty()) return;
  out_.array("stop_sequences");
  for (const std::string& each : stops) out_.text(each);
  out_.end_array();
}

/// Mail addresses are not for the provider; a digest tells users apart as well.
void RequestWriter::write_identity() {
  const std::string& user = request_.user;
  if (!user.empty()) {
    const bool plain = user.size() <= longest_user && user.find('@') == std::string::npos;
    out_.object("metadata").text("user_id", plain ? user : digest_hex(user, 64)).end_object();
  }
  const std::string& tier = request_.service_tier;
  if (tier == "auto") {
    out_.text("service_tier", "auto");
  } else if (tier == "default" || tier == "standard_only") {
    out_.text("service_tier", "standard_only");
  } else if (!tier.empty()) {
    drop("service_tier");
  }
}

void RequestWriter::drop_others() {
  if (request_.seed) drop("seed");
  if (request_.presence_penalty) drop("presence_penalty");
  if (request_.frequency_penalty) drop("frequency_penalty");
  if (!request_.verbosity.empty()) drop("verbosity");
  if (!request_.metadata.empty()) drop("metadata");
  if (!request_.cache_key.empty()) drop("prompt_cache_key");
}

}  // namespace

tl::expected<WrittenRequest, Refusal> write_request(const chat::Request& request,
                                                    const Target& target) {
  return RequestWriter(request, target).write();
}

}  // namespace routerone::dialect::anthropic
