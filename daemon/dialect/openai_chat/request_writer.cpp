#include "daemon/dialect/openai_chat/request_writer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "daemon/dialect/digest.h"
#include "daemon/dialect/effort.h"
#include "daemon/dialect/openai_chat/message_writer.h"
#include "daemon/dialect/openai_chat/tool_writer.h"
#include "daemon/dialect/strict_schema.h"
#include "daemon/dialect/tool_history.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::openai_chat {
namespace {

using chat::Format;
using chat::Request;
using Written = tl::expected<void, Refusal>;

constexpr std::size_t most_stops = 4;
constexpr std::size_t longest_identity = 64;

class Writer {
 public:
  Writer(const Request& request, const Target& target)
      : request_(request),
        target_(target),
        family_(openai_family(target.name->upstream_model)),
        names_(request, openai_names) {}

  tl::expected<WrittenRequest, Refusal> write() && {
    if (auto refusal = refuse_own_only(request_, target_)) return tl::unexpected(*refusal);
    if (request_.count_only) {
      return tl::unexpected(untranslatable("model", target_, "its API counts no tokens"));
    }
    result_.path = "/chat/completions";
    result_.dropped = request_.hints;
    out_.object().text("model", target_.name->upstream_model).key("messages");
    if (auto messages = write_messages(); !messages) return tl::unexpected(messages.error());
    if (auto tools = write_tools(request_, target_, family_.known, names_, out_, result_.dropped);
        !tools) {
      return tl::unexpected(tools.error());
    }
    if (auto stops = write_stops(); !stops) return tl::unexpected(stops.error());
    write_limits();
    write_reasoning();
    write_format();
    write_identity();
    if (request_.stream) {
      out_.flag("stream", true).object("stream_options").flag("include_usage", true).end_object();
    }
    result_.body = std::move(out_.end_object()).take();
    result_.renamed = names_.renamed(false);
    return std::move(result_);
  }

 private:
  Written write_messages() {
    // Only the maker's own models that think know the newer word.
    const std::string_view role = family_.known && family_.reasons ? "developer" : "system";
    MessageWriter messages(names_, target_, role);
    HistoryRule rule;
    rule.merge_users = false;
    auto written = messages.write(settle_history(request_.turns, rule), out_);
    if (messages.dropped_thinking()) drop("thinking");
    return written;
  }

  Written write_stops() {
    if (request_.stops.empty()) return {};
    if (request_.stops.size() > most_stops) {
      return tl::unexpected(untranslatable("stop", target_, "it takes at most 4 stop sequences"));
    }
    out_.array("stop");
    for (const std::string& stop : request_.stops) out_.text(stop);
    out_.end_array();
    return {};
  }

  void write_limits() {
    if (request_.output_cap) {
      const bool newer = target_.quirks.max_completion_tokens || (family_.known && family_.reasons);
      std::int64_t cap = std::max<std::int64_t>(*request_.output_cap, 1);
      if (target_.max_output) cap = std::min(cap, *target_.max_output);
      out_.whole(newer ? "max_completion_tokens" : "max_tokens", cap);
    }
    sampling("temperature", request_.temperature);
    sampling("top_p", request_.top_p);
    sampling("presence_penalty", request_.presence_penalty);
    sampling("frequency_penalty", request_.frequency_penalty);
    if (request_.seed) out_.whole("seed", *request_.seed);
    if (request_.top_k) drop("top_k");
    if (request_.choices > 1) out_.whole("n", request_.choices);
  }

  void sampling(std::string_view name, std::optional<double> value) {
    if (!value) return;
    if (family_.samples) {
      out_.number(name, *value);
    } else {
      drop(name);
    }
  }

  void write_reasoning() {
    const auto asked = asked_effort(request_.reasoning);
    if (!asked) return;
    const auto level = family_.efforts.nearest(*asked);
    if (!level) return drop("reasoning_effort");
    out_.text("reasoning_effort", effort_word(*level));
  }

  void write_format() {
    const Format& format = request_.format;
    if (format.kind == Format::Kind::text) return;
    out_.object("response_format");
    if (format.kind == Format::Kind::json) {
      out_.text("type", "json_object").end_object();
      return;
    }
    out_.text("type", "json_schema").object("json_schema");
    out_.text("name", format.name.empty() ? "response" : format.name);
    out_.text_if("description", format.description).raw("schema", format.schema);
    // Where it was not said, the schema itself tells whether it was made for that.
    const bool strict = format.strict.value_or(is_strict_schema(format.schema));
    if (format.strict || strict) out_.flag("strict", strict);
    out_.end_object().end_object();
  }

  /// Fields that its maker knows; other servers refuse what they do not know.
  void write_identity() {
    own("safety_identifier", "user", identity());
    own("prompt_cache_key", "prompt_cache_key", request_.cache_key);
    own("service_tier", "service_tier", tier());
    own("verbosity", "verbosity", request_.verbosity);
    if (!request_.metadata.empty()) drop("metadata");
  }

  void own(std::string_view name, std::string_view hint, std::string_view value) {
    if (value.empty()) return;
    if (family_.known) {
      out_.text(name, value);
    } else {
      drop(hint);
    }
  }

  /// As it is, if it is short and no address of a person.
  std::string identity() const {
    const std::string& user = request_.user;
    const bool fits = user.size() <= longest_identity && user.find('@') == std::string::npos;
    return fits ? user : digest_hex(user, longest_identity);
  }

  std::string_view tier() {
    static constexpr std::array<std::string_view, 5> known = {"auto", "default", "flex", "priority",
                                                              "scale"};
    if (request_.service_tier == "standard_only") return "default";
    const auto found = std::find(known.begin(), known.end(), request_.service_tier);
    if (found != known.end()) return *found;
    if (!request_.service_tier.empty()) drop("service_tier");
    return {};
  }

  void drop(std::string_view name) { result_.dropped.emplace_back(name); }

  const Request& request_;
  const Target& target_;
  OpenAiFamily family_;
  ToolNames names_;
  JsonOut out_;
  WrittenRequest result_;
};

}  // namespace

tl::expected<WrittenRequest, Refusal> write_request(const Request& request, const Target& target) {
  return Writer(request, target).write();
}

}  // namespace routerone::dialect::openai_chat
