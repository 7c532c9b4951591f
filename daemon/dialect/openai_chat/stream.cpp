#include "daemon/dialect/openai_chat/stream.h"

#include <array>

#include "common/core/text.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/openai_chat/chunk.h"
#include "daemon/dialect/openai_chat/translation.h"
#include "daemon/dialect/openai_refusal.h"
#include "daemon/dialect/retry_after.h"
#include "daemon/dialect/text_find.h"
#include "daemon/dialect/usage_openai.h"

namespace routerone::dialect::openai_chat {
namespace {

using Element = simdjson::dom::element;

std::string_view trimmed(std::string_view data) {
  const std::size_t first = data.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return data.substr(first, data.find_last_not_of(" \t\n") - first + 1);
}

/// Is there anything in this chunk that we must know? Not in the run of content.
bool is_telling(std::string_view data) {
  return has_value(data, "\"usage\"") || has_value(data, "\"finish_reason\"") ||
         has_value(data, "\"error\"");
}

}  // namespace

Stream::Judged Stream::judge(const SseEvent& event) {
  const std::string_view data = trimmed(event.data);
  if (data == "[DONE]") return {Meaning::terminal};
  if (content_seen() && event.name != "error" && !is_telling(data)) return {Meaning::content};
  Judged judged = judge_chunk(data);
  if (event.name == "error" && judged.meaning != Meaning::error) {
    judged = {Meaning::error, FailureClass::server_error};
  }
  return judged;
}

Stream::Judged Stream::judge_chunk(std::string_view data) {
  const Dom chunk(data);
  if (!chunk.ok()) return {Meaning::content};  // Unchanged, whatever it is.
  const Element root = chunk.root();
  note_identity(root);
  const bool usage = note_usage(root);
  if (member(root, "error") || text_member(root, "object") == "error") {
    const ErrorWords words = read_error(root).value_or(ErrorWords{});
    return {Meaning::error, failure_of(words), retry_after_in_words(words.message)};
  }
  const ChunkChoices choices = read_choices(root);
  if (!choices.finish.empty()) {
    if (choices.finish == "error") return {Meaning::error, FailureClass::server_error};
    finish_seen_ = true;
    reading_.finish_reason = choices.finish;
  }
  // A caller that wants the cost has asked for the usage with it.
  if (usage && asked_ && !choices.any && !tells_cost()) return {Meaning::unasked};
  Judged judged{choices.content ? Meaning::content : Meaning::handshake};
  // Some servers count along in every chunk.
  judged.bills = usage && (finish_seen_ || !choices.any);
  return judged;
}

void Stream::note_identity(Element chunk) {
  if (id_.empty()) id_ = text_member(chunk, "id");
  if (model_.empty()) {
    model_ = text_member(chunk, "model");
    reading_.model = printable(model_, 128);
  }
  if (created_ == 0) created_ = count_member(chunk, "created").value_or(0);
}

bool Stream::note_usage(Element chunk) {
  auto usage = member(chunk, "usage");
  const bool stated = usage && usage->is_object();
  if (!stated) {
    const auto wrapped = member(chunk, "x_groq");
    usage = wrapped ? member(*wrapped, "usage") : std::nullopt;
  }
  if (!usage || !usage->is_object()) return false;
  const Usage read = read_openai_usage(*usage);
  if (read.known() || !reading_.usage.known()) reading_.usage = read;
  if (reading_.usage.service_tier.empty()) {
    reading_.usage.service_tier = tier_member(chunk);
  }
  return stated;
}

Stream::Judged Stream::judge_start(const SseEvent&) { return {Meaning::content}; }

void Stream::read_long_tail(std::string_view tail) {
  if (const auto usage = find_usage(tail)) {
    const Dom document(*usage);
    if (document.ok()) reading_.usage = read_openai_usage(document.root());
  }
  const std::string finish = finish_word(find_text(tail, "\"finish_reason\""));
  if (finish.empty()) return;
  finish_seen_ = true;
  reading_.finish_reason = finish;
}

/// The older Completions know no translation.
const Translation* Stream::translation() const {
  return legacy_ ? nullptr : &openai_chat_translation();
}

/// A chunk with an empty delta is what every reader counts as life. Before the first content the
/// chunk that names the role has not gone out, and after the finish reason none may follow: there a
/// comment must do, without the blank line that one SDK cannot stomach.
std::string Stream::write_keepalive() {
  if (!content_seen() || id_.empty() || finish_seen_) return ": keep-alive\n";
  const std::string_view object = legacy_ ? "text_completion" : "chat.completion.chunk";
  const std::string_view choice =
      legacy_ ? R"({"index":0,"text":"","logprobs":null,"finish_reason":null})"
              : R"({"index":0,"delta":{},"finish_reason":null})";
  return "data: {\"id\":" + json_quoted(id_) + ",\"object\":" + json_quoted(object) +
         ",\"created\":" + std::to_string(created_) + ",\"model\":" + json_quoted(model_) +
         ",\"choices\":[" + std::string(choice) + "]}\n\n";
}

std::string Stream::write_error(const Refusal& refusal) {
  const OpenAiWords words = openai_words(refusal.kind, OpenAiForm::chat);
  return "data: {\"error\":" + openai_error_object(refusal, words) + "}\n\n";
}

std::span<const std::string_view> Stream::usage_path() const {
  static constexpr std::array<std::string_view, 1> path = {"usage"};
  return path;
}

}  // namespace routerone::dialect::openai_chat
