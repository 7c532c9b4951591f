#include "cli/commands/user_service.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "cli/commands/service_unit.h"
#include "common/core/text.h"
#include "common/platform/captured.h"
#include "common/platform/descriptor.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

Result<Captured> systemctl(Strings words) {
  words.insert(words.begin(), {"systemctl", "--user", "--no-pager"});
  return run_captured(words);
}

/// `NAME=VALUE` lines, as `show` and `show-environment` print them.
Environment assignments_in(std::string_view text) {
  Environment out;
  for (const std::string_view line : split(text, '\n')) {
    const auto equals = line.find('=');
    if (equals != line.npos) out.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return out;
}

std::string value_in(const Environment& values, const char* name) {
  const auto found = values.find(name);
  return found == values.end() ? "" : found->second;
}

/// A manager of the user's listens there.
bool manager_listens(const fs::path& runtime_dir) {
  const std::string path = (runtime_dir / "systemd" / "private").string();
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() >= sizeof to.sun_path) return false;
  std::memcpy(to.sun_path, path.data(), path.size());
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  return socket && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

/// Would a daemon that it starts use the folders that we use?
bool means_our_folders(const Environment& theirs, const Paths& ours) {
  const std::string state = value_in(theirs, "XDG_STATE_HOME"), home = value_in(theirs, "HOME");
  const fs::path state_home =
      state.starts_with('/') ? fs::path(state) : fs::path(home) / ".local" / "state";
  return value_in(theirs, "ROUTERONE_HOME").empty() && ours.state_dir == state_home / "routerone" &&
         ours.runtime_dir == fs::path(value_in(theirs, "XDG_RUNTIME_DIR")) / "routerone";
}

Status must_work(const Result<Captured>& done, std::string_view what) {
  if (!done) return tl::unexpected(done.error());
  if (done->code == 0) return {};
  const std::string_view said = split(done->output, '\n').front();
  return fail(ErrorKind::unavailable,
              fmt::format("systemd could not {} routeroned: {}", what, printable(said, 300)),
              "systemctl --user status routeroned.socket routeroned.service");
}

/// Writes it if it is not there like that; says whether it did.
Result<bool> put(const fs::path& file, const std::string& text) {
  const auto before = read_file(file, 1 << 16);
  if (before && *before == text) return false;
  TRY_STATUS(ensure_private_dir(file.parent_path()));
  TRY_STATUS(write_file_atomic(file, text));
  return true;
}

}  // namespace

bool can_be_activated(const ListenAddresses& addresses) {
  return std::all_of(addresses.begin(), addresses.end(),
                     [](const ListenAddress& address) { return address.port != 0; });
}

std::optional<UserService> UserService::find(const Paths& paths, const fs::path& daemon) {
  const Environment here = environment_of_process();
  const std::string runtime = value_in(here, "XDG_RUNTIME_DIR");
  if (runtime.empty() || !manager_listens(runtime)) return std::nullopt;
  const auto environment = systemctl({"show-environment"});
  if (!environment || environment->code != 0) return std::nullopt;
  if (!means_our_folders(assignments_in(environment->output), paths)) return std::nullopt;

  UserService service;
  service.folder_ = user_unit_folder(here);
  service.daemon_ = daemon;
  const auto shown =
      systemctl({"show", "-p", "LoadState", "-p", "FragmentPath", "-p", "ExecStart", service_unit});
  if (!shown || shown->code != 0) return std::nullopt;
  const Environment unit = assignments_in(shown->output);
  if (value_in(unit, "LoadState") == "loaded") {
    const auto text = read_file(value_in(unit, "FragmentPath"), 1 << 16);
    service.packaged_ = !text || !is_ours(*text);
    const std::string program = fmt::format("path={} ;", daemon.string());
    const bool same = value_in(unit, "ExecStart").find(program) != std::string::npos;
    if (service.packaged_ && !same) return std::nullopt;
  }
  const auto active = systemctl({"is-active", socket_unit});
  service.holds_port_ = active && active->code == 0;
  return service;
}

Status UserService::write_units() {
  if (packaged_) return {};
  TRY(const bool service, put(folder_ / service_unit, service_unit_text(daemon_)));
  TRY(const bool socket, put(folder_ / socket_unit, socket_unit_text()));
  reload_ = reload_ || service || socket;
  return {};
}

Status UserService::write_addresses(const ListenAddresses& addresses) {
  const fs::path file = folder_ / (std::string(socket_unit) + ".d") / "listen.conf";
  const bool usual = std::all_of(addresses.begin(), addresses.end(), [](const auto& address) {
    return address.port == default_port && address.host != "localhost";
  });
  bool changed = false;
  if (usual && addresses.size() == 2) {
    std::error_code ignored;
    changed = fs::remove(file, ignored);
  } else {
    TRY(changed, put(file, socket_addresses_text(addresses)));
  }
  reload_ = reload_ || changed;
  return changed && holds_port_ ? stop() : Status();
}

Status UserService::write_metrics(const std::string& address) {
  const fs::path file = folder_ / (std::string(service_unit) + ".d") / "metrics.conf";
  bool changed = false;
  if (address.empty()) {
    std::error_code ignored;
    changed = fs::remove(file, ignored);
  } else {
    TRY(changed, put(file, service_metrics_text(daemon_, address)));
  }
  reload_ = reload_ || changed;
  return {};
}

Status UserService::start(const ListenAddresses& addresses, const std::string& metrics) {
  TRY_STATUS(write_units());
  TRY_STATUS(write_metrics(metrics));
  TRY_STATUS(write_addresses(addresses));
  if (reload_) TRY_STATUS(must_work(systemctl({"daemon-reload"}), "load"));
  // Of a daemon that died too often systemd remembers it; this start is a person's.
  (void)systemctl({"reset-failed", service_unit});
  return must_work(systemctl({"start", socket_unit, service_unit}), "start");
}

Status UserService::stop() {
  holds_port_ = false;
  return must_work(systemctl({"stop", socket_unit, service_unit}), "stop");
}

Status UserService::restart() {
  TRY_STATUS(write_units());
  if (reload_) TRY_STATUS(must_work(systemctl({"daemon-reload"}), "load"));
  (void)systemctl({"reset-failed", service_unit});
  return must_work(systemctl({"restart", service_unit}), "restart");
}

}  // namespace routerone::cli
