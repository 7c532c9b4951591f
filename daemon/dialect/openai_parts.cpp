#include "daemon/dialect/openai_parts.h"

#include <algorithm>
#include <array>
#include <string>

namespace routerone::dialect {
namespace {

constexpr std::array<std::string_view, 10> text_types = {
    "text",           "input_text", "output_text", "refusal", "summary_text",
    "reasoning_text", "thinking",   "reference",   "json",    ""};

/// Media that no part of ours can measure.
constexpr std::array<std::string_view, 9> elsewhere = {"audio_url",   "video_url", "document_url",
                                                       "file_url",    "file_id",   "video",
                                                       "input_image", "image",     "audio"};

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

void take_image_url(const Picked& url, bool low_detail, DemandMaker& maker) {
  if (!url.value.starts_with('{')) return maker.image_url(url.value, low_detail, "image_url");
  static constexpr std::array<std::string_view, 3> names = {"url", "detail", "file_id"};
  const auto inner = maker.members(url.value, names);
  const bool low = low_detail || word_of(inner[1]) == "low";
  if (says_something(inner[2])) maker.refer("file_id");
  maker.image_url(inner[0].there() ? inner[0].value : std::string_view(), low, "image_url");
}

void take_file(const Picked& file, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 3> names = {"file_data", "file_id", "file_url"};
  const auto inner = maker.members(file.value, names);
  bool found = false;
  if (says_something(inner[0])) {
    maker.file(inner[0].value, "file_data");
    found = true;
  }
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (!says_something(inner[i])) continue;
    maker.refer(names[i]);
    found = true;
  }
  if (!found) maker.refer("file");
}

void take_audio(const Picked& audio, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 2> names = {"data", "url"};
  const auto inner = maker.members(audio.value, names);
  if (says_something(inner[1]) || !inner[0].there()) return maker.refer("input_audio");
  maker.audio(inner[0].value);
}

/// Needs an environment of the provider's, which is billed by itself.
bool runs_at_caller(const Picked& environment, DemandMaker& maker) {
  if (!says_something(environment)) return true;
  static constexpr std::array<std::string_view, 1> names = {"type"};
  return word_of(maker.members(environment.value, names)[0]) == "local";
}

void take_tool(std::string_view tool, std::optional<std::int64_t> most_calls, DemandMaker& maker) {
  enum : std::size_t { type, tools, execution, environment };
  static constexpr std::array<std::string_view, 4> names = {"type", "tools", "execution",
                                                            "environment"};
  static constexpr std::array<std::string_view, 4> callers = {"", "function", "custom",
                                                              "allowed_tools"};
  static constexpr std::array<std::string_view, 2> built_in = {"local_shell", "apply_patch"};
  const auto members = maker.members(tool, names);
  const std::string word = word_of(members[type]);
  if (is_one_of(word, callers)) return;
  if (word == "namespace") return take_openai_tools(members[tools].value, most_calls, maker);
  const bool shell = word == "shell" && runs_at_caller(members[environment], maker);
  if (shell || is_one_of(word, built_in)) {
    ++maker.demand.built_in_tools;
    return;
  }
  if (word == "tool_search" && word_of(members[execution]) == "client") return;
  const bool searches = word.starts_with("web_search");
  if (!most_calls || !(searches || word == "tool_search")) return maker.unbounded(word);
  // All tools share the one bound.
  if (searches) maker.demand.web_searches = *most_calls;
  const std::int64_t further = *most_calls - std::min(*most_calls, maker.demand.server_turns);
  maker.server_tool(further, most_of_a_search);
}

}  // namespace

void take_openai_part(std::string_view part, DemandMaker& maker) {
  enum : std::size_t { type, detail, image_url, file, file_data, input_audio, first_elsewhere };
  static constexpr auto names = [] {
    std::array<std::string_view, first_elsewhere + elsewhere.size()> all = {
        "type", "detail", "image_url", "file", "file_data", "input_audio"};
    std::copy(elsewhere.begin(), elsewhere.end(), all.begin() + first_elsewhere);
    return all;
  }();
  const auto members = maker.members(part, names);
  const bool low = word_of(members[detail]) == "low";
  bool found = is_one_of(word_of(members[type]), text_types);
  const auto there = [&](std::size_t i) {
    found = found || says_something(members[i]);
    return says_something(members[i]);
  };
  if (there(image_url)) take_image_url(members[image_url], low, maker);
  if (there(file)) take_file(members[file], maker);
  if (there(file_data)) maker.file(members[file_data].value, "file_data");
  if (there(input_audio)) take_audio(members[input_audio], maker);
  for (std::size_t i = 0; i < elsewhere.size(); ++i) {
    if (there(first_elsewhere + i)) maker.refer(elsewhere[i]);
  }
  if (!found) maker.refer("content");
}

void take_openai_content(std::string_view value, DemandMaker& maker) {
  const auto take = [&maker](std::string_view part) {
    if (part.starts_with('{')) take_openai_part(part, maker);
  };
  take(value);
  for_each_element(value, take);
}

void take_openai_tools(std::string_view tools, std::optional<std::int64_t> most_calls,
                       DemandMaker& maker) {
  for_each_element(tools, [&](std::string_view tool) { take_tool(tool, most_calls, maker); });
}

}  // namespace routerone::dialect
