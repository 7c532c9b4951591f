#include "daemon/dialect/gemini/tool_reader.h"

#include <string>
#include <utility>

#include "daemon/dialect/gemini/schema_reader.h"
#include "daemon/dialect/gemini/signatures.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/json_text.h"

namespace routerone::dialect::gemini {
namespace {

using Mode = chat::ToolChoice::Mode;

void read_function(Element said, const std::string& path, chat::Request& out, Findings& findings) {
  chat::Tool tool;
  tool.name = text_field(said, "name");
  if (tool.name.empty()) return findings.wrong(path + ".name", "is required");
  tool.description = text_field(said, "description");
  if (const auto schema = field(said, "parametersJsonSchema")) {
    tool.schema = json_text(*schema);
  } else if (const auto older = field(said, "parameters")) {
    tool.schema = json_schema_of(*older);
  }
  out.tools.push_back(std::move(tool));
}

void read_functions(Element list, const std::string& path, chat::Request& out, Findings& findings) {
  simdjson::dom::array functions;
  if (list.get_array().get(functions) != simdjson::SUCCESS) {
    return findings.wrong(path, "must be a list");
  }
  std::size_t i = 0;
  for (const Element each : functions) {
    read_function(each, path + "[" + std::to_string(i++) + "]", out, findings);
  }
}

/// A tool that the provider runs, under the name of its member.
chat::Tool hosted(const std::string& name, Element settings) {
  chat::Tool tool;
  tool.kind = chat::Tool::Kind::hosted;
  tool.name = name;
  tool.origin = own_id;
  JsonOut raw;
  raw.object().raw(name, json_text(settings)).end_object();
  tool.raw = std::move(raw).take();
  return tool;
}

void read_allowed(Element calling, chat::ToolChoice& choice) {
  const auto names = field(calling, "allowedFunctionNames");
  simdjson::dom::array list;
  if (!names || names->get_array().get(list) != simdjson::SUCCESS) return;
  for (const Element each : list) {
    std::string_view name;
    if (each.get_string().get(name) == simdjson::SUCCESS) choice.only.emplace_back(name);
  }
  if (choice.mode == Mode::required && choice.only.size() == 1) {
    choice.mode = Mode::one;
    choice.name = std::exchange(choice.only, {}).front();
  }
}

}  // namespace

void read_tools(Element tools, chat::Request& out, Findings& findings) {
  simdjson::dom::array list;
  if (tools.get_array().get(list) != simdjson::SUCCESS) {
    return findings.wrong("tools", "must be a list");
  }
  std::size_t i = 0;
  for (const Element entry : list) {
    const std::string path = "tools[" + std::to_string(i++) + "]";
    simdjson::dom::object tool;
    if (entry.get_object().get(tool) != simdjson::SUCCESS) {
      findings.wrong(path, "must be an object");
      continue;
    }
    for (const auto [name, value] : tool) {
      const std::string known = camel_case(name);
      if (value.is_null()) continue;
      if (known == "functionDeclarations") {
        read_functions(value, path + "." + known, out, findings);
      } else {
        out.tools.push_back(hosted(known, value));
      }
    }
  }
}

void read_tool_config(Element config, chat::Request& out, Findings& findings) {
  if (field(config, "retrievalConfig")) findings.hint("toolConfig.retrievalConfig");
  const auto calling = field(config, "functionCallingConfig");
  if (!calling) return;
  const std::string_view mode = text_field(*calling, "mode");
  chat::ToolChoice& choice = out.choice;
  if (mode == "ANY") {
    choice.mode = Mode::required;
  } else if (mode == "NONE") {
    choice.mode = Mode::none;
  } else if (mode == "VALIDATED") {
    for (chat::Tool& tool : out.tools) {
      if (tool.kind == chat::Tool::Kind::function) tool.strict = true;
    }
  } else if (!mode.empty() && mode != "AUTO" && mode != "MODE_UNSPECIFIED") {
    findings.wrong("toolConfig.functionCallingConfig.mode", "is not a known mode");
  }
  read_allowed(*calling, choice);
  if (flag_field(*calling, "streamFunctionCallArguments")) {
    findings.hint("toolConfig.functionCallingConfig.streamFunctionCallArguments");
  }
}

}  // namespace routerone::dialect::gemini
