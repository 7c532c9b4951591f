#include "common/config/listen.h"

#include <fmt/format.h>

#include "common/core/text.h"
#include "common/platform/files.h"

namespace routerone {
namespace {

constexpr std::size_t longest_file = 4096;

ListenAddresses with_hosts(const ListenAddresses& addresses) {
  ListenAddresses out;
  for (const ListenAddress& address : addresses) {
    if (!address.host.empty()) {
      out.push_back(address);
      continue;
    }
    out.push_back({"127.0.0.1", address.port});
    out.push_back({"::1", address.port});
  }
  return out;
}

}  // namespace

std::string to_text(const ListenAddress& address) {
  const bool is_v6 = address.host.find(':') != address.host.npos;
  return fmt::format(fmt::runtime(is_v6 ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

Result<ListenAddresses> choose_addresses(const Paths& paths, const ListenAddresses& said) {
  if (!said.empty()) return with_hosts(said);
  TRY(const auto of_environment, listen_address_of_environment());
  if (of_environment) return with_hosts({*of_environment});
  TRY(const auto remembered, remembered_addresses(paths));
  return with_hosts(remembered.empty() ? ListenAddresses{{"", default_port}} : remembered);
}

Status check_metrics_address(const ListenAddress& address) {
  const std::string& host = address.host;
  if (!host.empty() && host != "127.0.0.1" && host != "::1" && host != "localhost")
    return fail(ErrorKind::invalid,
                fmt::format("--metrics {} is not a loopback address", printable(host, 64)),
                "use 127.0.0.1:PORT or [::1]:PORT; a collector elsewhere reads it through ssh -L");
  if (address.port == 0)
    return fail(ErrorKind::invalid, "--metrics needs a port", "for example 127.0.0.1:9464");
  return {};
}

Result<ListenAddresses> remembered_addresses(const Paths& paths) {
  const auto text = read_file(paths.listen_file(), longest_file);
  if (!text && text.error().kind == ErrorKind::not_found) return ListenAddresses();
  if (!text) return tl::unexpected(text.error());
  ListenAddresses addresses;
  for (const std::string_view line : split(*text, '\n')) {
    if (trim(line).empty()) continue;
    auto address = parse_listen_address(std::string(trim(line)));
    if (!address)
      return fail(ErrorKind::invalid,
                  fmt::format("{}: {}", paths.listen_file().string(), address.error().message),
                  fmt::format("routerone up --listen {}", default_port));
    addresses.push_back(*std::move(address));
  }
  return addresses;
}

Status remember_addresses(const Paths& paths, const std::vector<std::string>& listening) {
  return write_file_atomic(paths.listen_file(), fmt::format("{}\n", fmt::join(listening, "\n")));
}

}  // namespace routerone
