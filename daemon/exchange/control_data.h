#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/core/clock.h"
#include "common/core/money.h"
#include "daemon/exchange/limits.h"
#include "daemon/exchange/route_weights.h"

namespace routerone {

/// The control data: everything a user has set, as it stands in control.json. Plain values, no
/// secret in it: keys are HMACs, provider credentials are references. The control plane changes a
/// copy, the store writes it, then a snapshot of it is swapped in.

/// A key that was made for one program, and ends with it. One that has ended may be resumed: then
/// it lives again under the same id, with another secret.
struct RunRecord {
  WallTime started{};  ///< The last time.
};

struct KeyRecord {
  std::string id;    ///< UUIDv7, or a nested run's (`outer_key`); what traces refer to.
  std::string name;  ///< Unique among keys that are not revoked.
  std::string project = "default";
  std::string hint;                     ///< First 10 characters, for recognising it: `sk-rk-AbC1`.
  std::array<std::uint8_t, 32> hmac{};  ///< HMAC-SHA-256(pepper, key).
  WallTime created{};
  std::optional<WallTime> revoked;  ///< Of a run: when it ended.
  std::optional<RunRecord> run;
  Limits limits;
  std::optional<RouteWeights> weights;  ///< Absent: its project's.
};

/// How a project's requests are routed. Absent: as the settings say.
struct RoutingRecord {
  std::optional<RouteWeights> weights;
  std::optional<int> failover_switches;
  std::optional<Millis> first_byte_floor, first_byte_ceiling;
  bool hedge = false;  ///< A second target is asked when the first one is late.

  bool operator==(const RoutingRecord&) const = default;
};

struct ProjectRecord {
  std::string name;
  WallTime created{};
  Limits limits;
  RoutingRecord routing;
};

struct TopUp {
  WallTime time{};
  Money amount;
  std::string note;
};

/// Above all projects. With top-ups it is prepaid: what is left is their sum less what was settled
/// since the first. Its spend limit is another thing, and may stand beside them.
struct WalletRecord {
  Limits limits;  ///< Only `spend` is used.
  std::vector<TopUp> topups;
  Money settled_before;  ///< The wallet's ledger when the first top-up was made.
};

enum class AuthScheme { bearer, x_api_key, x_goog_api_key, api_key, none };

struct EndpointRecord {
  std::string dialect;   ///< A registered dialect's id: `openai-chat`, ...
  std::string base_url;  ///< The prefix before the dialect's own path; no trailing slash.
};

/// One more credential of a provider, beside its first.
struct CredentialRecord {
  std::string name;      ///< Unique in its provider.
  std::string key_from;  ///< As ProviderRecord::key_from.
  WallTime created{};
};

struct ProviderRecord {
  std::string id;
  std::vector<EndpointRecord> endpoints;  ///< At least one; the first is the provider's default.
  AuthScheme auth = AuthScheme::bearer;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Fixed extra headers.
  std::map<std::string, std::string> variables;              ///< For `{NAME}` in base URLs.
  std::string key_from;  ///< Reference, for --refresh: `env:NAME`, `file:PATH`, `cmd:...`, `stdin`,
                         ///< or empty where auth is none. The secret itself is in its 0600 file.
  std::vector<CredentialRecord> more_keys;  ///< Take turns with the first.
  std::string ca_file;  ///< PEM bundle in place of the system's; empty: the system's.
  std::string proxy;    ///< `http://host:port` or `socks5://host:port`; empty: none.
  bool enabled = true;
  int priority = 0;  ///< Lower is tried first.
  int weight = 1;    ///< Share of the load among those that are as good.
  WallTime created{};
};

struct AliasRecord {
  std::string name;
  std::string model;
};

/// The user's own price of a model: the catalog's price object (USD per 1M), as text of JSON.
struct PriceRecord {
  std::string model;  ///< Canonical id or PROVIDER/UPSTREAM_ID.
  std::string price_json;
};

/// `routes fallback MODEL A,B`: after MODEL's own targets, those of A, then of B.
struct FallbackRecord {
  std::string model;
  std::vector<std::string> chain;
};

/// `auto` or, for any other name, `auto:NAME`: one of these models, whichever does best.
struct CandidatesRecord {
  std::string name;
  std::vector<std::string> models;
};

/// How good the user thinks a model is.
struct QualityRecord {
  std::string model;   ///< Canonical id or PROVIDER/UPSTREAM_ID.
  double quality = 0;  ///< 0 to 1.
};

struct Settings {
  RouteWeights weights;       ///< Where neither key nor project has its own.
  int failover_switches = 2;  ///< Other targets tried after the first.
  Millis connect_timeout{2'000};
  /// Where another target stands ready, one that usually answers soon is not awaited for as long as
  /// first_byte_timeout, but never less than this.
  Millis first_byte_floor{30'000};
  Millis first_byte_timeout{290'000};  ///< Agents give up at 300 s.
  Millis idle_timeout{290'000};
  Millis total_timeout{3'600'000};
  Millis keepalive_after{15'000};
  Millis head_deadline{120'000};  ///< When a stream's head goes out unjudged.
  Millis commit_wait{100};        ///< How long the end of an answer waits for its trace.
  bool websocket = true;          ///< False: 426, and callers go on by POST.
  std::uint64_t max_body = 32u << 20;
  int retention_days = 90;
  std::uint64_t retention_bytes = 2ull << 30;
};

struct ControlData {
  std::vector<KeyRecord> keys;
  std::vector<ProjectRecord> projects;
  WalletRecord wallet;
  std::vector<ProviderRecord> providers;
  std::vector<AliasRecord> aliases;
  std::vector<PriceRecord> prices;
  std::vector<FallbackRecord> fallbacks;
  std::vector<CandidatesRecord> candidates;
  std::vector<QualityRecord> qualities;
  Settings settings;
};

}  // namespace routerone
