#include "daemon/dialect/openai_chat/message_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/dialect/carrier.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/media_type.h"
#include "daemon/dialect/tool_history.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::openai_chat {
namespace {

using chat::Media;
using chat::Part;
using chat::Text;
using chat::Thinking;
using chat::ToolCall;
using chat::ToolResult;
using chat::Turn;

constexpr std::string_view own_id = "openai-chat";

template <class T>
bool holds(const std::vector<Part>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [](const Part& part) { return std::holds_alternative<T>(part); });
}

bool has_own_thinking(const Turn& turn) {
  return std::any_of(turn.parts.begin(), turn.parts.end(), [](const Part& part) {
    const auto* thinking = std::get_if<Thinking>(&part);
    return thinking && owns(own_id, *thinking);
  });
}

/// Servers that want their thinking back want it with every turn that called something, or with
/// none.
bool all_calls_thought(const std::vector<Turn>& turns) {
  return std::all_of(turns.begin(), turns.end(), [](const Turn& turn) {
    return turn.role != chat::Role::assistant || !holds<ToolCall>(turn.parts) ||
           has_own_thinking(turn);
  });
}

/// A text document in words, for a dialect whose files are PDF.
std::string quoted_document(const Media& media, std::string_view text) {
  std::string name;
  if (!media.name.empty()) append_json_string(name, media.name);
  return "<document" + (name.empty() ? "" : " name=" + name) + ">\n" + std::string(text) +
         "\n</document>";
}

/// An assistant cannot show media in this dialect; what it said and that it showed something stays.
std::string assistant_text(const std::vector<Part>& parts) {
  std::vector<Part> said;
  for (const Part& part : parts) {
    if (std::holds_alternative<Text>(part)) said.push_back(part);
    if (std::holds_alternative<Media>(part)) said.emplace_back(Text{"[image omitted]", {}, {}, {}});
  }
  return joined_text(said);
}

}  // namespace

MessageWriter::MessageWriter(const ToolNames& names, const Target& target,
                             std::string_view instruction_role)
    : names_(names), target_(target), instruction_role_(instruction_role) {}

tl::expected<void, Refusal> MessageWriter::write(std::vector<Turn> turns, JsonOut& out) {
  returns_thinking_ = all_calls_thought(turns);
  out.array();
  for (Turn& turn : turns) {
    if (turn.role == chat::Role::system) {
      write_instructions(turn, out);
    } else if (turn.role == chat::Role::assistant) {
      write_assistant(turn, out);
    } else if (auto written = write_user(turn, out); !written) {
      return written;
    }
  }
  out.end_array();
  return {};
}

void MessageWriter::write_instructions(const Turn& turn, JsonOut& out) const {
  out.object().text("role", instruction_role_).text("content", joined_text(turn.parts));
  out.end_object();
}

MessageWriter::Written MessageWriter::write_user(Turn& turn, JsonOut& out) const {
  std::vector<Part> shown, rest;
  bool results = false;
  for (Part& part : turn.parts) {
    auto* result = std::get_if<ToolResult>(&part);
    if (!result) {
      rest.push_back(std::move(part));
      continue;
    }
    results = true;
    write_result(*result, out);
    if (!holds<Media>(result->content)) continue;
    Text which;
    which.text = "Images returned by tool call " + result->call_id + ":";
    shown.emplace_back(std::move(which));
    for (Part& each : result->content) {
      if (std::holds_alternative<Media>(each)) shown.push_back(std::move(each));
    }
  }
  for (const std::vector<Part>* content : {&shown, &rest}) {
    const bool due = !content->empty() || (content == &rest && !results);
    if (!due) continue;
    out.object().text("role", "user").key("content");
    if (auto written = write_content(*content, out); !written) return written;
    out.end_object();
  }
  return {};
}

void MessageWriter::write_result(const ToolResult& result, JsonOut& out) const {
  std::string text = joined_text(result.content);
  if (text.empty() && holds<Media>(result.content)) text = "[image, see next message]";
  if (result.is_error && !text.starts_with("Error")) text = "Error: " + text;
  out.object().text("role", "tool").text("tool_call_id", result.call_id).text("content", text);
  out.end_object();
}

MessageWriter::Written MessageWriter::write_content(const std::vector<Part>& parts,
                                                    JsonOut& out) const {
  if (!holds<Media>(parts)) {
    out.text(joined_text(parts));
    return {};
  }
  out.array();
  for (const Part& part : parts) {
    if (const auto* text = std::get_if<Text>(&part)) {
      out.object().text("type", "text").text("text", text->text).end_object();
    } else if (const auto* media = std::get_if<Media>(&part)) {
      if (auto written = write_media(*media, out); !written) return written;
    }
  }
  out.end_array();
  return {};
}

MessageWriter::Written MessageWriter::write_media(const Media& media, JsonOut& out) const {
  const auto refuse = [this](std::string_view field, std::string_view why) {
    return tl::unexpected(untranslatable(field, target_, why));
  };
  if (!media.file_id.empty()) {
    return refuse("file_id", "a file belongs to the provider that gave it out");
  }
  if (media.kind == Media::Kind::image) {
    out.object().text("type", "image_url").object("image_url");
    out.text("url", media.url.empty() ? inline_url(media) : media.url);
    out.text_if("detail", media.detail).end_object().end_object();
    return {};
  }
  if (!media.url.empty()) return refuse("file_url", "it takes files inline only");
  if (media.kind == Media::Kind::audio) {
    const bool wave = media.media_type == "audio/wav";
    if (!wave && media.media_type != "audio/mpeg")
      return refuse("audio", "its sound is WAV or MP3");
    out.object().text("type", "input_audio").object("input_audio").text("data", media.data);
    out.text("format", wave ? "wav" : "mp3").end_object().end_object();
    return {};
  }
  if (const auto text = text_of(media)) {
    out.object().text("type", "text").text("text", quoted_document(media, *text)).end_object();
    return {};
  }
  out.object().text("type", "file").object("file");
  out.text("filename", media.name.empty() ? "document.pdf" : media.name);
  out.text("file_data", inline_url(media)).end_object().end_object();
  return {};
}

void MessageWriter::write_assistant(const Turn& turn, JsonOut& out) {
  const bool calls = holds<ToolCall>(turn.parts);
  const std::string text = assistant_text(turn.parts);
  const bool returns = returns_thinking_ && has_own_thinking(turn);
  if (holds<Thinking>(turn.parts) && !returns) {
    dropped_thinking_ = true;
    if (text.empty() && !calls) return;  // There was nothing else.
  }
  out.object().text("role", "assistant").key("content");
  if (text.empty() && calls) {
    out.null();
  } else {
    out.text(text);
  }
  if (returns) write_thinking(turn, out);
  if (calls) write_calls(turn, out);
  out.end_object();
}

/// The members that they came in, as they came.
void MessageWriter::write_thinking(const Turn& turn, JsonOut& out) {
  for (const Part& part : turn.parts) {
    const auto* thinking = std::get_if<Thinking>(&part);
    if (!thinking || !owns(own_id, *thinking)) continue;
    const Dom state(thinking->state);
    simdjson::dom::object members;
    if (!state.ok() || state.root().get_object().get(members) != simdjson::SUCCESS) continue;
    for (const auto [name, value] : members) {
      const bool ours =
          name == "reasoning_content" || name == "reasoning" || name == "reasoning_details";
      if (ours) out.raw(name, json_text(value));
    }
    return;  // One message has one of each.
  }
}

void MessageWriter::write_calls(const Turn& turn, JsonOut& out) const {
  out.array("tool_calls");
  for (const Part& part : turn.parts) {
    const auto* call = std::get_if<ToolCall>(&part);
    if (!call) continue;
    out.object().text("id", call->id).text("type", "function").object("function");
    out.text("name", names_.written(*call));
    out.text("arguments",
             call->freeform ? wrap_freeform(call->arguments) : std::string(arguments_text(*call)));
    out.end_object().end_object();
  }
  out.end_array();
}

}  // namespace routerone::dialect::openai_chat
