#include "daemon/control/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/control/contract.h"
#include "common/core/text.h"
#include "daemon/control/config_place.h"
#include "daemon/control/hex.h"
#include "daemon/routing/endpoint.h"
#include "daemon/store/control_json.h"

namespace routerone::control {
namespace {

constexpr const char* format_name = "routerone-config";
constexpr std::size_t deepest = 24;

tl::unexpected<Error> bad(std::string message, std::string hint = {}) {
  return fail(ErrorKind::invalid, std::move(message), std::move(hint));
}

/// What was paid in less this is the balance, whatever the ledger of a machine has before it.
Money spent_of(const WalletRecord& wallet, Money settled) {
  return wallet.topups.empty() ? Money{} : settled - wallet.settled_before;
}

Json secrets_json(const State::Draft& draft) {
  Json out = Json::object();
  out["pepper"] = hex_of(*draft.pepper);
  out["credentials"] = Json::object();
  for (const auto& [name, secret] : draft.credentials) out["credentials"][name] = secret->reveal();
  return out;
}

Json control_part(const State::Draft& draft, Money settled, bool secrets) {
  ControlData data = draft.data;
  std::erase_if(data.keys, [](const KeyRecord& key) { return key.run.has_value(); });
  const Money spent = spent_of(data.wallet, settled);
  Json control = store::control_to_json(data);
  for (Json& key : control["keys"]) {
    key.erase("run");
    if (!secrets) key.erase("hmac");
  }
  control["wallet"].erase("settled_before_usd");
  control["wallet"]["spent_usd"] = format_usd(spent);
  return control;
}

std::string fresh_hmac(Random& random) {
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  return to_hex(bytes);
}

std::string hmac_of(const Json& key, const State::Draft& now, Random& random) {
  const auto id = key.find("id");
  for (const KeyRecord& known : now.data.keys)
    if (id != key.end() && id->is_string() && known.id == id->get<std::string>())
      return to_hex(known.hmac);
  return fresh_hmac(random);
}

/// control.json's form again.
Json control_json(const ConfigFile& file, const State::Draft& now, Random& random) {
  Json control = file.whole["control"];
  const auto keys = control.find("keys");
  if (file.secrets || keys == control.end() || !keys->is_array()) return control;
  for (Json& key : *keys)
    if (key.is_object()) key["hmac"] = hmac_of(key, now, random);
  return control;
}

bool same_wallet(const WalletRecord& a, const WalletRecord& b) {
  return !a.topups.empty() && !b.topups.empty() && a.topups.front().time == b.topups.front().time &&
         a.topups.front().amount == b.topups.front().amount;
}

/// The same wallet goes on by its own ledger: an old file does not bring spent money back.
Status place_wallet(WalletRecord& wallet, const Json& control, const WalletRecord& now,
                    Money settled) {
  if (same_wallet(wallet, now)) {
    wallet.settled_before = now.settled_before;
    return {};
  }
  Money spent;
  const Json::json_pointer place("/wallet/spent_usd");
  if (control.contains(place)) {
    const Json& said = control[place];
    const auto amount = said.is_string() ? parse_usd(said.get<std::string>()) : bad("");
    if (!amount) return bad("control.wallet.spent_usd is not an amount of money");
    spent = *amount;
  }
  if (!wallet.topups.empty()) wallet.settled_before = settled - spent;
  return {};
}

Status take_secrets(State::Draft& next, const Json& secrets) {
  const auto pepper = secret_of_hex(secrets.contains("pepper") && secrets["pepper"].is_string()
                                        ? secrets["pepper"].get<std::string>()
                                        : std::string());
  constexpr std::size_t pepper_bytes = 32;
  if (!pepper || pepper->reveal().size() != pepper_bytes)
    return bad("secrets.pepper is not 64 hexadecimal digits");
  if (pepper->reveal() != next.pepper->reveal())
    next.pepper = std::make_shared<const Secret>(*pepper);
  const auto credentials = secrets.find("credentials");
  if (credentials == secrets.end() || !credentials->is_object())
    return bad("secrets.credentials is not an object");
  const routing::Credentials before = std::exchange(next.credentials, {});
  for (const auto& [name, secret] : credentials->items()) {
    if (!secret.is_string() || secret.get_ref<const std::string&>().empty())
      return bad(fmt::format("secrets.credentials.{} is not text", printable(name, 80)));
    const auto same = before.find(name);
    next.credentials[name] =
        same != before.end() && same->second->reveal() == secret.get_ref<const std::string&>()
            ? same->second
            : std::make_shared<const Secret>(secret.get<std::string>());
  }
  return {};
}

/// Runs stay, as far as their project does; one under way cannot lose it.
Status keep_runs(State::Draft& next, const State::Draft& now) {
  for (const KeyRecord& key : now.data.keys) {
    if (!key.run) continue;
    const auto& projects = next.data.projects;
    const bool stays = std::any_of(projects.begin(), projects.end(),
                                   [&](const auto& one) { return one.name == key.project; });
    if (stays && (key.revoked || next.pepper == now.pepper)) {
      next.data.keys.push_back(key);
    } else if (!key.revoked) {
      return fail(ErrorKind::conflict,
                  fmt::format("the run \"{}\" is under way, and its key would stop", key.name),
                  fmt::format("wait for it, or end it: routerone keys revoke {}", key.name));
    }
  }
  return {};
}

Status check_head(const Json& whole) {
  if (!whole.is_object() || whole.value("format", Json()) != Json(format_name))
    return bad("it is not a configuration that routerone has exported",
               "write one: routerone config export > FILE");
  const Json version = whole.value("version", Json());
  if (!version.is_number_integer() || version < Json(1)) return bad("version is not a number");
  if (version > Json(config_version))
    return fail(ErrorKind::conflict,
                fmt::format("it has version {}, this routerone knows versions up to {}",
                            version.dump(), config_version),
                "use the newer routerone, here too");
  if (!whole.contains("control") || !whole["control"].is_object())
    return bad("control is not an object");
  const Json secrets = whole.value("secrets", Json());
  if (!secrets.is_null() && !secrets.is_object()) return bad("secrets is not an object or null");
  return {};
}

}  // namespace

Json write_config(const State::Draft& draft, Money settled, bool secrets) {
  Json out = Json::object();
  out["schema"] = schema_version;
  out["format"] = format_name;
  out["version"] = config_version;
  out["control"] = control_part(draft, settled, secrets);
  out["secrets"] = secrets ? secrets_json(draft) : Json(nullptr);
  return out;
}

Result<ConfigFile> parse_config(std::string_view text) {
  auto json = parse_json(text, deepest);
  if (!json) {
    const std::string where = place_of_fault(text);
    return bad(where.empty() ? json.error().message : where + ": " + json.error().message);
  }
  TRY_STATUS(check_head(*json));
  ConfigFile file{*std::move(json), false};
  file.secrets = file.whole.contains("secrets") && file.whole["secrets"].is_object();
  return file;
}

Result<State::Draft> read_config(const ConfigFile& file, const State::Draft& now, Money settled,
                                 Random& random) {
  State::Draft next = now;
  const Json control = control_json(file, now, random);
  auto data = store::control_from_json(control);
  if (!data) {
    Error error = std::move(data).error();
    error.message = "control: " + error.message;
    return tl::unexpected(std::move(error));
  }
  next.data = *std::move(data);
  TRY_STATUS(place_wallet(next.data.wallet, control, now.data.wallet, settled));
  if (file.secrets) TRY_STATUS(take_secrets(next, file.whole["secrets"]));
  const std::string strange = unknown_place(file.whole, write_config(next, settled, file.secrets));
  if (!strange.empty())
    return bad(fmt::format("{} means nothing here", strange),
               "is it misspelt? routerone config export shows what there is");
  TRY_STATUS(keep_runs(next, now));
  if (file.secrets) return next;
  const auto names = credential_names(next.data.providers);
  std::erase_if(next.credentials, [&](const auto& entry) {
    return std::find(names.begin(), names.end(), entry.first) == names.end();
  });
  return next;
}

std::vector<std::string> credential_names(const std::vector<ProviderRecord>& providers) {
  std::vector<std::string> names;
  for (const ProviderRecord& provider : providers) {
    if (!provider.proxy.empty()) names.push_back(routing::proxy_login_name(provider.id));
    if (provider.auth == AuthScheme::none) continue;
    names.push_back(provider.id);
    for (const CredentialRecord& more : provider.more_keys)
      names.push_back(routing::credential_name(provider.id, more.name));
  }
  return names;
}

}  // namespace routerone::control
