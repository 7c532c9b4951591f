#include "daemon/dialect/openai_chat/reasoning.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/dialect/carrier.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/part_text.h"

namespace routerone::dialect::openai_chat {
namespace {

using Element = simdjson::dom::element;
using chat::Thinking;

constexpr std::string_view own_id = "openai-chat";
constexpr std::string_view text_type = "reasoning.text", summary_type = "reasoning.summary",
                           encrypted_type = "reasoning.encrypted";
/// Of state whose maker has no format here.
constexpr std::string_view carried_format = "routerone-v1";

/// Who made a detail, by its format.
struct Maker {
  std::string_view origin, format, text_type;
};
constexpr std::array<Maker, 2> makers = {
    {{"anthropic", "anthropic-claude-v1", text_type},
     {"openai-responses", "openai-responses-v1", summary_type}}};

const Maker* maker_of_origin(std::string_view origin) {
  for (const Maker& maker : makers) {
    if (maker.origin == origin) return &maker;
  }
  return nullptr;
}

/// Some SDKs put the pieces of a stream together by joining all their strings, formats too.
const Maker* maker_of_format(std::string_view format) {
  for (const Maker& maker : makers) {
    if (format.starts_with(maker.format)) return &maker;
  }
  return nullptr;
}

std::string text_of_detail(Element detail) {
  std::string out(text_member(detail, "text"));
  return out += text_member(detail, "summary");
}

std::string claude_block(std::string_view text, std::string_view signature) {
  JsonOut out;
  out.object().text("type", "thinking").text("thinking", text).text("signature", signature);
  return std::move(out.end_object()).take();
}

std::string redacted_block(std::string_view data) {
  JsonOut out;
  out.object().text("type", "redacted_thinking").text("data", data);
  return std::move(out.end_object()).take();
}

std::string responses_item(std::string_view summary, std::string_view data) {
  JsonOut out;
  out.object().text("type", "reasoning").array("summary");
  if (!summary.empty()) {
    out.object().text("type", "summary_text").text("text", summary).end_object();
  }
  out.end_array().text("encrypted_content", data);
  return std::move(out.end_object()).take();
}

Thinking claude_thinking(std::string_view text, std::string_view signature, std::string_view data) {
  Thinking out;
  out.text = text;
  out.redacted = !data.empty();
  if (out.redacted) {
    out.state = redacted_block(data);
  } else if (!signature.empty()) {
    out.state = claude_block(text, signature);
  }
  // Without a signature it is words that anybody might have written.
  if (!out.state.empty()) out.origin = "anthropic";
  return out;
}

void open_detail(JsonOut& out, std::string_view type) { out.object().text("type", type); }

void close_detail(JsonOut& out, std::string_view format, std::size_t index) {
  out.text("format", format).whole("index", static_cast<std::int64_t>(index)).end_object();
}

/// LiteLLM's field: blocks exactly as their maker writes them.
std::vector<Thinking> read_thinking_blocks(Element message) {
  std::vector<Thinking> out;
  simdjson::dom::array blocks;
  const auto found = member(message, "thinking_blocks");
  if (!found || found->get_array().get(blocks) != simdjson::SUCCESS) return out;
  for (const Element block : blocks) {
    Thinking thinking;
    thinking.text = text_member(block, "thinking");
    thinking.redacted = text_member(block, "type") == "redacted_thinking";
    if (thinking.redacted || !text_member(block, "signature").empty()) {
      thinking.origin = "anthropic";
      thinking.state = json_text(block);
    }
    out.push_back(std::move(thinking));
  }
  return out;
}

}  // namespace

std::string ReasoningFold::take(Element message) {
  std::string said;
  for (const std::string_view name : {"reasoning_content", "reasoning"}) {
    said = text_member(message, name);
    if (said.empty()) continue;
    if (name_.empty()) name_ = name;
    break;
  }
  std::string from_details;
  simdjson::dom::array list;
  const auto found = member(message, "reasoning_details");
  if (found && found->get_array().get(list) == simdjson::SUCCESS) {
    for (const Element detail : list) from_details += text_of_detail(detail);
    const bool repeats = said.empty() || said == from_details;
    std::size_t at = said_;
    for (const Element detail : list) {
      take_detail(detail, repeats ? std::optional(at) : std::nullopt);
      at += text_of_detail(detail).size();
    }
  }
  if (said.empty()) said = std::move(from_details);
  said_ += said.size();
  return said;
}

void ReasoningFold::add_text(std::string_view text) {
  if (name_.empty()) name_ = "reasoning_content";
  said_ += text.size();
}

void ReasoningFold::take_detail(Element detail, std::optional<std::size_t> at) {
  Detail got;
  got.type = text_member(detail, "type");
  got.format = text_member(detail, "format");
  got.id = text_member(detail, "id");
  got.signature = text_member(detail, "signature");
  got.data = text_member(detail, "data");
  if (const auto index = count_member(detail, "index")) {
    got.index = *index;
    got.has_index = true;
  }
  const std::string text = text_of_detail(detail);
  if (text.empty() && got.signature.empty() && got.data.empty()) return;
  if (Detail* last = goes_on(got)) {
    say(*last, text, at);
    last->signature = got.signature;
    if (last->format.empty()) last->format = got.format;
    if (last->id.empty()) last->id = got.id;
    return;
  }
  kept_ += sizeof(got) + got.data.size();
  say(details_.emplace_back(std::move(got)), text, at);
}

/// A stream tells one detail in many pieces.
ReasoningFold::Detail* ReasoningFold::goes_on(const Detail& got) {
  if (details_.empty() || !got.data.empty()) return nullptr;
  Detail& last = details_.back();
  const bool same = last.type == got.type && last.has_index == got.has_index &&
                    last.index == got.index && last.signature.empty();
  return same ? &last : nullptr;
}

void ReasoningFold::say(Detail& detail, std::string_view text, std::optional<std::size_t> at) {
  if (text.empty()) return;
  if (at && detail.says_nothing()) detail.from = detail.to = *at;
  if (at && detail.to == *at && detail.more.empty()) {
    detail.to += text.size();
  } else {
    detail.more += text;
    kept_ += text.size();
  }
}

std::string ReasoningFold::Detail::text(std::string_view all) const {
  const std::size_t begin = std::min(from, all.size());
  return std::string(all.substr(begin, to - from)) + more;
}

void ReasoningFold::write(const Detail& detail, JsonOut& out, std::vector<chat::Gap>& gaps) {
  open_detail(out, detail.type);
  if (detail.type == encrypted_type) {
    out.text("data", detail.data);
  } else {
    out.key(detail.type == summary_type ? "summary" : "text");
    gaps.push_back({out.view().size() + 1, detail.from, detail.to});
    out.text(detail.more);
  }
  out.text_if("signature", detail.signature).text_if("id", detail.id);
  out.text_if("format", detail.format);
  if (detail.has_index) out.whole("index", detail.index);
  out.end_object();
}

chat::PartEnded ReasoningFold::own() const {
  chat::PartEnded out;
  Thinking thinking;
  thinking.origin = own_id;
  JsonOut state;
  state.object();
  if (!name_.empty()) {
    state.key(name_);
    out.gaps.push_back({state.view().size() + 1, 0, said_});
    state.text("");
  }
  if (!details_.empty()) {
    state.array("reasoning_details");
    for (const Detail& detail : details_) write(detail, state, out.gaps);
    state.end_array();
  }
  thinking.state = std::move(state.end_object()).take();
  out.rest = std::move(thinking);
  return out;
}

std::vector<Thinking> ReasoningFold::blocks(std::string_view text) const {
  std::vector<Thinking> out;
  std::string summary;
  bool foreign = false;
  for (const Detail& detail : details_) {
    auto carried = read_carrier(detail.data);
    const Maker* maker = maker_of_format(detail.format);
    foreign = foreign || carried || maker;
    if (carried) {
      out.push_back(std::move(*carried));
    } else if (maker && maker->text_type == summary_type) {
      summary += detail.text(text);
      if (detail.data.empty()) continue;
      Thinking thinking;
      thinking.text = std::exchange(summary, {});
      thinking.origin = maker->origin;
      thinking.id = detail.id;
      thinking.state = responses_item(thinking.text, detail.data);
      out.push_back(std::move(thinking));
    } else if (maker) {
      out.push_back(claude_thinking(detail.text(text), detail.signature, detail.data));
    }
  }
  if (!foreign && !empty()) out.push_back(whole_thinking(own(), text));
  return out;
}

std::vector<Thinking> read_thinking(Element message) {
  std::vector<Thinking> blocks = read_thinking_blocks(message);
  if (!blocks.empty()) return blocks;
  ReasoningFold fold;
  const std::string text = fold.take(message);
  return fold.blocks(text);
}

bool is_carried(std::string_view origin) {
  return !origin.empty() && origin != own_id && !has_details(origin);
}

bool has_details(std::string_view origin) { return maker_of_origin(origin) != nullptr; }

void write_detail_text(JsonOut& out, std::string_view origin, std::size_t index,
                       std::string_view text) {
  const Maker* maker = maker_of_origin(origin);
  if (!maker) return;
  open_detail(out, maker->text_type);
  out.text(maker->text_type == summary_type ? "summary" : "text", text);
  close_detail(out, maker->format, index);
}

bool write_detail_state(JsonOut& out, const Thinking& thinking, std::size_t index) {
  if (thinking.state.empty() || thinking.origin == own_id) return false;
  const Maker* maker = maker_of_origin(thinking.origin);
  const Dom state(thinking.state);
  const auto said = [&state](std::string_view name) {
    return state.ok() ? text_member(state.root(), name) : std::string_view();
  };
  const std::string_view signature = maker ? said("signature") : "";
  const std::string_view data = !maker                             ? std::string_view()
                                : maker->text_type == summary_type ? said("encrypted_content")
                                                                   : said("data");
  if (!signature.empty()) {
    open_detail(out, text_type);
    out.text("signature", signature);
    close_detail(out, maker->format, index);
    return true;
  }
  const std::string carried = data.empty() && !maker ? write_carrier(thinking) : "";
  if (data.empty() && carried.empty()) return false;
  open_detail(out, encrypted_type);
  out.text("data", data.empty() ? std::string_view(carried) : data);
  if (maker) out.text_if("id", thinking.id);
  close_detail(out, maker ? maker->format : carried_format, index);
  return true;
}

}  // namespace routerone::dialect::openai_chat
