#include "daemon/dialect/openai_chat/media_stream.h"

#include <array>
#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/openai_refusal.h"
#include "daemon/dialect/retry_after.h"
#include "daemon/dialect/text_find.h"

namespace routerone::dialect::openai_chat {

MediaStream::Judged MediaStream::judge(const SseEvent& event) {
  if (event.data == "[DONE]") return {Meaning::terminal};
  const Dom document(event.data);
  if (!document.ok()) {
    return {event.name == "error" ? Meaning::error : Meaning::content,
            event.name == "error" ? FailureClass::server_error : FailureClass::none};
  }
  const auto root = document.root();
  const std::string_view type = text_member(root, "type");
  if (event.name == "error" || type == "error" || member(root, "error")) {
    const ErrorWords words = read_error(root).value_or(ErrorWords{});
    return {Meaning::error, failure_of(words), retry_after_in_words(words.message)};
  }
  note_type(type);
  const auto usage = member(root, "usage");
  Judged judged{Meaning::content};
  judged.bills = usage && note_usage(*usage) && finish_seen_;
  return judged;
}

/// An image is longer than what is held; its type stands before it.
MediaStream::Judged MediaStream::judge_start(const SseEvent& event) {
  const std::string_view said = find_text(event.data, "\"type\"");
  note_type(said.empty() ? event.name : said);
  return {Meaning::content};
}

void MediaStream::read_long_tail(std::string_view tail) {
  if (const auto usage = find_usage(tail)) {
    const Dom document(*usage);
    if (document.ok()) note_usage(document.root());
  }
}

void MediaStream::note_type(std::string_view type) {
  if (!type.ends_with(".completed") && !type.ends_with(".done")) return;
  finish_seen_ = true;
  if (!type.starts_with("image")) return;
  reading_.usage.images_made = reading_.usage.images_made.value_or(0) + 1;
}

/// The last one counts; images are counted by us.
bool MediaStream::note_usage(simdjson::dom::element usage) {
  if (!usage.is_object()) return false;
  const auto images = reading_.usage.images_made;
  reading_.usage = read_usage_(usage);
  reading_.usage.images_made = images;
  return true;
}

std::string MediaStream::write_error(const Refusal& refusal) {
  const OpenAiWords words = openai_words(refusal.kind, OpenAiForm::chat);
  return "event: error\ndata: {\"type\":\"error\",\"error\":" +
         openai_error_object(refusal, words) + "}\n\n";
}

std::span<const std::string_view> MediaStream::usage_path() const {
  static constexpr std::array<std::string_view, 1> path = {"usage"};
  return path;
}

}  // namespace routerone::dialect::openai_chat
