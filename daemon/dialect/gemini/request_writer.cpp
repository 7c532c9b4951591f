#include "daemon/dialect/gemini/request_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/dialect/gemini/config_writer.h"
#include "daemon/dialect/gemini/content_writer.h"
#include "daemon/dialect/gemini/signatures.h"
#include "daemon/dialect/gemini/tool_writer.h"
#include "daemon/dialect/hosted_tools.h"
#include "daemon/dialect/operation_path.h"
#include "daemon/dialect/tool_history.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::gemini {
namespace {

constexpr std::size_t most_stops = 5;

std::string path_of(const chat::Request& request, const Target& target) {
  if (request.count_only)
    return path_for("/models/{model}:countTokens", target.name->upstream_model);
  if (!request.stream)
    return path_for("/models/{model}:generateContent", target.name->upstream_model);
  return path_for("/models/{model}:streamGenerateContent", target.name->upstream_model) +
         "?alt=sse";
}

class RequestWriter {
 public:
  RequestWriter(const chat::Request& request, const Target& target)
      : request_(request), target_(target), family_(gemini_family(target.name->upstream_model)) {}

  tl::expected<WrittenRequest, Refusal> write() &&;

 private:
  std::optional<Refusal> refuse() const;
  void settle_format();
  void settle_turns();
  void write_instructions();
  std::optional<Refusal> write_contents(const ToolNames&);
  void write_tier();
  void drop_others();

  const chat::Request& request_;
  const Target& target_;
  GeminiFamily family_;
  std::vector<chat::Tool> tools_;
  std::vector<chat::Turn> turns_;
  chat::Format format_;
  std::string format_in_words_;  ///< Where it cannot be asked for otherwise.
  JsonOut out_;
  std::vector<std::string> dropped_;
};

tl::expected<WrittenRequest, Refusal> RequestWriter::write() && {
  if (auto refusal = refuse()) return tl::unexpected(*std::move(refusal));
  dropped_ = request_.hints;
  auto tools = tools_known_to(own_id, request_, target_, dropped_);
  if (!tools) return tl::unexpected(std::move(tools.error()));
  tools_ = *std::move(tools);
  settle_format();
  settle_turns();
  const ToolNames names(request_, gemini_names);

  out_.object();
  if (request_.count_only) {
    out_.object("generateContentRequest").text("model", "models/" + target_.name->upstream_model);
  }
  write_instructions();
  if (auto problem = write_contents(names)) return tl::unexpected(*std::move(problem));
  write_tools(out_, tools_, request_.choice, family_, names, dropped_);
  if (!request_.count_only) {
    write_config(out_, request_, format_, target_, family_, dropped_);
    write_tier();
    drop_others();
  } else {
    out_.end_object();
  }
  out_.end_object();

  WrittenRequest written;
  written.path = path_of(request_, target_);
  written.body = std::move(out_).take();
  written.dropped = std::move(dropped_);
  written.renamed = names.renamed(false);
  return written;
}

std::optional<Refusal> RequestWriter::refuse() const {
  if (auto refusal = refuse_own_only(request_, target_)) return refusal;
  if (request_.choices > 1)
    return untranslatable("n", target_, "one answer is asked for at a time");
  if (request_.stops.size() > most_stops) {
    return untranslatable("stop", target_, "it takes five stop sequences");
  }
  return std::nullopt;
}

/// Older models take no format beside tools: they are told in words.
void RequestWriter::settle_format() {
  format_ = request_.format;
  if (format_.kind == chat::Format::Kind::text || tools_.empty() || family_.format_with_tools) {
    return;
  }
  format_in_words_ = "Answer with one JSON object and nothing else.";
  if (format_.kind == chat::Format::Kind::schema) {
    format_in_words_ = "Answer with one JSON object that follows this schema, and nothing else:\n" +
                       format_.schema;
  }
  format_ = {};
  dropped_.emplace_back("response_format");
}

/// A call that nobody asked for is refused: a history that was cut may open with one.
void RequestWriter::settle_turns() {
  turns_ = settle_history(request_.turns, HistoryRule{true, true, own_id});
  const auto opening = turns_.begin() + static_cast<std::ptrdiff_t>(leading_system(turns_));
  if (opening == turns_.end() || opening->role != chat::Role::assistant) return;
  if (std::none_of(opening->parts.begin(), opening->parts.end(), [](const chat::Part& part) {
        return std::holds_alternative<chat::ToolCall>(part);
      })) {
    return;
  }
  chat::Turn asked;
  asked.parts.emplace_back(chat::Text{"(conversation start)", false, {}, {}});
  turns_.insert(opening, std::move(asked));
}

void RequestWriter::write_instructions() {
  const std::size_t leading = leading_system(turns_);
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < leading; ++i) {
    for (const chat::Part& part : turns_[i].parts) {
      const auto* text = std::get_if<chat::Text>(&part);
      if (text != nullptr && !text->text.empty()) texts.push_back(text->text);
    }
  }
  if (!format_in_words_.empty()) texts.push_back(format_in_words_);
  if (texts.empty()) return;
  out_.object("systemInstruction").array("parts");
  for (const std::string_view text : texts) out_.object().text("text", text).end_object();
  out_.end_array().end_object();
}

std::optional<Refusal> RequestWriter::write_contents(const ToolNames& names) {
  ContentWriter contents(out_, target_, family_, names);
  out_.array("contents");
  for (std::size_t i = leading_system(turns_); i < turns_.size(); ++i) contents.write(turns_[i]);
  out_.end_array();
  return contents.problem();
}

void RequestWriter::write_tier() {
  const std::string& tier = request_.service_tier;
  if (tier == "flex" || tier == "priority") {
    out_.text("serviceTier", tier);
  } else if (!tier.empty() && tier != "auto" && tier != "default" && tier != "standard_only") {
    dropped_.emplace_back("service_tier");
  }
}

void RequestWriter::drop_others() {
  if (!request_.verbosity.empty()) dropped_.emplace_back("verbosity");
  if (!request_.metadata.empty()) dropped_.emplace_back("metadata");
  if (!request_.cache_key.empty()) dropped_.emplace_back("prompt_cache_key");
  if (!request_.user.empty()) dropped_.emplace_back("user");
}

}  // namespace

tl::expected<WrittenRequest, Refusal> write_request(const chat::Request& request,
                                                    const Target& target) {
  return RequestWriter(request, target).write();
}

}  // namespace routerone::dialect::gemini
