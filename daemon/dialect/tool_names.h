#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "daemon/dialect/translation.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"

namespace routerone::dialect {

/// Which names a dialect takes for a tool.
struct NameRule {
  std::size_t most = 64;        ///< Characters: ASCII letters, digits, `_`, `-` ...
  bool dotted = false;          ///< ... and `.`, `:`.
  bool starts_as_word = false;  ///< The first is a letter or `_`.
  bool allows(std::string_view name) const;
};
inline constexpr NameRule openai_names{64, false, false};
inline constexpr NameRule anthropic_names{128, false, false};
inline constexpr NameRule gemini_names{128, true, true};

/// How the tools of one request are spelled for a dialect. The same request, and the same tool in
/// the next request of its conversation, always gives the same spelling; no two tools ever share
/// one. A tool in a namespace becomes `namespace__name`; what the rule does not allow, or what is
/// taken, becomes 52 characters of it and a digest.
class ToolNames {
 public:
  /// Of the tools, of the calls in the conversation, and of the choice.
  ToolNames(const chat::Request&, NameRule);

  /// A tool that the request named nowhere is spelled on its own.
  std::string written(std::string_view group, std::string_view name) const;
  std::string written(const chat::Tool& tool) const { return written(tool.group, tool.name); }
  std::string written(const chat::ToolCall& call) const { return written(call.group, call.name); }

  /// For WrittenRequest: each tool that is not what it is written as, freeform tools included
  /// unless the dialect has them.
  std::vector<WrittenRequest::Renamed> renamed(bool takes_freeform) const;

 private:
  using Key = std::pair<std::string, std::string>;  ///< Namespace, name.
  void add(std::string_view group, std::string_view name, bool freeform);

  NameRule rule_;
  std::map<Key, std::string> written_;
  std::map<std::string, chat::ToolCall> means_;  ///< By the name as written.
};

/// The tools without later copies of the same one, in order. Refused if two of a name differ: the
/// caller would not know which it gets. Hosted tools are all kept.
tl::expected<std::vector<chat::Tool>, Refusal> distinct_tools(const std::vector<chat::Tool>&);

/// The schema of a function that stands for a freeform tool: one string named `input`. Its
/// description tells what format the tool takes.
chat::JsonText freeform_schema(const chat::Tool&);
/// What such a function is called with: `{"input":"<text>"}`.
chat::JsonText wrap_freeform(std::string_view text);
/// And back: `input` if that is all there is to it, else the arguments as they are.
std::string unwrap_freeform(std::string_view arguments);

}  // namespace routerone::dialect
