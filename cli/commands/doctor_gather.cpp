#include "cli/commands/doctor_gather.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <thread>

#include "cli/agents/setup.h"
#include "cli/agents/setup_record.h"
#include "cli/commands/doctor_check.h"
#include "common/core/text.h"
#include "common/platform/captured.h"
#include "common/platform/files.h"
#include "common/platform/process.h"
#include "common/platform/time_zone.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

constexpr Millis patience_with_program{5'000};
constexpr std::size_t largest_configuration = 4u << 20;

std::string variable_of(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

/// `routeroned 1.2.3`
std::string version_of(const fs::path& program) {
  const auto said = within(patience_with_program, [program]() -> Result<Json> {
    TRY(const Captured done, run_captured({program.string(), "--version"}));
    return Json(done.code == 0 ? done.output : "");
  });
  if (!said || !*said) return "";
  const std::string output = (*said)->get<std::string>();
  const std::string line(trim(split(output, '\n').front()));
  return printable(line.substr(line.rfind(' ') + 1), 40);
}

std::vector<fs::path> on_path(const Environment& environment, const char* name) {
  std::vector<fs::path> found;
  std::error_code failed;
  const std::string path = variable_of(environment, "PATH");
  for (const std::string_view folder : split(path, ':')) {
    const fs::path file = fs::path(folder) / name;
    if (!folder.starts_with('/') || ::access(file.c_str(), X_OK) != 0) continue;
    const fs::path real = fs::canonical(file, failed);
    if (failed || std::find(found.begin(), found.end(), real) != found.end()) continue;
    found.push_back(real);
  }
  return found;
}

/// `127.0.0.1:7411` of every `http://127.0.0.1:7411/..` in a text.
void add_addresses(std::string_view text, std::vector<std::string>& addresses) {
  for (const std::string_view host : {"127.0.0.1", "localhost", "[::1]"}) {
    const std::string start = fmt::format("http://{}:", host);
    for (auto at = text.find(start); at != text.npos; at = text.find(start, at + 1)) {
      const std::string_view rest = text.substr(at + start.size(), 6);
      const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
      addresses.push_back(fmt::format("{}:{}", host, rest.substr(0, digits)));
    }
  }
}

SetupFindings look_at(const std::string& tool, const Result<std::optional<SetupRecord>>& record) {
  SetupFindings found{tool, "", "", {}};
  if (!record) {
    found.trouble = record.error().message;
    return found;
  }
  found.key = (*record)->key;
  for (const SetupRecord::File& file : (*record)->files) {
    const auto text = read_file(file.path, largest_configuration);
    if (text)
      add_addresses(*text, found.addresses);
    else
      found.trouble = text.error().message;
  }
  return found;
}

}  // namespace

std::optional<Result<Json>> within(Millis limit, std::function<Result<Json>()> work) {
  auto task = std::make_shared<std::packaged_task<Result<Json>()>>(std::move(work));
  auto done = task->get_future();
  std::thread([task] { (*task)(); }).detach();
  if (done.wait_for(limit) == std::future_status::ready) return done.get();
  return std::nullopt;
}

ProgramFindings gather_programs(const Environment& environment) {
  ProgramFindings found;
  std::error_code failed;
  if (const auto own = executable_path()) found.own = fs::weakly_canonical(*own, failed);
  if (const auto daemon = find_program("routeroned")) {
    found.daemon = *daemon;
    found.daemon_version = version_of(*daemon);
  }
  found.on_path = on_path(environment, "routerone");
  return found;
}

std::vector<SetupFindings> gather_setups(const Paths& paths) {
  std::vector<SetupFindings> found;
  for (const std::string& tool : setup_tools()) {
    const auto record = read_record(paths.state_dir / "setup" / tool);
    if (!record || *record) found.push_back(look_at(tool, record));
  }
  return found;
}

std::vector<std::string> gather_missing_bundles(const Environment& environment) {
  std::vector<std::string> missing;
  for (const char* name :
       {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
    const std::string file = variable_of(environment, name);
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
      missing.push_back(fmt::format("{}={}", name, file));
  }
  return missing;
}

Findings gather(Call& call) {
  Findings found;
  found.now = call.clock().wall();
  found.user = ::geteuid();
  found.environment = environment_of_process();
  found.paths = call.paths();
  found.knows_zones = time_zone_exists("Europe/London");
  found.programs = gather_programs(found.environment);
  // The folders of runs before the keys of runs: one that begins now is then in neither.
  found.runtime = gather_runtime(call.paths(), found.user);
  found.state = gather_state(call.paths());
  found.daemon = gather_daemon(call.daemon());
  found.ports = gather_ports(call.paths(), found.daemon);
  found.setups = gather_setups(call.paths());
  found.installed = gather_installed(found.environment, found.programs);
  found.missing_bundles = gather_missing_bundles(found.environment);
  return found;
}

}  // namespace routerone::cli
