#include "daemon/dialect/openai_responses/content_reader.h"

#include <optional>
#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/media_type.h"

namespace routerone::dialect::openai_responses {
namespace {

using Element = simdjson::dom::element;

class ContentReader {
 public:
  ContentReader(std::string_view path, Findings& findings) : path_(path), findings_(findings) {}

  std::vector<chat::Part> read(Element content) && {
    std::string_view text;
    simdjson::dom::array parts;
    if (content.get_string().get(text) == simdjson::SUCCESS) {
      out_.emplace_back(chat::Text{std::string(text), false, {}, {}});
    } else if (content.get_array().get(parts) == simdjson::SUCCESS) {
      for (const Element part : parts) {
        read_part(part);
        ++at_;
      }
    } else if (content.is_object()) {
      read_part(content);
    } else if (!content.is_null()) {
      findings_.wrong(path_, "must be a text or a list of parts");
    }
    return std::move(out_);
  }

 private:
  struct Kind {
    std::string_view type;
    void (ContentReader::*read)(Element);
  };
  static const Kind kinds[8];

  void read_part(Element part) {
    const std::string_view type = text_member(part, "type");
    for (const Kind& kind : kinds) {
      if (kind.type == type) return (this->*kind.read)(part);
    }
    findings_.only_here(here("type"));
  }

  void text(Element part) {
    chat::Text out;
    out.text = text_member(part, "text");
    out.cache = cache_mark(part);
    out.citations = read_citations(part);
    out_.emplace_back(std::move(out));
  }

  void refusal(Element part) {
    out_.emplace_back(chat::Text{std::string(text_member(part, "refusal")), true, {}, {}});
  }

  void image(Element part) { media(part, chat::Media::Kind::image, "image_url"); }

  void file(Element part) {
    const bool remote = !text_member(part, "file_url").empty();
    media(part, chat::Media::Kind::document, remote ? "file_url" : "file_data");
  }

  void audio(Element part) {
    const auto sound = member(part, "input_audio");
    std::optional<chat::Media> out;
    if (sound) {
      const std::string type = "audio/" + std::string(text_member(*sound, "format"));
      out = inline_media(chat::Media::Kind::audio, type, text_member(*sound, "data"));
    }
    if (!out) return findings_.wrong(here("input_audio"), "must be base64 data with its format");
    out_.emplace_back(std::move(*out));
  }

  /// A file that the provider keeps is no use to another one.
  void media(Element part, chat::Media::Kind kind, std::string_view name) {
    if (!text_member(part, "file_id").empty()) return findings_.only_here(here("file_id"));
    auto out = media_of_url(kind, text_member(part, name));
    // Servers take a file's bytes without the wrapping, too.
    if (out && name == "file_data" && !out->url.empty()) {
      out = inline_media(kind, "", std::exchange(out->url, {}));
    }
    if (!out) return findings_.wrong(here(name), "must be a URL, or a data: URL with base64 data");
    out->name = text_member(part, "filename");
    out->detail = text_member(part, "detail");
    out->cache = cache_mark(part);
    out_.emplace_back(std::move(*out));
  }

  static chat::CacheMark cache_mark(Element part) {
    const auto mark = member(part, "prompt_cache_breakpoint");
    if (!mark) return chat::CacheMark::none;
    return text_member(*mark, "ttl") == "12h" ? chat::CacheMark::long_lived
                                              : chat::CacheMark::short_lived;
  }

  std::string here(std::string_view name) const {
    return std::string(path_) + "[" + std::to_string(at_) + "]." + std::string(name);
  }

  std::string_view path_;
  Findings& findings_;
  std::size_t at_ = 0;
  std::vector<chat::Part> out_;
};

const ContentReader::Kind ContentReader::kinds[8] = {
    {"input_text", &ContentReader::text},   {"output_text", &ContentReader::text},
    {"text", &ContentReader::text},         {"refusal", &ContentReader::refusal},
    {"input_image", &ContentReader::image}, {"computer_screenshot", &ContentReader::image},
    {"input_file", &ContentReader::file},   {"input_audio", &ContentReader::audio},
};

}  // namespace

std::vector<chat::Part> read_content(Element content, std::string_view path, Findings& findings) {
  return ContentReader(path, findings).read(content);
}

std::vector<chat::Citation> read_citations(Element part) {
  std::vector<chat::Citation> out;
  const auto annotations = member(part, "annotations");
  simdjson::dom::array list;
  if (!annotations || annotations->get_array().get(list) != simdjson::SUCCESS) return out;
  for (const Element each : list) {
    if (text_member(each, "type") != "url_citation") continue;
    chat::Citation citation;
    citation.url = text_member(each, "url");
    citation.title = text_member(each, "title");
    citation.from = count_member(each, "start_index").value_or(0);
    citation.to = count_member(each, "end_index").value_or(0);
    out.push_back(std::move(citation));
  }
  return out;
}

}  // namespace routerone::dialect::openai_responses
