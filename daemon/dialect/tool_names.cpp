#include "daemon/dialect/tool_names.h"

#include <algorithm>

#include "daemon/dialect/digest.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_out.h"

namespace routerone::dialect {
namespace {

using chat::Tool;

constexpr std::size_t kept_of_long_names = 52, digest_digits = 10;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool takes(const NameRule& rule, char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         (rule.dotted && (c == '.' || c == ':'));
}

std::string flat(std::string_view group, std::string_view name) {
  return group.empty() ? std::string(name) : std::string(group) + "__" + std::string(name);
}

/// `attempt`: 0, and more where what came out was somebody else's name.
std::string digested(const NameRule& rule, std::string_view group, std::string_view name,
                     std::size_t attempt) {
  std::string whole = std::string(group) + '\0' + std::string(name);
  if (attempt > 0) whole += '\0' + std::to_string(attempt);
  std::string out = flat(group, name).substr(0, kept_of_long_names);
  std::replace_if(
      out.begin(), out.end(), [&rule](char c) { return !takes(rule, c); }, '_');
  if (rule.starts_as_word && (out.empty() || !is_letter(out[0]))) {
    out = '_' + out.substr(0, kept_of_long_names - 1);
  }
  return out + '_' + digest_hex(whole, digest_digits);
}

bool same(const Tool& a, const Tool& b) {
  return a.kind == b.kind && a.description == b.description && a.schema == b.schema &&
         a.strict == b.strict;
}

}  // namespace

bool NameRule::allows(std::string_view name) const {
  if (name.empty() || name.size() > most) return false;
  if (starts_as_word && !is_letter(name[0]) && name[0] != '_') return false;
  return std::all_of(name.begin(), name.end(), [this](char c) { return takes(*this, c); });
}

ToolNames::ToolNames(const chat::Request& request, NameRule rule) : rule_(rule) {
  // Names that may stay as they are come first, so that none of them is another's spelling.
  for (const bool plain : {true, false}) {
    const auto take = [&](std::string_view group, std::string_view name, bool freeform) {
      if (!name.empty() && (group.empty() && rule_.allows(name)) == plain) {
        add(group, name, freeform);
      }
    };
    for (const Tool& tool : request.tools) {
      if (tool.kind != Tool::Kind::hosted) {
        take(tool.group, tool.name, tool.kind == Tool::Kind::freeform);
      }
    }
    for (const chat::Turn& turn : request.turns) {
      for (const chat::Part& part : turn.parts) {
        const auto* call = std::get_if<chat::ToolCall>(&part);
        if (call) take(call->group, call->name, call->freeform);
      }
    }
  }
}

void ToolNames::add(std::string_view group, std::string_view name, bool freeform) {
  Key key{group, name};
  if (written_.contains(key)) return;
  std::string spelled = flat(group, name);
  for (std::size_t attempt = 0; !rule_.allows(spelled) || means_.contains(spelled); ++attempt) {
    spelled = digested(rule_, group, name, attempt);
  }
  chat::ToolCall meant;
  meant.name = name;
  meant.group = group;
  meant.freeform = freeform;
  means_.emplace(spelled, std::move(meant));
  written_.emplace(std::move(key), std::move(spelled));
}

std::string ToolNames::written(std::string_view group, std::string_view name) const {
  const auto found = written_.find(Key{group, name});
  if (found != written_.end()) return found->second;
  std::string spelled = flat(group, name);
  return rule_.allows(spelled) ? spelled : digested(rule_, group, name, 0);
}

std::vector<WrittenRequest::Renamed> ToolNames::renamed(bool takes_freeform) const {
  std::vector<WrittenRequest::Renamed> out;
  for (const auto& [written, meant] : means_) {
    if (written != meant.name || !meant.group.empty() || (meant.freeform && !takes_freeform)) {
      out.push_back({written, meant});
    }
  }
  return out;
}

tl::expected<std::vector<Tool>, Refusal> distinct_tools(const std::vector<Tool>& tools) {
  std::vector<Tool> out;
  out.reserve(tools.size());
  std::map<std::pair<std::string_view, std::string_view>, const Tool*> seen;
  for (const Tool& tool : tools) {
    if (tool.kind != Tool::Kind::hosted) {
      const auto [found, first] = seen.try_emplace({tool.group, tool.name}, &tool);
      if (!first && same(*found->second, tool)) continue;
      if (!first) {
        return tl::unexpected(Refusal{RefusalKind::bad_request,
                                      "two different tools are named '" + tool.name + "'", "tools",
                                      std::nullopt});
      }
    }
    out.push_back(tool);
  }
  return out;
}

chat::JsonText freeform_schema(const Tool& tool) {
  std::string format = "The tool's input as raw text, not as JSON.";
  const Dom document(tool.schema);
  if (document.ok()) {
    // Chat nests the grammar, Responses does not.
    const auto nested = member(document.root(), "grammar");
    const auto grammar = nested ? *nested : document.root();
    const std::string_view definition = text_member(grammar, "definition");
    if (!definition.empty()) {
      format += " It must follow this " + std::string(text_member(grammar, "syntax")) +
                " grammar:\n" + std::string(definition);
    }
  }
  JsonOut out;
  out.object().text("type", "object").object("properties").object("input");
  out.text("type", "string").text("description", format).end_object().end_object();
  out.array("required").text("input").end_array().flag("additionalProperties", false);
  return std::move(out.end_object()).take();
}

chat::JsonText wrap_freeform(std::string_view text) {
  JsonOut out;
  return std::move(out.object().text("input", text).end_object()).take();
}

std::string unwrap_freeform(std::string_view arguments) {
  const Dom document(arguments);
  if (!document.ok()) return std::string(arguments);
  const auto input = member(document.root(), "input");
  std::string_view text;
  if (!input || input->get_string().get(text) != simdjson::SUCCESS) return std::string(arguments);
  return std::string(text);
}

}  // namespace routerone::dialect
