// Checks: is the machine such that requests, certificates and budgets can be right?
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/doctor_check.h"
#include "cli/commands/views.h"
#include "common/core/text.h"
#include "common/platform/time_zone.h"

namespace routerone::cli {
namespace {

constexpr std::chrono::hours catalog_is_old_after{180 * 24};

/// When the catalog of the daemon was made: no clock that is right can show less.
std::optional<WallTime> catalog_date(const Findings& found) {
  std::string date = text_of(part_of(found.daemon.status, "catalog"), "generated");
  if (date.size() == 10) date += "T00:00:00Z";
  const auto time = parse_rfc3339(date);
  return time ? std::optional(*time) : std::nullopt;
}

Verdict clock(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  const auto made = catalog_date(found);
  const std::string shown = format_rfc3339(found.now);
  if (made && found.now < *made)
    return broken(
        fmt::format("it shows {}, before the catalog was made ({})", shown, format_rfc3339(*made)),
        "sudo timedatectl set-ntp true");
  return fine(shown);
}

Verdict newest_row(const Findings& found) {
  if (found.daemon.newest.is_null()) return unasked(found);
  constexpr std::chrono::minutes leeway{2};
  if (found.daemon.newest.empty()) return fine("there is no row yet");
  const auto time = parse_rfc3339(text_of(found.daemon.newest.front(), "time"));
  if (!time || *time <= found.now + leeway) return fine("the newest row is from before now");
  return doubtful(fmt::format("the newest row is from {}, and it is {}: the clock was put back",
                              format_rfc3339(*time), format_rfc3339(found.now)),
                  "sudo timedatectl set-ntp true");
}

Verdict time_zones(const Findings& found) {
  if (!found.knows_zones)
    return broken("this machine has no time zone database: budgets by the calendar are in UTC",
                  "sudo apt install tzdata");
  std::string said = found.variable("TZ");
  if (said.starts_with(':')) said.erase(0, 1);
  if (!said.empty() && !said.starts_with('/') && !time_zone_exists(said))
    return doubtful(fmt::format("TZ={} is no time zone of the database: new budgets are in UTC",
                                printable(said, 60)),
                    "export TZ=Europe/Berlin, or unset TZ");
  return fine(machine_time_zone());
}

Verdict system_certificates(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  for (const Json& bundle : part_of(found.daemon.checkup, "certificates")) {
    if (!text_of(bundle, "file").empty()) continue;
    const std::string trouble = text_of(bundle, "trouble");
    if (!trouble.empty() || whole_of(bundle, "count") == 0)
      return broken(trouble.empty() ? "no certificate is trusted" : trouble,
                    "sudo apt install ca-certificates");
    return fine(fmt::format("{} trusted", whole_of(bundle, "count")));
  }
  return unasked(found);
}

Verdict own_certificates(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  for (const Json& provider : part_of(found.daemon.checkup, "providers")) {
    const std::string file = text_of(provider, "ca_file");
    if (file.empty()) continue;
    for (const Json& bundle : part_of(found.daemon.checkup, "certificates")) {
      if (text_of(bundle, "file") != file || text_of(bundle, "trouble").empty()) continue;
      const std::string id = text_of(provider, "id");
      return broken(fmt::format("{}: {}", id, text_of(bundle, "trouble")),
                    fmt::format("routerone providers update {} --ca-file FILE", id));
    }
  }
  return fine("every --ca-file loads");
}

/// Variables by which programs are told of a proxy; either case.
std::vector<std::pair<std::string, std::string>> proxies(const Findings& found) {
  std::vector<std::pair<std::string, std::string>> set;
  for (const char* name : {"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"})
    for (const std::string& spelling : {std::string(name), lower(name)})
      if (const std::string value = found.variable(spelling); !value.empty())
        set.emplace_back(spelling, value);
  return set;
}

/// `host:port` of a URL, without a login that may stand in it.
std::string place_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (const auto login = url.rfind('@'); login != url.npos) url.remove_prefix(login + 1);
  return std::string(url);
}

bool is_local(std::string_view place) {
  return place.starts_with("127.") || place.starts_with("localhost") || place.starts_with("[::1]");
}

Verdict proxy_loop(const Findings& found) {
  const auto listening = strings_of(found.daemon.status, "listening");
  for (const auto& [name, value] : proxies(found)) {
    const std::string place = place_of(value);
    const auto colon = place.rfind(':');
    if (!is_local(place) || colon == place.npos) continue;
    for (const std::string& address : listening)
      if (address.ends_with(place.substr(colon)))
        return broken(
            fmt::format("{} leads to routerone's own port; it is a gateway, no proxy", name),
            "unset " + name);
  }
  return fine("no proxy variable leads to ourselves");
}

Verdict proxy_exceptions(const Findings& found) {
  const auto set = proxies(found);
  if (set.empty()) return fine("no proxy is set");
  std::string said = found.variable("no_proxy");
  if (said.empty()) said = found.variable("NO_PROXY");
  for (const std::string_view host : split(said, ','))
    if (trim(host) == "*" || trim(host).starts_with("127.")) return fine("127.0.0.1 is excepted");
  return doubtful(fmt::format("{} is set and NO_PROXY lacks 127.0.0.1: programs would look for "
                              "routerone at the proxy",
                              set.front().first),
                  "export NO_PROXY=127.0.0.1,localhost,::1 no_proxy=127.0.0.1,localhost,::1");
}

/// Is it enabled, elsewhere, and asked without a proxy?
bool goes_directly(const Json& provider) {
  const Json& places = part_of(provider, "places");
  return flag_of(provider, "enabled") && text_of(provider, "proxy").empty() &&
         std::any_of(places.begin(), places.end(),
                     [](const Json& place) { return !flag_of(place, "local"); });
}

Verdict unused_proxy(const Findings& found) {
  const auto set = proxies(found);
  if (set.empty()) return fine("no proxy is set");
  if (found.daemon.checkup.is_null()) return unasked(found);
  for (const Json& provider : part_of(found.daemon.checkup, "providers"))
    if (goes_directly(provider))
      return doubtful(
          fmt::format("{} is set, but the daemon obeys none: {} is asked directly",
                      set.front().first, text_of(provider, "id")),
          fmt::format("routerone providers update {} --proxy http://{}", text_of(provider, "id"),
                      printable(place_of(set.front().second), 80)));
  return fine("no provider elsewhere is asked without one");
}

Verdict bundle_variables(const Findings& found) {
  if (found.missing_bundles.empty()) return fine("each names a file that is there");
  const std::string& first = found.missing_bundles.front();
  return doubtful(some_of(found.missing_bundles) + " cannot be read: agents that use it fail",
                  "unset " + first.substr(0, first.find('=')));
}

Verdict catalog_update(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  const std::string trouble = text_of(part_of(found.daemon.status, "catalog"), "trouble");
  if (trouble.empty()) return fine(text_of(part_of(found.daemon.status, "catalog"), "generated"));
  return broken("the update is not in force: " + trouble, "routerone models update --file CATALOG");
}

Verdict catalog_age(const Findings& found) {
  const auto made = catalog_date(found);
  if (!made) return unasked(found);
  const auto days = std::chrono::duration_cast<std::chrono::hours>(found.now - *made).count() / 24;
  const std::string evidence = fmt::format("{} days old", std::max<long>(days, 0));
  if (found.now - *made < catalog_is_old_after) return fine(evidence);
  return doubtful(evidence + ": prices and models may be others by now",
                  "install a newer routerone, or: routerone models update --file CATALOG");
}

}  // namespace

std::vector<Check> machine_checks() {
  return {
      {"clock", "the clock can be right", clock},
      {"clock-back", "the clock was not put back", newest_row},
      {"time-zones", "time zones are known", time_zones},
      {"certificates", "the system's certificates load", system_certificates},
      {"own-certificates", "the providers' own certificates load", own_certificates},
      {"proxy-loop", "no proxy variable leads to ourselves", proxy_loop},
      {"proxy-exceptions", "programs reach us past a proxy", proxy_exceptions},
      {"proxy-unused", "a proxy that is needed is used", unused_proxy},
      {"bundle-variables", "certificate variables name files that are there", bundle_variables},
      {"catalog-update", "the catalog's update is in force", catalog_update},
      {"catalog-age", "the catalog is not old", catalog_age},
  };
}

}  // namespace routerone::cli
