#include "cli/commands/service_unit.h"

#include <fmt/format.h>

namespace routerone::cli {
namespace {

constexpr std::string_view mark = "# Written by routerone up, which also replaces it.\n";

// Only what needs no namespace of its own stands here: a user's manager may not make one. What the
// daemon never does is refused to it; the network, its files and its threads are as ever.
constexpr const char* service = R"([Unit]
Description=routerone, an LLM gateway for this user
Documentation=man:routeroned(8)
# A daemon that dies again and again is left alone, and routerone up says why.
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart={} --log file
# Answers under way get 30 s.
TimeoutStopSec=40
# A new version may have to go through a large database once.
TimeoutStartSec=5min
WatchdogSec=15
Restart=on-failure
RestartSec=200ms
# It said why it cannot start: trying again changes nothing.
RestartPreventExitStatus=1 2

UMask=0077
LimitCORE=0
LimitNOFILE=65536
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap

[Install]
WantedBy=default.target
)";

constexpr const char* socket = R"([Unit]
Description=The port of routerone
Documentation=man:routeroned(8)

[Socket]
ListenStream=127.0.0.1:7411
ListenStream=[::1]:7411
BindIPv6Only=ipv6-only
# Where this machine has no IPv6 the other address is enough.
FreeBind=yes
Backlog=4096
NoDelay=yes

[Install]
WantedBy=sockets.target
)";

/// systemd reads `%` and, in ExecStart=, quotes, backslashes and `$` as more than themselves.
std::string quoted_for_systemd(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '%' || c == '$') out += c;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string program_word(const std::string& path) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";
  return path.find_first_not_of(plain) == path.npos ? path : quoted_for_systemd(path);
}

}  // namespace

std::string service_unit_text(const std::filesystem::path& daemon) {
  return std::string(mark) + fmt::format(fmt::runtime(service), program_word(daemon.string()));
}

std::string socket_unit_text() { return std::string(mark) + socket; }

std::string socket_addresses_text(const ListenAddresses& addresses) {
  std::string text = std::string(mark) + "[Socket]\nListenStream=\n";
  for (const ListenAddress& address : addresses)
    text += fmt::format("ListenStream={}\n", to_text(address));
  return text;
}

std::string service_metrics_text(const std::filesystem::path& daemon, const std::string& address) {
  return std::string(mark) +
         fmt::format("[Service]\nExecStart=\nExecStart={} --log file --metrics {}\n",
                     program_word(daemon.string()), address);
}

std::filesystem::path user_unit_folder(const Environment& environment) {
  const auto set = environment.find("XDG_CONFIG_HOME");
  const bool absolute = set != environment.end() && set->second.starts_with('/');
  const std::filesystem::path config =
      absolute ? std::filesystem::path(set->second) : home_of(environment) / ".config";
  return config / "systemd" / "user";
}

bool is_ours(std::string_view unit) { return unit.starts_with(mark); }

}  // namespace routerone::cli
