#include "cli/agents/setup.h"

#include <fmt/format.h>

#include <array>

#include "cli/agents/scratch.h"
#include "cli/agents/setup_parts.h"
#include "common/core/text.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

struct Tool {
  const char* name;
  Result<SetupPlan> (*plan)(const Endpoint&, const Surroundings&);
};

constexpr std::array tools = {
    Tool{"codex", setup_codex},       Tool{"claude", setup_claude}, Tool{"gemini", setup_gemini},
    Tool{"opencode", setup_opencode}, Tool{"qwen", setup_qwen},     Tool{"pi", setup_pi},
    Tool{"cline", setup_cline},       Tool{"crush", setup_crush},
};

Result<std::optional<std::string>> present(const fs::path& file) {
  auto text = read_file(file, 4 << 20);
  if (text) return std::optional(std::move(*text));
  if (text.error().kind == ErrorKind::not_found) return std::optional<std::string>();
  return tl::unexpected(std::move(text).error());
}

/// The line that gives a variable its value, as a shell or dotenv reads it.
bool assigns(std::string_view line, std::string_view name) {
  line = trim(line);
  if (line.starts_with("export ")) line = trim(line.substr(7));
  return line.starts_with(name) && trim(line.substr(name.size())).starts_with('=');
}

std::string with_variable(const std::string& text, const std::string& name,
                          const std::string& value) {
  const std::string wanted = fmt::format("{}={}", name, value);
  std::string changed;
  bool found = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    const bool hit = assigns(line, name);
    found = found || hit;
    changed += hit ? std::string_view(wanted) : line;
    if (end < text.size()) changed += '\n';
    at = end + 1;
  }
  if (found) return changed;
  if (!changed.empty() && changed.back() != '\n') changed += '\n';
  return changed + wanted + "\n";
}

}  // namespace

std::vector<std::string> setup_tools() {
  std::vector<std::string> names;
  for (const Tool& tool : tools) names.emplace_back(tool.name);
  return names;
}

Result<SetupPlan> plan_setup(const std::string& tool, const Endpoint& endpoint,
                             const Surroundings& around) {
  for (const Tool& one : tools) {
    if (tool != one.name) continue;
    TRY(auto plan, one.plan(endpoint, around));
    for (FileChange& change : plan.files)
      change.holds_key = change.after.find(endpoint.key) != std::string::npos;
    return plan;
  }
  return fail(ErrorKind::invalid, fmt::format("\"{}\" cannot be set up", printable(tool, 40)),
              fmt::format("one of: {}", fmt::join(setup_tools(), ", ")));
}

Result<FileChange> change_json(const fs::path& file, const Settings& settings) {
  FileChange change{file, {}, {}, false};
  TRY(change.before, present(file));
  std::string text = change.before.value_or("");
  for (const auto& [path, value] : settings) {
    auto changed = set_member(text, path, value);
    if (!changed)
      return fail(changed.error().kind,
                  fmt::format("{}: {}", printable(file.string(), 256), changed.error().message),
                  "mend the file by hand; nothing was changed");
    text = std::move(*changed);
  }
  change.after = std::move(text);
  return change;
}

Result<FileChange> change_variables(
    const fs::path& file, const std::vector<std::pair<std::string, std::string>>& variables) {
  FileChange change{file, {}, {}, false};
  TRY(change.before, present(file));
  change.after = change.before.value_or("");
  for (const auto& [name, value] : variables)
    change.after = with_variable(change.after, name, value);
  return change;
}

Result<FileChange> whole_file(const fs::path& file, std::string text) {
  FileChange change{file, {}, std::move(text), false};
  TRY(change.before, present(file));
  return change;
}

fs::path folder_at(const Surroundings& around, const std::string& variable,
                   const fs::path& otherwise) {
  const auto found = around.environment.find(variable);
  if (found == around.environment.end() || found->second.empty()) return around.home / otherwise;
  if (found->second.starts_with("~/")) return around.home / found->second.substr(2);
  return found->second;
}

Status needs_model(std::string_view tool, const Endpoint& endpoint) {
  if (!endpoint.model.empty()) return {};
  return fail(ErrorKind::invalid, fmt::format("{} must be told a model of a gateway's", tool),
              fmt::format("routerone setup {} --model MODEL; routerone models list", tool));
}

}  // namespace routerone::cli
