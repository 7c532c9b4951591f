#include "daemon/dialect/openai_responses/item_writer.h"

#include <algorithm>
#include <string>

#include "common/core/text.h"
#include "daemon/dialect/carrier.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/media_type.h"
#include "daemon/dialect/tool_history.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::openai_responses {
namespace {

using chat::Media;
using chat::Part;
using chat::Text;
using chat::Thinking;
using chat::ToolCall;
using chat::ToolResult;

bool is_said(const Part& part) {
  return std::holds_alternative<Text>(part) || std::holds_alternative<Media>(part);
}

/// State is refused without what it led to: a message or a call of the same turn.
bool leads_to_something(const std::vector<Part>& parts, std::size_t from) {
  return std::any_of(parts.begin() + static_cast<std::ptrdiff_t>(from), parts.end(),
                     [](const Part& part) { return !std::holds_alternative<Thinking>(part); });
}

bool is_text_only(const std::vector<Part>& parts) {
  return std::all_of(parts.begin(), parts.end(),
                     [](const Part& part) { return std::holds_alternative<Text>(part); });
}

/// The dialect has no mark for a call that failed.
std::string marked(std::string text, bool is_error) {
  return is_error && !istarts_with(text, "error") ? "Error: " + text : text;
}

std::string file_name(const Media& media) {
  if (!media.name.empty()) return media.name;
  if (media.media_type == "application/pdf") return "document.pdf";
  return media.is_text || media.media_type.starts_with("text/") ? "document.txt" : "document";
}

}  // namespace

void ItemWriter::write(const chat::Turn& turn) {
  if (turn.role == chat::Role::assistant) return write_assistant(turn);
  std::size_t at = 0;
  for (; at < turn.parts.size(); ++at) {
    const auto* result = std::get_if<ToolResult>(&turn.parts[at]);
    if (!result) break;
    write_result(*result);
  }
  if (at == turn.parts.size()) return;
  const std::string_view word = turn.role == chat::Role::user ? "user"
                                : turn.developer              ? "developer"
                                                              : "system";
  out_.object().text("type", "message").text("role", word).array("content");
  write_content(turn.parts, at);
  out_.end_array().end_object();
}

void ItemWriter::write_assistant(const chat::Turn& turn) {
  const std::vector<Part>& parts = turn.parts;
  std::size_t at = 0;
  while (at < parts.size()) {
    std::size_t end = at;
    while (end < parts.size() && is_said(parts[end])) ++end;
    if (end > at) {
      out_.object().text("type", "message").text("role", "assistant").array("content");
      for (; at < end; ++at) write_said(parts[at]);
      out_.end_array().text_if("phase", turn.phase).end_object();
      continue;
    }
    const auto* thinking = std::get_if<Thinking>(&parts[at]);
    if (thinking && owns("openai-responses", *thinking) && leads_to_something(parts, at)) {
      out_.raw(thinking->state);
    }
    if (const auto* call = std::get_if<ToolCall>(&parts[at])) write_call(*call);
    ++at;
  }
}

void ItemWriter::write_call(const ToolCall& call) {
  const std::string name = call.group.empty() ? names_.written(call) : call.name;
  out_.object()
      .text("type", call.freeform ? "custom_tool_call" : "function_call")
      .text("call_id", call.id)
      .text_if("namespace", call.group)
      .text("name", name);
  if (call.freeform) {
    out_.text("input", call.arguments);
  } else {
    out_.text("arguments", arguments_text(call));
  }
  out_.end_object();
}

void ItemWriter::write_result(const ToolResult& result) {
  out_.object()
      .text("type", result.freeform ? "custom_tool_call_output" : "function_call_output")
      .text("call_id", result.call_id)
      .key("output");
  if (is_text_only(result.content)) {
    out_.text(marked(joined_text(result.content, "\n"), result.is_error));
  } else {
    out_.array();
    if (result.is_error) write_text("Error:");
    write_content(result.content, 0);
    out_.end_array();
  }
  out_.end_object();
}

void ItemWriter::write_content(const std::vector<Part>& parts, std::size_t from) {
  for (std::size_t at = from; at < parts.size(); ++at) {
    if (const auto* text = std::get_if<Text>(&parts[at])) write_text(text->text);
    if (const auto* media = std::get_if<Media>(&parts[at])) write_media(*media);
  }
}

void ItemWriter::write_text(std::string_view text) {
  out_.object().text("type", "input_text").text("text", text).end_object();
}

void ItemWriter::write_media(const Media& media) {
  if (!media.file_id.empty()) {
    problem_ = problem_.value_or(
        untranslatable("file_id", target_, "a file is only known to the provider that has it"));
  } else if (media.kind == Media::Kind::audio) {
    problem_ = problem_.value_or(untranslatable("input_audio", target_, "it takes no sound"));
  } else if (media.kind == Media::Kind::image) {
    out_.object()
        .text("type", "input_image")
        .text("detail", media.detail.empty() ? "auto" : media.detail)
        .text("image_url", media.url.empty() ? inline_url(media) : media.url)
        .end_object();
  } else if (!media.url.empty()) {
    out_.object().text("type", "input_file").text("file_url", media.url).end_object();
  } else {
    out_.object()
        .text("type", "input_file")
        .text("filename", file_name(media))
        .text("file_data", inline_url(media))
        .end_object();
  }
}

/// What the model itself said. It cannot be said to have sent a picture here.
void ItemWriter::write_said(const Part& part) {
  const auto* text = std::get_if<Text>(&part);
  if (text && text->refusal) {
    out_.object().text("type", "refusal").text("refusal", text->text).end_object();
  } else {
    const std::string_view said = text ? std::string_view(text->text) : "[image omitted]";
    out_.object().text("type", "output_text").text("text", said).end_object();
  }
}

}  // namespace routerone::dialect::openai_responses
