#include "daemon/dialect/anthropic/block_reader.h"

#include <algorithm>

#include "daemon/dialect/carrier.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/media_type.h"
#include "daemon/dialect/tool_history.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::anthropic {
namespace {

using simdjson::dom::element_type;

bool flag_member(simdjson::dom::element value, std::string_view name) {
  const auto found = member(value, name);
  bool flag = false;
  return found && found->get_bool().get(flag) == simdjson::SUCCESS && flag;
}

}  // namespace

void Findings::hint(std::string_view name) {
  if (std::find(hints.begin(), hints.end(), name) == hints.end()) hints.emplace_back(name);
}

void Findings::wrong(std::string_view param, std::string_view what) {
  if (!problem) problem = malformed(param, what);
}

chat::CacheMark read_cache_mark(simdjson::dom::element block) {
  const auto mark = member(block, "cache_control");
  if (!mark) return chat::CacheMark::none;
  return text_member(*mark, "ttl") == "1h" ? chat::CacheMark::long_lived
                                           : chat::CacheMark::short_lived;
}

const BlockReader::Kind BlockReader::kinds[] = {
    {"text", &BlockReader::text},
    {"image", &BlockReader::image},
    {"document", &BlockReader::document},
    {"search_result", &BlockReader::search_result},
    {"tool_reference", &BlockReader::tool_reference},
    {"thinking", &BlockReader::thinking},
    {"redacted_thinking", &BlockReader::redacted_thinking},
    {"tool_use", &BlockReader::tool_use},
    {"tool_result", &BlockReader::tool_result},
    {"compaction", &BlockReader::compaction},
    {"container_upload", &BlockReader::container_upload},
};

std::vector<chat::Part> BlockReader::read(Element content) {
  std::string_view plain;
  simdjson::dom::array blocks;
  if (content.get_string().get(plain) == simdjson::SUCCESS) {
    if (!plain.empty()) out_.push_back(chat::Text{std::string(plain), false, {}, {}});
  } else if (content.get_array().get(blocks) == simdjson::SUCCESS) {
    for (const Element block : blocks) {
      read_block(block);
      ++block_;
    }
  } else {
    findings_.wrong(path_, "must be a text or a list of blocks");
  }
  return std::move(out_);
}

void BlockReader::read_block(Element block) {
  const std::string_view type = text_member(block, "type");
  for (const Kind& kind : kinds) {
    if (kind.type == type) return (this->*kind.read)(block);
  }
  // The set of the provider's tools grows; their blocks are told by the ends of their names.
  if (type.ends_with("_tool_use") || type.find("_tool_result") != type.npos) {
    return server_block(block);
  }
  if (type.empty()) return findings_.wrong(here("type"), "is required");
  findings_.only_here(here("type"));
}

void BlockReader::text(Element block) {
  const auto text = member(block, "text");
  std::string_view said;
  if (!text || text->get_string().get(said) != simdjson::SUCCESS) {
    return findings_.wrong(here("text"), "must be a text");
  }
  if (said.empty()) return;
  out_.push_back(chat::Text{std::string(said), false, read_cache_mark(block), {}});
}

void BlockReader::image(Element block) {
  if (auto found = media(block, chat::Media::Kind::image)) out_.push_back(std::move(*found));
}

void BlockReader::document(Element block) {
  auto found = media(block, chat::Media::Kind::document);
  if (!found) return;
  found->name = text_member(block, "title");
  if (const auto citations = member(block, "citations")) {
    if (flag_member(*citations, "enabled")) findings_.hint("citations");
  }
  // What the caller tells the model about the document; only this dialect has a place for it.
  if (const std::string_view context = text_member(block, "context"); !context.empty()) {
    out_.push_back(chat::Text{std::string(context), false, {}, {}});
  }
  out_.push_back(std::move(*found));
}

std::optional<chat::Media> BlockReader::media(Element block, chat::Media::Kind kind) {
  const auto source = member(block, "source");
  const std::string_view type = source ? text_member(*source, "type") : std::string_view{};
  std::optional<chat::Media> found;
  if (type == "base64") {
    found = inline_media(kind, text_member(*source, "media_type"), text_member(*source, "data"));
  } else if (type == "url") {
    found = media_of_url(kind, text_member(*source, "url"));
  } else if (type == "file") {
    found.emplace();
    found->file_id = text_member(*source, "file_id");
  } else if (type == "text" && kind == chat::Media::Kind::document) {
    found.emplace();
    found->media_type = "text/plain";
    found->data = text_member(*source, "data");
    found->is_text = true;
  } else if (type == "content" && kind == chat::Media::Kind::document) {
    found = document_of_content(*source);
  }
  if (!found || (found->data.empty() && found->url.empty() && found->file_id.empty())) {
    findings_.wrong(here("source"), "cannot be read");
    return std::nullopt;
  }
  found->kind = kind;
  found->cache = read_cache_mark(block);
  return found;
}

/// A document made of blocks: as one text, where it is text.
std::optional<chat::Media> BlockReader::document_of_content(Element source) {
  const auto content = member(source, "content");
  if (!content) return std::nullopt;
  const auto parts = BlockReader(here("source"), findings_).read(*content);
  const bool is_text = std::all_of(parts.begin(), parts.end(), [](const chat::Part& part) {
    return std::holds_alternative<chat::Text>(part);
  });
  if (!is_text) findings_.only_here(here("source"));
  chat::Media out;
  out.media_type = "text/plain";
  out.data = joined_text(parts, "\n");
  out.is_text = true;
  return out;
}

void BlockReader::search_result(Element block) {
  std::string text(text_member(block, "title"));
  text += "\n";
  text += text_member(block, "source");
  if (const auto content = member(block, "content")) {
    text += "\n\n" + joined_text(BlockReader(here(), findings_).read(*content), "\n");
  }
  out_.push_back(chat::Text{std::move(text), false, read_cache_mark(block), {}});
}

void BlockReader::tool_reference(Element block) {
  out_.push_back(chat::Text{std::string(text_member(block, "tool_name")), false, {}, {}});
}

void BlockReader::thinking(Element block) {
  const std::string_view signature = text_member(block, "signature");
  chat::Thinking out;
  if (auto carried = read_carrier(signature)) {
    out = std::move(*carried);
  } else if (!signature.empty() && !is_carrier(signature)) {
    out.origin = "anthropic";
    out.state = json_text(block);
  }
  out.text = text_member(block, "thinking");
  out_.push_back(std::move(out));
}

void BlockReader::redacted_thinking(Element block) {
  const std::string_view data = text_member(block, "data");
  chat::Thinking out;
  if (auto carried = read_carrier(data)) {
    out = std::move(*carried);
  } else if (!data.empty() && !is_carrier(data)) {
    out.origin = "anthropic";
    out.state = json_text(block);
  }
  out.redacted = true;
  out_.push_back(std::move(out));
}

void BlockReader::tool_use(Element block) {
  chat::ToolCall out;
  out.id = text_member(block, "id");
  out.name = text_member(block, "name");
  if (out.name.empty()) return findings_.wrong(here("name"), "is required");
  const auto input = member(block, "input");
  out.arguments = input ? as_arguments(json_text(*input)) : "{}";
  out_.push_back(std::move(out));
}

void BlockReader::tool_result(Element block) {
  chat::ToolResult out;
  out.call_id = text_member(block, "tool_use_id");
  if (const auto content = member(block, "content")) {
    out.content = BlockReader(here("content"), findings_).read(*content);
  }
  std::erase_if(out.content, [](const chat::Part& part) {
    return !std::holds_alternative<chat::Text>(part) && !std::holds_alternative<chat::Media>(part);
  });
  out.is_error = flag_member(block, "is_error");
  out.cache = read_cache_mark(block);
  out_.push_back(std::move(out));
}

/// Stands for all that came before it.
void BlockReader::compaction(Element block) {
  const std::string_view summary = text_member(block, "content");
  if (summary.empty()) return findings_.only_here(here("type"));
  out_.push_back(chat::Text{std::string(summary), false, read_cache_mark(block), {}});
}

void BlockReader::container_upload(Element) { findings_.only_here(here("type")); }

void BlockReader::server_block(Element block) { findings_.hint(text_member(block, "type")); }

std::string BlockReader::here(std::string_view member) const {
  std::string out = path_ + "." + std::to_string(block_);
  if (!member.empty()) out.append(".").append(member);
  return out;
}

}  // namespace routerone::dialect::anthropic
