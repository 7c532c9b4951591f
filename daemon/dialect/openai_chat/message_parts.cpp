#include "daemon/dialect/openai_chat/message_parts.h"

#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/media_type.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::openai_chat {
namespace {

using Element = simdjson::dom::element;
using chat::CacheMark;
using chat::Media;
using chat::Part;
using ReadPart = tl::expected<Part, Refusal>;

/// The dialect's own mark, and the one of another that servers of this dialect take, too.
CacheMark read_cache(Element part) {
  for (const std::string_view name : {"cache_control", "prompt_cache_breakpoint"}) {
    const auto mark = member(part, name);
    if (!mark || !mark->is_object()) continue;
    const std::string_view lives = text_member(*mark, "ttl");
    return lives == "1h" || lives == "12h" ? CacheMark::long_lived : CacheMark::short_lived;
  }
  return CacheMark::none;
}

Part text_part(std::string_view text, Element part) {
  chat::Text out;
  out.text = text;
  out.cache = read_cache(part);
  return out;
}

ReadPart finish_media(std::optional<Media> media, Element part, std::string_view where,
                      std::string_view wanted) {
  if (!media) return tl::unexpected(malformed(where, wanted));
  media->cache = read_cache(part);
  return std::move(*media);
}

ReadPart read_image(Element part, const std::string& where) {
  const auto image = member(part, "image_url");
  std::string_view url;
  std::string_view detail;
  if (image && image->get_string().get(url) != simdjson::SUCCESS) {
    url = text_member(*image, "url");
    detail = text_member(*image, "detail");
  }
  auto media = media_of_url(Media::Kind::image, url);
  if (media) media->detail = detail;
  return finish_media(std::move(media), part, where + ".image_url.url",
                      "is neither an address nor an image in base64");
}

ReadPart read_audio(Element part, const std::string& where) {
  const auto audio = member(part, "input_audio");
  std::optional<Media> media;
  if (audio) {
    const std::string type = "audio/" + std::string(text_member(*audio, "format"));
    media = inline_media(Media::Kind::audio, type, text_member(*audio, "data"));
  }
  return finish_media(std::move(media), part, where + ".input_audio", "is no sound in base64");
}

ReadPart read_file(Element part, const std::string& where) {
  const auto file = member(part, "file");
  if (!file) return tl::unexpected(malformed(where + ".file", "is missing"));
  const std::string_view data = text_member(*file, "file_data");
  const std::string_view id = text_member(*file, "file_id");
  std::optional<Media> media;
  if (!id.empty()) {
    media.emplace();
    media->file_id = id;
  } else if (is_inline_url(data) || data.starts_with("http")) {
    media = media_of_url(Media::Kind::document, data);
  } else {
    media = inline_media(Media::Kind::document, "", data);
  }
  if (media) {
    media->kind =
        media->media_type.starts_with("image/") ? Media::Kind::image : Media::Kind::document;
    media->name = text_member(*file, "filename");
  }
  return finish_media(std::move(media), part, where + ".file.file_data",
                      "is no file in base64 of a known type");
}

/// One server's: a document by its address, or inline.
ReadPart read_document(Element part, const std::string& where) {
  auto media = media_of_url(Media::Kind::document, text_member(part, "document_url"));
  return finish_media(std::move(media), part, where + ".document_url",
                      "is neither an address nor a document in base64");
}

/// The same server's: thinking as a part, with parts of text inside.
Part read_thinking_part(Element part) {
  chat::Thinking out;
  const auto inside = member(part, "thinking");
  simdjson::dom::array list;
  if (inside && inside->get_array().get(list) == simdjson::SUCCESS) {
    for (const Element each : list) out.text += text_member(each, "text");
  } else {
    out.text = text_member(part, "thinking");
  }
  return out;
}

ReadPart read_part(Element part, const std::string& where) {
  const std::string_view type = text_member(part, "type");
  if (type == "text" || type == "input_text" || type == "output_text") {
    return text_part(text_member(part, "text"), part);
  }
  if (type == "image_url") return read_image(part, where);
  if (type == "input_audio") return read_audio(part, where);
  if (type == "file") return read_file(part, where);
  if (type == "document_url") return read_document(part, where);
  if (type == "thinking") return read_thinking_part(part);
  if (type == "refusal") {
    chat::Text out;
    out.text = text_member(part, "refusal");
    out.refusal = true;
    return out;
  }
  return tl::unexpected(malformed(where + ".type", "is no kind of part that can be translated"));
}

chat::ToolCall read_call(Element entry) {
  chat::ToolCall out;
  out.id = text_member(entry, "id");
  out.signature = call_signature(entry);
  if (const auto custom = member(entry, "custom")) {
    out.freeform = true;
    out.name = text_member(*custom, "name");
    out.arguments = text_member(*custom, "input");
    return out;
  }
  const auto function = member(entry, "function");
  if (!function) return out;
  out.name = text_member(*function, "name");
  const auto arguments = member(*function, "arguments");
  std::string_view text;
  if (arguments && arguments->get_string().get(text) == simdjson::SUCCESS) {
    out.arguments = text;
  } else if (arguments) {
    out.arguments = json_text(*arguments);  // Some servers write the object itself.
  }
  if (out.arguments.empty()) out.arguments = "{}";
  return out;
}

}  // namespace

tl::expected<std::vector<Part>, Refusal> read_content(Element message, std::string_view where) {
  std::vector<Part> out;
  const auto content = member(message, "content");
  if (!content) return out;
  std::string_view text;
  if (content->get_string().get(text) == simdjson::SUCCESS) {
    if (!text.empty()) out.push_back(text_part(text, message));
    return out;
  }
  simdjson::dom::array parts;
  if (content->get_array().get(parts) != simdjson::SUCCESS) {
    return tl::unexpected(
        malformed(std::string(where) + ".content", "is neither a string nor an array"));
  }
  std::size_t index = 0;
  for (const Element each : parts) {
    if (each.get_string().get(text) == simdjson::SUCCESS) {
      out.push_back(text_part(text, each));
    } else {
      auto part = read_part(each, std::string(where) + ".content[" + std::to_string(index) + "]");
      if (!part) return tl::unexpected(part.error());
      out.push_back(std::move(*part));
    }
    ++index;
  }
  return out;
}

std::vector<chat::ToolCall> read_calls(Element message) {
  std::vector<chat::ToolCall> out;
  simdjson::dom::array calls;
  const auto found = member(message, "tool_calls");
  if (found && found->get_array().get(calls) == simdjson::SUCCESS) {
    for (const Element each : calls) out.push_back(read_call(each));
  }
  if (const auto legacy = member(message, "function_call"); legacy && out.empty()) {
    chat::ToolCall call;
    call.name = text_member(*legacy, "name");
    call.arguments = text_member(*legacy, "arguments");
    if (call.arguments.empty()) call.arguments = "{}";
    out.push_back(std::move(call));
  }
  return out;
}

std::string_view call_signature(Element call) {
  const auto extra = member(call, "extra_content");
  const auto google = extra ? member(*extra, "google") : std::nullopt;
  return google ? text_member(*google, "thought_signature") : std::string_view();
}

std::vector<chat::Citation> read_citations(Element message) {
  std::vector<chat::Citation> out;
  simdjson::dom::array list;
  const auto found = member(message, "annotations");
  if (!found || found->get_array().get(list) != simdjson::SUCCESS) return out;
  for (const Element each : list) {
    const auto cited = member(each, "url_citation");
    if (!cited) continue;
    chat::Citation citation;
    citation.url = text_member(*cited, "url");
    citation.title = text_member(*cited, "title");
    citation.quoted = text_member(*cited, "content");
    citation.from = count_member(*cited, "start_index").value_or(0);
    citation.to = count_member(*cited, "end_index").value_or(0);
    out.push_back(std::move(citation));
  }
  return out;
}

}  // namespace routerone::dialect::openai_chat
