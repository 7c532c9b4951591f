#include "daemon/dialect/anthropic/block_writer.h"

#include <algorithm>
#include <array>
#include <string>

#include "daemon/dialect/carrier.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/media_type.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::anthropic {
namespace {

constexpr std::array<std::string_view, 4> image_types = {"image/jpeg", "image/png", "image/gif",
                                                         "image/webp"};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

bool is_blank_text(const chat::Part& part) {
  const auto* text = std::get_if<chat::Text>(&part);
  return text != nullptr && is_blank(text->text);
}

/// Will this part of a message become a block?
bool is_written(const chat::Part& part) {
  const auto* thinking = std::get_if<chat::Thinking>(&part);
  return thinking == nullptr || owns("anthropic", *thinking);
}

chat::CacheMark mark_of(const chat::Part& part) {
  if (const auto* text = std::get_if<chat::Text>(&part)) return text->cache;
  if (const auto* media = std::get_if<chat::Media>(&part)) return media->cache;
  if (const auto* result = std::get_if<chat::ToolResult>(&part)) return result->cache;
  return chat::CacheMark::none;
}

}  // namespace

void CacheMarks::write(JsonOut& out, chat::CacheMark mark) {
  if (mark == chat::CacheMark::none) return;
  if (skip_ > 0) {
    --skip_;
    return;
  }
  out.object("cache_control").text("type", "ephemeral");
  if (mark == chat::CacheMark::long_lived) out.text("ttl", "1h");
  out.end_object();
}

std::size_t count_marks(const std::vector<chat::Part>& parts) {
  std::size_t out = 0;
  for (const chat::Part& part : parts) {
    if (mark_of(part) != chat::CacheMark::none) ++out;
    if (const auto* result = std::get_if<chat::ToolResult>(&part)) {
      out += count_marks(result->content);
    }
  }
  return out;
}

void RequestBlocks::instructions(const std::vector<chat::Part>& parts) {
  out_.array();
  for (const chat::Part& part : parts) {
    if (const auto* text = std::get_if<chat::Text>(&part)) write(*text);
  }
  out_.end_array();
}

void RequestBlocks::message(const chat::Turn& turn) {
  const auto& parts = turn.parts;
  // Blank text is taken beside something else, but not alone.
  const bool blank = std::all_of(parts.begin(), parts.end(), [](const chat::Part& part) {
    return !is_written(part) || is_blank_text(part);
  });
  if (blank) {
    if (turn.role == chat::Role::user) refuse("messages", "the content of a message is empty");
    return;
  }
  static constexpr std::array<std::string_view, 3> roles = {"system", "user", "assistant"};
  out_.object().text("role", roles[static_cast<std::size_t>(turn.role)]).array("content");
  for (const chat::Part& part : parts) {
    const auto* media = std::get_if<chat::Media>(&part);
    if (media != nullptr && turn.role != chat::Role::user) {
      // The model's own pictures cannot be given back to it.
      write(chat::Text{"[image omitted]", false, media->cache, {}});
    } else if (is_written(part)) {
      std::visit([this](const auto& known) { write(known); }, part);
    }
  }
  out_.end_array().end_object();
}

void RequestBlocks::write(const chat::Text& text) {
  if (text.text.empty()) return;
  out_.object().text("type", "text").text("text", text.text);
  marks_.write(out_, text.cache);
  out_.end_object();
}

void RequestBlocks::write(const chat::Media& media) {
  if (!media.file_id.empty()) {
    return refuse("file_id", "files belong to the provider that keeps them; send it inline");
  }
  switch (media.kind) {
    case chat::Media::Kind::image:
      return image(media);
    case chat::Media::Kind::document:
      return document(media);
    case chat::Media::Kind::audio:
      return refuse("input_audio", "it does not take sound");
  }
}

void RequestBlocks::image(const chat::Media& media) {
  const bool known =
      std::find(image_types.begin(), image_types.end(), media.media_type) != image_types.end();
  if (media.url.empty() && !known) {
    return refuse("image", "it takes JPEG, PNG, GIF and WebP images only");
  }
  out_.object().text("type", "image");
  source(media);
  marks_.write(out_, media.cache);
  out_.end_object();
}

void RequestBlocks::document(const chat::Media& media) {
  const auto text = text_of(media);
  if (media.url.empty() && !text && media.media_type != "application/pdf") {
    return refuse("file", "it takes PDF and plain text documents only");
  }
  out_.object().text("type", "document");
  if (text) {
    out_.object("source")
        .text("type", "text")
        .text("media_type", "text/plain")
        .text("data", *text)
        .end_object();
  } else {
    source(media);
  }
  out_.text_if("title", media.name);
  marks_.write(out_, media.cache);
  out_.end_object();
}

void RequestBlocks::source(const chat::Media& media) {
  out_.object("source");
  if (media.url.empty()) {
    out_.text("type", "base64").text("media_type", media.media_type).text("data", media.data);
  } else {
    out_.text("type", "url").text("url", media.url);
  }
  out_.end_object();
}

void RequestBlocks::write(const chat::Thinking& thinking) { out_.raw(thinking.state); }

void RequestBlocks::write(const chat::ToolCall& call) {
  out_.object()
      .text("type", "tool_use")
      .text("id", call.id)
      .text("name", names_.written(call))
      .raw("input", call.freeform ? wrap_freeform(call.arguments) : as_arguments(call.arguments))
      .end_object();
}

void RequestBlocks::write(const chat::ToolResult& result) {
  out_.object().text("type", "tool_result").text("tool_use_id", result.call_id);
  const auto* only =
      result.content.size() == 1 ? std::get_if<chat::Text>(&result.content.front()) : nullptr;
  if (only != nullptr && only->cache == chat::CacheMark::none) {
    out_.text("content", only->text);
  } else if (!result.content.empty()) {
    out_.array("content");
    for (const chat::Part& part : result.content) {
      if (const auto* text = std::get_if<chat::Text>(&part)) write(*text);
      if (const auto* media = std::get_if<chat::Media>(&part)) write(*media);
    }
    out_.end_array();
  }
  if (result.is_error) out_.flag("is_error", true);
  marks_.write(out_, result.cache);
  out_.end_object();
}

void RequestBlocks::refuse(std::string_view param, std::string_view why) {
  if (!problem_) problem_ = untranslatable(param, target_, why);
}

}  // namespace routerone::dialect::anthropic
