#include "daemon/dialect/gemini/part_reader.h"

#include <algorithm>
#include <optional>

#include "common/core/text.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/gemini/signatures.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/media_type.h"

namespace routerone::dialect::gemini {
namespace {

using Kind = chat::Media::Kind;

/// Nullopt: others have nothing like it.
std::optional<Kind> kind_of(std::string_view media_type) {
  if (istarts_with(media_type, "image/")) return Kind::image;
  if (istarts_with(media_type, "audio/")) return Kind::audio;
  if (istarts_with(media_type, "video/")) return std::nullopt;
  return Kind::document;
}

/// What only the provider can resolve: its own file store, or that of its cloud.
bool is_providers_file(std::string_view uri) {
  return !uri.starts_with("http") || uri.find(".googleapis.com/") != std::string_view::npos;
}

/// What a function gave: `output` or `error`, where that is all there is, or `content` beside the
/// function's own name, as one SDK writes it; else the whole object.
Element said_in(Element response, chat::ToolResult& out) {
  simdjson::dom::object object;
  if (response.get_object().get(object) != simdjson::SUCCESS) return response;
  if (object.size() == 1) {
    const auto only = *object.begin();
    out.is_error = only.key == "error";
    if (out.is_error || only.key == "output") return only.value;
  }
  const auto content = member(response, "content");
  const bool named = object.size() == 2 && text_member(response, "name") == out.name;
  return content && named ? *content : response;
}

void read_response(Element response, chat::ToolResult& out) {
  chat::Text text;
  const Element value = said_in(response, out);
  std::string_view plain;
  const bool is_text = value.get_string().get(plain) == simdjson::SUCCESS;
  text.text = is_text ? std::string(plain) : json_text(value);
  if (!text.text.empty()) out.content.emplace_back(std::move(text));
}

}  // namespace

std::string fenced(std::string_view language, std::string_view text) {
  std::string out = "\n```" + lower(language) + "\n" + std::string(text);
  if (!text.ends_with('\n')) out += '\n';
  return out + "```\n";
}

std::vector<chat::Part> PartReader::read(Element parts, std::vector<chat::Part> before) {
  out_ = std::move(before);
  simdjson::dom::array list;
  std::string_view plain;
  if (parts.get_array().get(list) == simdjson::SUCCESS) {
    for (const Element part : list) {
      read_part(part);
      ++part_;
    }
  } else if (parts.is_object()) {
    read_part(parts);
  } else if (parts.get_string().get(plain) == simdjson::SUCCESS) {
    put(chat::Text{std::string(plain), false, {}, {}});
  } else {
    findings_.wrong(path_, "must be a list of parts");
  }
  return std::move(out_);
}

void PartReader::read_part(Element part) {
  const std::string_view signature = text_field(part, "thoughtSignature");
  if (const auto said = field(part, "functionCall")) return call(*said, signature);
  if (const auto said = field(part, "functionResponse")) return result(*said);
  if (const auto said = field(part, "inlineData")) return inline_data(*said);
  if (const auto said = field(part, "fileData")) return file_data(*said);
  if (const auto said = field(part, "executableCode")) {
    return code(text_field(*said, "language"), text_field(*said, "code"));
  }
  if (const auto said = field(part, "codeExecutionResult")) {
    return code("", text_field(*said, "output"));
  }
  if (field(part, "text") || !signature.empty()) return text(part, signature);
  simdjson::dom::object object;
  if (part.get_object().get(object) != simdjson::SUCCESS) {
    return findings_.wrong(here("text"), "must be a part");
  }
  for (const auto [name, value] : object) {
    const std::string known = camel_case(name);
    if (!value.is_null() && known != "thought") findings_.only_here(here(known));
  }
}

void PartReader::text(Element part, std::string_view signature) {
  const std::string_view said = text_field(part, "text");
  const std::vector<chat::Thinking> foreign = read_foreign(signature);
  put_foreign(foreign);
  const bool own = !signature.empty() && foreign.empty();
  if (flag_field(part, "thought")) {
    chat::Thinking thought;
    thought.text = said;
    if (own) {
      thought.origin = own_id;
      thought.state = thought_state(said, signature);
    }
    // Of foreign thinking the whole stands in its state.
    if (foreign.empty()) put(std::move(thought));
    return;
  }
  if (!said.empty()) put(chat::Text{std::string(said), false, {}, {}});
  if (own) put(signed_text(signature));
}

/// Its makers thought before they spoke, and hold a history to that.
void PartReader::put_foreign(const std::vector<chat::Thinking>& thoughts) {
  const auto spoken = std::find_if(out_.rbegin(), out_.rend(), [](const chat::Part& part) {
    return !std::holds_alternative<chat::Text>(part);
  });
  out_.insert(spoken.base(), thoughts.begin(), thoughts.end());
}

void PartReader::call(Element call, std::string_view signature) {
  chat::ToolCall out;
  out.id = text_field(call, "id");
  out.name = text_field(call, "name");
  if (out.name.empty()) return findings_.wrong(here("functionCall.name"), "is required");
  const auto args = field(call, "args");
  out.arguments = args ? json_text(*args) : "{}";
  const std::vector<chat::Thinking> foreign = read_foreign(signature);
  if (foreign.empty()) out.signature = signature;
  put_foreign(foreign);
  put(std::move(out));
}

void PartReader::result(Element response) {
  chat::ToolResult out;
  out.call_id = text_field(response, "id");
  out.name = text_field(response, "name");
  if (const auto said = field(response, "response")) read_response(*said, out);
  if (const auto parts = field(response, "parts")) {
    PartReader inside(here("functionResponse.parts"), findings_);
    for (chat::Part& part : inside.read(*parts)) {
      // Text and media are all that a result can say.
      const bool said =
          std::holds_alternative<chat::Text>(part) || std::holds_alternative<chat::Media>(part);
      if (said) out.content.push_back(std::move(part));
    }
  }
  put(std::move(out));
}

void PartReader::inline_data(Element blob) {
  const std::string_view type = text_field(blob, "mimeType");
  const auto kind = kind_of(type);
  if (!kind) return findings_.only_here(here("inlineData"));
  auto media = inline_media(*kind, type, usual_base64(text_field(blob, "data")));
  if (!media) return findings_.wrong(here("inlineData"), "must be base64 of a known media type");
  media->name = text_field(blob, "displayName");
  put(*std::move(media));
}

void PartReader::file_data(Element file) {
  chat::Media out;
  const std::string_view uri = text_field(file, "fileUri");
  const std::string_view type = text_field(file, "mimeType");
  const auto kind = kind_of(type);
  if (!kind || uri.empty()) return findings_.only_here(here("fileData"));
  out.kind = *kind;
  out.media_type = normal_media_type(type);
  out.name = text_field(file, "displayName");
  (is_providers_file(uri) ? out.file_id : out.url) = uri;
  put(std::move(out));
}

void PartReader::code(std::string_view language, std::string_view text) {
  if (!text.empty()) put(chat::Text{fenced(language, text), false, {}, {}});
}

}  // namespace routerone::dialect::gemini
