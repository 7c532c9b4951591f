#include "daemon/control/provider_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "common/core/text.h"
#include "daemon/control/words.h"
#include "daemon/dialect/registry.h"
#include "daemon/routing/endpoint.h"

namespace routerone::control {
namespace {

std::string dialect_ids() {
  std::vector<std::string_view> ids;
  for (const dialect::Dialect* one : dialect::all()) ids.push_back(one->id());
  return fmt::format("{}", fmt::join(ids, ", "));
}

/// `openai-chat,openai-responses` -> registered dialects, in the user's order.
Result<Strings> read_dialects(const std::string& text) {
  Strings ids;
  for (const std::string_view part : split(text, ',')) {
    const dialect::Dialect* found = dialect::find(trim(part));
    if (!found)
      return fail(ErrorKind::invalid,
                  fmt::format("the dialect \"{}\" is not spoken here", printable(part, 40)),
                  "--dialect takes: " + dialect_ids());
    if (std::find(ids.begin(), ids.end(), found->id()) == ids.end()) ids.emplace_back(found->id());
  }
  return ids;
}

Result<AuthScheme> read_auth(const std::string& word) {
  if (const auto scheme = auth_scheme_of(word)) return *scheme;
  return fail(ErrorKind::invalid,
              fmt::format("the auth \"{}\" is not supported", printable(word, 40)),
              "--auth takes: bearer, x-api-key, x-goog-api-key, api-key, none");
}

/// Framing is ours, and a credential belongs in its own file: what stands here stands in
/// control.json, and is shown.
constexpr std::array<std::string_view, 16> refused_headers = {"authorization",
                                                              "x-api-key",
                                                              "x-goog-api-key",
                                                              "api-key",
                                                              "cookie",
                                                              "proxy-authorization",
                                                              "host",
                                                              "content-length",
                                                              "connection",
                                                              "transfer-encoding",
                                                              "te",
                                                              "upgrade",
                                                              "trailer",
                                                              "keep-alive",
                                                              "accept-encoding",
                                                              "expect"};

bool token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

Status check_headers(const Pairs& headers) {
  for (const auto& [name, value] : headers) {
    const bool sound = !name.empty() && std::all_of(name.begin(), name.end(), token_character) &&
                       std::all_of(value.begin(), value.end(), [](unsigned char c) {
                         return c == '\t' || (c >= 0x20 && c != 0x7f);
                       });
    if (!sound)
      return fail(ErrorKind::invalid, fmt::format("\"{}\" is not a header", printable(name, 64)),
                  "write --header 'Name: value'");
    if (std::find(refused_headers.begin(), refused_headers.end(), lower(name)) !=
        refused_headers.end())
      return fail(ErrorKind::invalid, fmt::format("--header cannot set {}", lower(name)),
                  "a credential goes in with --key-from and --auth");
  }
  return {};
}

Status check_variables(const std::map<std::string, std::string>& variables,
                       const std::vector<EndpointRecord>& endpoints) {
  for (const EndpointRecord& endpoint : endpoints) {
    const std::string& url = endpoint.base_url;
    for (auto open = url.find('{'); open != url.npos; open = url.find('{', open + 1)) {
      const auto close = url.find('}', open);
      if (close == url.npos) break;
      const std::string name = url.substr(open + 1, close - open - 1);
      if (!variables.contains(name))
        return fail(ErrorKind::invalid,
                    fmt::format("the base URL {} needs a value for {}", printable(url), name),
                    fmt::format("--set {}=VALUE", name));
    }
  }
  return {};
}

Status check_set(const Pairs& variables) {
  for (const auto& [name, value] : variables) {
    const auto sound = [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '@' && c != '#'; };
    if (name.empty() || value.empty() || !std::all_of(value.begin(), value.end(), sound))
      return fail(ErrorKind::invalid,
                  fmt::format("--set {}: not a value for a URL", printable(name, 40)),
                  "write --set NAME=VALUE");
  }
  return {};
}

std::string trimmed_url(const std::string& url) {
  std::string out(trim(url));
  while (out.ends_with('/')) out.pop_back();
  return out;
}

std::vector<EndpointRecord> catalog_endpoints(const catalog::Provider& provider) {
  std::vector<EndpointRecord> out;
  for (const catalog::ProviderEndpoint& endpoint : provider.endpoints) {
    if (const dialect::Dialect* known = dialect::find(endpoint.dialect))
      out.push_back({std::string(known->id()), std::string(endpoint.base_url)});
  }
  return out;
}

/// Lays --base-url and --dialect over the endpoints there are.
Status apply_endpoints(ProviderRecord& record, const ProviderWish& wish) {
  if (wish.dialect) {
    TRY(const auto ids, read_dialects(*wish.dialect));
    std::vector<EndpointRecord> wanted;
    for (const std::string& id : ids) {
      const auto known = std::find_if(record.endpoints.begin(), record.endpoints.end(),
                                      [&](const EndpointRecord& e) { return e.dialect == id; });
      if (!wish.base_url && known == record.endpoints.end())
        return fail(ErrorKind::invalid,
                    fmt::format("it is not known where {} speaks {}", record.id, id),
                    "say it with --base-url");
      wanted.push_back({id, known == record.endpoints.end() ? std::string() : known->base_url});
    }
    record.endpoints = std::move(wanted);
  }
  if (wish.base_url) {
    // One URL said for a provider of many dialects: only where they share one is it clear.
    if (!wish.dialect && record.endpoints.size() > 1 &&
        !std::all_of(record.endpoints.begin(), record.endpoints.end(), [&](const auto& e) {
          return e.base_url == record.endpoints.front().base_url;
        }))
      record.endpoints.resize(1);
    for (EndpointRecord& endpoint : record.endpoints)
      endpoint.base_url = trimmed_url(*wish.base_url);
  }
  return {};
}

Status check_proxy(std::string_view url) {
  const auto proxy = routing::read_proxy(url);
  if (!proxy) return tl::unexpected(proxy.error());
  return {};
}

Status apply_rest(ProviderRecord& record, const ProviderWish& wish) {
  if (wish.auth) {
    TRY(record.auth, read_auth(*wish.auth));
  }
  if (wish.headers) {
    TRY_STATUS(check_headers(*wish.headers));
    record.headers = *wish.headers;
  }
  TRY_STATUS(check_set(wish.variables));
  for (const auto& [name, value] : wish.variables) record.variables[name] = value;
  if (wish.priority) record.priority = *wish.priority;
  if (wish.weight) record.weight = *wish.weight;
  if (record.weight < 1 || record.weight > 1'000'000)
    return fail(ErrorKind::invalid, "--weight is a number from 1 to 1000000");
  if (wish.enabled) record.enabled = *wish.enabled;
  if (wish.key_from) record.key_from = *wish.key_from;
  if (record.auth == AuthScheme::none) record.key_from.clear();
  if (wish.ca_file) {
    if (!wish.ca_file->empty() && !std::filesystem::exists(*wish.ca_file))
      return fail(ErrorKind::invalid, fmt::format("there is no file {}", printable(*wish.ca_file)));
    record.ca_file = *wish.ca_file;
  }
  if (wish.proxy) {
    if (!wish.proxy->empty()) TRY_STATUS(check_proxy(*wish.proxy));
    record.proxy = *wish.proxy;
  }
  return check_variables(record.variables, record.endpoints);
}

Result<ProviderRecord> from_catalog(const catalog::Provider& known) {
  if (const std::string reason = unsupported_reason(known); !reason.empty())
    return fail(ErrorKind::invalid, fmt::format("{} cannot be added: {}", known.id, reason),
                "routerone providers list --all");
  ProviderRecord record;
  record.endpoints = catalog_endpoints(known);
  record.auth = auth_scheme_of(known.auth).value_or(AuthScheme::bearer);
  for (const auto& [name, value] : known.headers) record.headers.emplace_back(name, value);
  return record;
}

Result<ProviderRecord> of_the_user(const ProviderWish& wish, Desk desk) {
  if (!wish.base_url) {
    std::vector<std::string> ids;
    for (const catalog::Provider& one : desk.state.catalog().providers()) ids.emplace_back(one.id);
    return fail(ErrorKind::not_found,
                fmt::format("the catalog knows no provider \"{}\"", printable(wish.id, 64)),
                suggestion(wish.id, ids, "for one of your own give --base-url URL"));
  }
  ProviderRecord record;
  record.endpoints = {{std::string(dialect::all().front()->id()), ""}};
  if (wish.dialect) {
    TRY(const auto ids, read_dialects(*wish.dialect));
    record.endpoints = {{ids.front(), ""}};
  }
  record.auth = usual_auth(record.endpoints.front().dialect, desk.state.catalog());
  record.headers = usual_headers(record.endpoints.front().dialect, desk.state.catalog());
  return record;
}

}  // namespace

std::string unsupported_reason(const catalog::Provider& provider) {
  if (!auth_scheme_of(provider.auth))
    return fmt::format("its auth ({}) is not supported yet", provider.auth);
  if (!catalog_endpoints(provider).empty()) return {};
  std::vector<std::string_view> dialects;
  for (const auto& endpoint : provider.endpoints) dialects.push_back(endpoint.dialect);
  return fmt::format("it speaks only {}, which is not supported yet", fmt::join(dialects, ", "));
}

std::optional<std::string> slip_of(const ProviderRecord& record, const EndpointRecord& endpoint,
                                   const catalog::Catalog& catalog) {
  if (const catalog::Provider* known = catalog.provider(record.id)) {
    for (const catalog::ProviderEndpoint& own : known->endpoints)
      if (own.base_url == endpoint.base_url) return std::nullopt;
  }
  return routing::base_url_slip(endpoint.dialect, endpoint.base_url);
}

AuthScheme usual_auth(std::string_view dialect, const catalog::Catalog& catalog) {
  std::map<AuthScheme, int> votes;
  for (const catalog::Provider& provider : catalog.providers()) {
    const auto scheme = auth_scheme_of(provider.auth);
    if (!provider.endpoints.empty() && provider.endpoints.front().dialect == dialect && scheme)
      ++votes[*scheme];
  }
  const auto most = std::max_element(
      votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == votes.end() ? AuthScheme::bearer : most->first;
}

Pairs usual_headers(std::string_view dialect, const catalog::Catalog& catalog) {
  for (const catalog::Provider& provider : catalog.providers()) {
    if (provider.kind != "lab" || provider.endpoints.empty() || provider.headers.empty()) continue;
    if (provider.endpoints.front().dialect != dialect) continue;
    return Pairs(provider.headers.begin(), provider.headers.end());
  }
  return {};
}

Result<ProviderRecord> make_provider(const ProviderWish& wish, Desk desk) {
  TRY_STATUS(check_name("provider", wish.id));
  if (lower(wish.id) != wish.id || wish.id == "auto")
    return fail(ErrorKind::invalid, fmt::format("\"{}\" cannot be the id of a provider", wish.id),
                "use lower-case letters, digits and . _ -");
  const catalog::Provider* known = desk.state.catalog().provider(wish.id);
  // Where both a URL and a dialect are given, nothing of the catalog's entry is relied on.
  const bool own_words = wish.base_url && wish.dialect && wish.auth;
  Result<ProviderRecord> made =
      known && !own_words ? from_catalog(*known) : of_the_user(wish, desk);
  if (!made) return made;
  ProviderRecord& record = *made;
  record.id = wish.id;
  record.created = desk.services.clock.wall();
  TRY_STATUS(apply_endpoints(record, wish));
  TRY_STATUS(apply_rest(record, wish));
  return made;
}

Status update_provider(ProviderRecord& record, const ProviderWish& wish, Desk) {
  TRY_STATUS(apply_endpoints(record, wish));
  return apply_rest(record, wish);
}

}  // namespace routerone::control
