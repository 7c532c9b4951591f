// Checks: do the variables of this shell lead programs here, with a key of ours? A key itself is
// never shown: it is told by the name of the variable and, if it is ours, by its own name.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/commands/doctor_check.h"
#include "cli/commands/views.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::string_view key_prefix = "sk-rk-";
constexpr std::size_t hint_length = 10;

/// The variables of one family of SDKs, and what their base URL ends in.
struct Family {
  std::vector<std::string> bases, keys;
  const char* path;
};
const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {{"OPENAI_BASE_URL", "OPENAI_API_BASE"}, {"OPENAI_API_KEY"}, "/v1"},
      {{"ANTHROPIC_BASE_URL"}, {"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"}, ""},
      {{"GOOGLE_GEMINI_BASE_URL"}, {"GEMINI_API_KEY", "GOOGLE_API_KEY"}, ""},
  };
  return all;
}

struct Base {
  std::string variable, host, path;
  int port = 0;
};

/// `http://127.0.0.1:7411/v1`; a login in it is left out.
Base read_base(const std::string& variable, std::string_view url) {
  Base base{variable, "", "", 0};
  base.port = url.starts_with("http://") ? 80 : 443;
  if (const auto scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  const auto slash = std::min(url.find('/'), url.size());
  base.path = url.substr(slash);
  while (base.path.ends_with('/')) base.path.pop_back();
  std::string_view place = url.substr(0, slash);
  if (const auto login = place.rfind('@'); login != place.npos) place.remove_prefix(login + 1);
  const auto colon = place.rfind(':');
  if (const auto port = colon == place.npos ? std::nullopt : parse_uint(place.substr(colon + 1));
      port && *port <= 65'535) {
    base.port = static_cast<int>(*port);
    place = place.substr(0, colon);
  }
  base.host = lower(place);
  return base;
}

std::optional<Base> base_of(const Family& family, const Findings& found) {
  for (const std::string& name : family.bases)
    if (const std::string value = found.variable(name); !value.empty())
      return read_base(name, value);
  return std::nullopt;
}

bool is_local(const Base& base) {
  return base.host == "localhost" || base.host == "[::1]" || base.host.starts_with("127.");
}

bool is_here(const Base& base, const Findings& found) {
  const auto listening = strings_of(found.daemon.status, "listening");
  return is_local(base) && std::any_of(listening.begin(), listening.end(), [&](const auto& at) {
           return at.ends_with(fmt::format(":{}", base.port));
         });
}

/// The variable that SDKs of the family take their key from; empty: none is set.
std::string key_variable_of(const Family& family, const Findings& found) {
  for (const std::string& name : family.keys)
    if (!found.variable(name).empty()) return name;
  return "";
}

bool has_key_of_ours(const Family& family, const Findings& found) {
  return found.variable(key_variable_of(family, found)).starts_with(key_prefix);
}

std::string address_of(const Findings& found) {
  const auto listening = strings_of(found.daemon.status, "listening");
  return listening.empty() ? fmt::format("127.0.0.1:{}", default_port) : listening.front();
}

std::string export_base(const std::string& variable, const Family& family, const Findings& found) {
  return fmt::format("export {}=http://{}{}", variable, address_of(found), family.path);
}

Verdict base_ports(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  for (const Family& family : families()) {
    const auto base = base_of(family, found);
    if (!base || !is_local(*base) || is_here(*base, found)) continue;
    if (!has_key_of_ours(family, found) && base->port != default_port) continue;  // another server
    return broken(fmt::format("{} says port {}, the daemon listens on {}", base->variable,
                              base->port, list_of(found.daemon.status, "listening")),
                  export_base(base->variable, family, found));
  }
  return fine("none names a port that is not the daemon's");
}

Verdict base_paths(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  for (const Family& family : families()) {
    const auto base = base_of(family, found);
    if (!base || !is_here(*base, found) || base->path == family.path) continue;
    return broken(fmt::format("{} ends in \"{}\" and should in \"{}\"", base->variable,
                              printable(base->path, 60), family.path),
                  export_base(base->variable, family, found));
  }
  return fine("each ends as it should");
}

/// What is known of a key of ours by its first characters; null: nobody knows it.
Json known_key(const std::string& key, const Findings& found) {
  Json last;
  for (const Json& one : found.daemon.keys) {
    const std::string hint = text_of(one, "hint");
    if (hint.size() < hint_length || !key.starts_with(hint)) continue;
    if (text_of(one, "state") == "active") return one;
    last = one;
  }
  return last;
}

Verdict judge_key(const std::string& variable, const Findings& found) {
  const std::string key = found.variable(variable);
  const std::string mend = fmt::format("export {}=$(routerone keys create NAME --quiet)", variable);
  if (!key.starts_with(key_prefix))
    return broken(variable + " is not a key of routerone's, but its base URL is", mend);
  const Json known = known_key(key, found);
  if (known.is_null())
    return broken(variable + " is a key that this routerone does not know", mend);
  const std::string state = text_of(known, "state");
  if (state == "active") return fine(fmt::format("{} is {}", variable, text_of(known, "name")));
  return broken(
      fmt::format("{} is the key {}, which is {}", variable, text_of(known, "name"), state), mend);
}

Verdict base_keys(const Findings& found) {
  if (found.daemon.keys.is_null()) return unasked(found);
  for (const Family& family : families()) {
    const auto base = base_of(family, found);
    if (!base || !is_here(*base, found)) continue;
    const std::string variable = key_variable_of(family, found);
    if (variable.empty())
      return doubtful(
          fmt::format("{} leads here and no key is set", base->variable),
          fmt::format("export {}=$(routerone keys create NAME --quiet)", family.keys.back()));
    const Verdict verdict = judge_key(variable, found);
    if (verdict.kind != Verdict::Kind::ok) return verdict;
  }
  return fine("every base URL that leads here has a good key");
}

Verdict stray_keys(const Findings& found) {
  for (const Family& family : families()) {
    if (!has_key_of_ours(family, found)) continue;
    const auto base = base_of(family, found);
    if (base && is_local(*base)) continue;
    return broken(fmt::format("{} is a key of routerone's, but {}", key_variable_of(family, found),
                              base ? base->variable + " leads elsewhere"
                                   : family.bases.front() + " is not set: it goes to the provider"),
                  export_base(family.bases.front(), family, found));
  }
  return fine("no key of ours is sent elsewhere");
}

/// Where both are set, which one is sent depends on the program.
Verdict rival_keys(const Findings& found) {
  for (const Family& family : families()) {
    std::vector<std::string> set;
    for (const std::string& name : family.keys)
      if (!found.variable(name).empty()) set.push_back(name);
    if (set.size() < 2 || found.variable(set[0]) == found.variable(set[1])) continue;
    const bool ours = found.variable(set[0]).starts_with(key_prefix) ||
                      found.variable(set[1]).starts_with(key_prefix);
    if (!ours) continue;
    return doubtful(some_of(set) + " are both set and differ; programs choose by themselves",
                    "unset " + set[1]);
  }
  return fine("no two variables say different keys");
}

}  // namespace

std::vector<Check> environment_checks() {
  return {
      {"base-url-port", "base URLs name the daemon's port", base_ports},
      {"base-url-path", "base URLs end as each SDK wants", base_paths},
      {"base-url-key", "base URLs that lead here have a good key", base_keys},
      {"stray-key", "no key of ours is sent elsewhere", stray_keys},
      {"rival-keys", "no two variables say different keys", rival_keys},
  };
}

}  // namespace routerone::cli
