#include "daemon/dialect/gemini/content_writer.h"

#include <algorithm>
#include <string>

#include "daemon/dialect/carrier.h"
#include "daemon/dialect/gemini/signatures.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/media_type.h"
#include "daemon/dialect/tool_history.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::gemini {
namespace {

bool is_result(const chat::Part& part) { return std::holds_alternative<chat::ToolResult>(part); }

/// Will this part be written?
bool says_something(const chat::Part& part) {
  if (const auto* text = std::get_if<chat::Text>(&part)) return !text->text.empty();
  const auto* thought = std::get_if<chat::Thinking>(&part);
  return thought == nullptr || owns(own_id, *thought);
}

}  // namespace

void ContentWriter::write(const chat::Turn& turn) {
  if (turn.role == chat::Role::assistant) return model(turn.parts);
  results(turn.parts);
  user(turn.parts);
}

void ContentWriter::model(const std::vector<chat::Part>& parts) {
  if (std::none_of(parts.begin(), parts.end(), says_something)) return;
  first_call_ = true;
  out_.object().text("role", "model").array("parts");
  for (const chat::Part& part : parts) {
    if (!says_something(part)) continue;
    std::visit([this](const auto& known) { write_part(known); }, part);
  }
  out_.end_array().end_object();
}

/// All results of a step stand in one content of their own, as many as it had calls.
void ContentWriter::results(const std::vector<chat::Part>& parts) {
  if (std::none_of(parts.begin(), parts.end(), is_result)) return;
  out_.object().text("role", "user").array("parts");
  for (const chat::Part& part : parts) {
    if (const auto* result = std::get_if<chat::ToolResult>(&part)) write_part(*result);
  }
  out_.end_array().end_object();
}

/// What a user says, behind what older models cannot be given inside of results.
void ContentWriter::user(const std::vector<chat::Part>& parts) {
  std::vector<const chat::Part*> said;
  for (const chat::Part& part : parts) {
    const auto* result = std::get_if<chat::ToolResult>(&part);
    if (result == nullptr || family_.result_media) continue;
    for (const chat::Part& inside : result->content) {
      if (std::holds_alternative<chat::Media>(inside)) said.push_back(&inside);
    }
  }
  for (const chat::Part& part : parts) {
    if (!is_result(part) && says_something(part)) said.push_back(&part);
  }
  if (said.empty()) return;
  out_.object().text("role", "user").array("parts");
  for (const chat::Part* part : said) {
    std::visit([this](const auto& known) { write_part(known); }, *part);
  }
  out_.end_array().end_object();
}

void ContentWriter::write_part(const chat::Text& text) {
  out_.object().text("text", text.text).end_object();
}

void ContentWriter::write_part(const chat::Thinking& thinking) { out_.raw(thinking.state); }

void ContentWriter::write_part(const chat::Media& media) {
  out_.object();
  write_inline(media);
  out_.end_object();
}

void ContentWriter::write_part(const chat::ToolCall& call) {
  out_.object().object("functionCall").text("name", names_.written(call));
  out_.raw("args", call.freeform ? wrap_freeform(call.arguments) : as_arguments(call.arguments));
  out_.end_object();
  if (!call.signature.empty()) {
    out_.text("thoughtSignature", call.signature);
  } else if (first_call_ && family_.signatures) {
    out_.text("thoughtSignature", no_signature);
  }
  first_call_ = false;
  out_.end_object();
}

void ContentWriter::write_part(const chat::ToolResult& result) {
  const std::string said = joined_text(result.content, "\n");
  out_.object().object("functionResponse").text("name", names_.written(result.group, result.name));
  out_.object("response").key(result.is_error ? "error" : "output");
  if (!result.is_error && is_json_object(said)) {
    out_.raw(said);
  } else {
    out_.text(said);
  }
  out_.end_object();
  const bool has_media =
      std::any_of(result.content.begin(), result.content.end(),
                  [](const chat::Part& part) { return std::holds_alternative<chat::Media>(part); });
  if (has_media && family_.result_media) {
    out_.array("parts");
    for (const chat::Part& part : result.content) {
      if (const auto* media = std::get_if<chat::Media>(&part)) write_part(*media);
    }
    out_.end_array();
  }
  out_.end_object().end_object();
}

void ContentWriter::write_inline(const chat::Media& media) {
  if (!media.file_id.empty()) {
    return refuse("file_id", "files belong to the provider that keeps them; send it inline");
  }
  if (!media.url.empty()) {
    const bool image = media.kind == chat::Media::Kind::image;
    return refuse(image ? "image_url" : "file_url",
                  "it takes no remote URLs, and nothing is fetched here; send it inline");
  }
  out_.object("inlineData").text("mimeType", media.media_type);
  out_.text("data", media.is_text ? base64_of(media) : media.data).end_object();
}

void ContentWriter::refuse(std::string_view param, std::string_view why) {
  if (!problem_) problem_ = untranslatable(param, target_, why);
}

}  // namespace routerone::dialect::gemini
