#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/core/result.h"
#include "common/core/secret.h"
#include "common/json/json_fwd.h"

namespace routerone::control {

/// What a call asks for, as plain values. Both sides use the same structs; `to_json` and `read`
/// are the only places that know the names on the wire. What is nullopt was not said: on an update
/// it stays as it is. A name that is not known is an error: a newer CLI asks for nothing in vain.

using Strings = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A spend limit. On an update what was not said stays as it is.
struct SpendWish {
  std::optional<std::string> max_spend;  ///< USD; `none`: no limit any more.
  std::optional<std::string> every;      ///< `hour`, `day`, `week`, `month`, `total`
  std::optional<bool> rolling;
  std::optional<std::string> timezone;  ///< IANA name; unsaid on a new limit: the machine's.
  std::optional<std::string> warn;      ///< `80%` or `80`
};

/// What a scope may do, as it was typed; `none` takes a limit back. The daemon alone judges it.
struct LimitsWish {
  SpendWish spend;
  std::optional<std::string> rate_limit, requests_per_day, token_limit_tpm, concurrency;
  std::optional<Strings> models;       ///< Globs; `*` alone: all.
  std::optional<Strings> providers;    ///< Ids; `*` alone: all.
  std::optional<std::string> expires;  ///< `30d`, a date, RFC 3339, or `never`.
  std::optional<std::string> require;  ///< `zdr` or `none`.
  std::optional<bool> no_training;
  std::optional<std::string> region;    ///< `eu` or `none`.
  std::optional<std::string> on_limit;  ///< `refuse` or `clamp`
  std::optional<bool> unpriced, dry_run;
};

struct KeyWish {
  std::string name;
  std::optional<std::string> project;
  LimitsWish limits;
  std::optional<Strings> weights = {};  ///< As in RouteSetWish.
};

/// A program that is to run on a key of its own.
struct RunWish {
  std::string program;                ///< Its file's name; a run without a name is called after it.
  std::optional<std::string> name;    ///< Unique among all runs that may still be resumed.
  std::optional<std::string> resume;  ///< The name of a run that has ended; in place of `name`.
  std::optional<std::string> outer;   ///< Id of the run it is started in.
  std::optional<std::string> project;  ///< Of a run inside another: that one's.
  LimitsWish limits;                   ///< When resuming: over those it had.
};

struct ProjectWish {
  std::string name;
  LimitsWish limits;
};

/// SCOPE is `wallet`, `project:NAME` or `key:NAME`.
struct BudgetWish {
  std::string scope;
  SpendWish spend;
};

struct BudgetClearWish {
  std::string scope;
  bool prepaid = false;  ///< The wallet's top-ups are forgotten too: it is no longer prepaid.
};

struct TopUpWish {
  std::string amount;  ///< USD; below zero: a correction.
  std::string note;
};

/// Costs as a provider's books have them. Either `costs` or a provider that can be asked.
struct ReconcileWish {
  Pairs costs;           ///< Id of the trace or of the provider's, USD.
  std::string provider;  ///< Asked for the cost of each doubtful row of its own.
  bool all = false;      ///< Rows that were settled by reported usage too.
  bool dry_run = false;
  static constexpr std::size_t most_costs = 2'000;  ///< In one call.
};

struct ProviderWish {
  std::string id;
  std::optional<std::string> base_url, dialect, auth;
  std::optional<Pairs> headers;  ///< On an update they replace all there are.
  Pairs variables;               ///< For `{NAME}` in base URLs; added to those there are.
  std::optional<int> priority, weight;
  std::optional<std::string> ca_file;   ///< Absolute; empty: the system's again.
  std::optional<std::string> proxy;     ///< `http://host:port`, `socks5://host:port`; empty: none.
  std::optional<std::string> key_from;  ///< The reference to keep: `env:VAR`, `file:/P`, ...
  std::optional<Secret> key;  ///< The credential; absent with `file:`, which the daemon reads.
  std::optional<Secret> proxy_login;  ///< `user:password`; empty: none any more.
  std::optional<bool> enabled;
};

/// One more credential of a provider, or which of them to take away.
struct CredentialWish {
  std::string provider;
  std::string name;
  std::string key_from;       ///< As in ProviderWish.
  std::optional<Secret> key;  ///< As in ProviderWish.
};

struct ProviderTestWish {
  std::string id;
  std::string model;  ///< Upstream id for a call of one token; empty: none is made.
};

struct ModelListWish {
  std::string search;  ///< Part of an id or name; empty: all.
  bool all = false;    ///< The whole catalog, not only what the providers here serve.
};

struct AliasWish {
  std::string name;
  std::string model;  ///< Empty: remove.
};

struct PriceWish {
  std::string model;
  std::string price_json;  ///< The catalog's price object; empty: clear.
};

/// An update of the catalog, as the daemon finds it.
struct CatalogWish {
  std::string file;  ///< Absolute; empty: back to the built-in one.
};

struct FallbackWish {
  std::string model;
  Strings chain;  ///< Empty: clear.
};

/// How requests are routed: of a project, a key, or (neither said) all that have nothing of their
/// own. What was not said stays as it is; `none` takes it back.
struct RouteSetWish {
  std::optional<std::string> project, key;
  /// `latency=.5` and the like, or one profile: `fast`, `cheap`, `best`, `balanced`; or `none`.
  std::optional<Strings> weights;
  std::optional<std::string> switches;                              ///< A number.
  std::optional<std::string> first_byte_floor, first_byte_ceiling;  ///< Durations: `30s`.
  std::optional<bool> hedge;                                        ///< Projects only.
};

/// What `auto` (or, for another name, `auto:NAME`) chooses from.
struct CandidatesWish {
  std::string name;
  Strings models;  ///< Empty: clear.
};

struct QualityWish {
  std::string model;
  std::string quality;  ///< 0 to 1, or `none`.
};

/// Where a request would go now, and why.
struct ExplainWish {
  std::string model;
  std::optional<std::string> project, key;
  std::optional<std::string> dialect;  ///< Of the caller; unsaid: openai-chat.
  std::optional<Strings> weights;      ///< As in RouteSetWish; in place of those that hold.
  std::optional<std::int64_t> input = {}, output = {};  ///< Tokens.
  Strings needs = {};                                   ///< `tools`, `images`, and the like.
};

/// Past decisions under other settings.
struct ReplayWish {
  Strings terms;                   ///< FILTER; which traces.
  std::optional<Strings> weights;  ///< As in RouteSetWish; unsaid: as they were.
  Strings without;                 ///< Providers that are not there.
  Strings limits;                  ///< `key:ci=2/day`: a spend limit that was not there.
};

struct TraceListWish {
  Strings terms;  ///< FILTER
  int limit = 50;
};

/// A part of what a filter finds, in the order of writing. Looking ends at the limit or when the
/// patience is over; the answer's cursor says where to go on, and is null where nothing is left.
struct TracePageWish {
  Strings terms;  ///< FILTER
  int limit = 50;
  std::optional<std::int64_t> cursor = {};  ///< The last answer's; nullopt: from the beginning.
  bool oldest_first = false;
  int patience_ms = usual_patience;
  static constexpr int usual_patience = 250;
};

struct PruneWish {
  std::string older_than;  ///< `90d`, a date, or RFC 3339.
  bool dry_run = false;
};

struct BackupWish {
  std::string file;  ///< Absolute, and not there yet.
};

struct TailWish {
  Strings terms;
  std::optional<std::int64_t> after;  ///< The last answer's `sequence`; nullopt: from now on.
  int wait_ms = longest_wait;         ///< A tail asks again and again; longer is cut.
  static constexpr int longest_wait = 1'000;
};

struct UsageWish {
  Strings by;
  Strings terms;
  std::optional<std::string> timezone = {};  ///< IANA name, of days and hours; unsaid: UTC.
  int parts = 0;  ///< Each line also says its cost and requests in so many equal parts of the time.
};

/// What an agent's status bar shows; of everything where nothing is said.
struct StatuslineWish {
  std::string session;
  std::string key;
};

/// Names that begin with `prefix`, for completion.
struct NamesWish {
  std::string
      kind;  ///< `key`, `project`, `provider`, `model`, `alias`, `candidates`, `session`, ..
  std::string prefix;
  int limit = 200;
};

struct ConfigExportWish {
  bool secrets = false;  ///< Over the owner's socket, for a file of mode 0600.
};

struct ConfigApplyWish {
  std::string config;  ///< JSON, as exported.
  bool dry_run = false;
};

/// Of the structs above, and of no others: `wishes.cpp` has them all.
template <class Wish>
Json to_json(const Wish&);
template <class Wish>
Result<Wish> read(const Json&);

/// A call that names one thing and says no more: `{"name": ..}`.
Json name_json(const std::string& name);
Result<std::string> read_name(const Json&);

/// A list, and whether it shows what is usually left out: `{"all": ..}`.
Json all_json(bool all);
Result<bool> read_all(const Json&);

}  // namespace routerone::control
