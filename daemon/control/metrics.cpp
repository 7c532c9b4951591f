#include "daemon/control/metrics.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "common/core/text.h"
#include "daemon/control/exposition.h"
#include "daemon/control/request_counts.h"
#include "daemon/control/scopes.h"

namespace routerone::control {
namespace {

using Kind = Exposition::Kind;

constexpr std::size_t most_targets = 200;  ///< Those of a provider that are shown.

void add_one(Exposition& out, std::string_view name, Kind kind, std::string_view help,
             std::string_view value) {
  out.family(name, kind, help);
  out.sample({}, value);
}
void add_one(Exposition& out, std::string_view name, Kind kind, std::string_view help,
             std::uint64_t value) {
  add_one(out, name, kind, help, std::to_string(value));
}

using Models = decltype(RequestCounts::Totals::models);

void add_requests(Exposition& out, const Models& models) {
  out.family("routerone_requests_total", Kind::counter,
             "Requests that ended, by who served them and the class of status the caller saw; "
             "refused ones have no provider.");
  for (const auto& [name, sums] : models)
    for (std::size_t i = 0; i < sums.requests.size(); ++i)
      if (sums.requests[i] > 0)
        out.sample({{"provider", name.first},
                    {"model", name.second},
                    {"status", RequestCounts::status_classes[i]}},
                   sums.requests[i]);
}

void add_tokens(Exposition& out, const Models& models) {
  out.family("routerone_tokens_total", Kind::counter,
             "Tokens by kind; reasoning is a part of output, the other kinds share none.");
  for (const auto& [name, sums] : models)
    for (std::size_t i = 0; i < sums.tokens.size(); ++i)
      if (sums.tokens[i] > 0)
        out.sample({{"provider", name.first},
                    {"model", name.second},
                    {"kind", RequestCounts::token_kinds[i]}},
                   sums.tokens[i]);
}

void add_costs(Exposition& out, const Models& models) {
  out.family("routerone_cost_usd_total", Kind::counter, "What requests cost, in US dollars.");
  for (const auto& [name, sums] : models)
    if (!name.first.empty())
      out.sample({{"provider", name.first}, {"model", name.second}}, format_usd(sums.cost));
  out.family("routerone_requests_of_unknown_cost_total", Kind::counter,
             "Requests whose model has no known price.");
  for (const auto& [name, sums] : models)
    if (sums.unknown_cost > 0)
      out.sample({{"provider", name.first}, {"model", name.second}}, sums.unknown_cost);
}

void add_times(Exposition& out, const RequestCounts::Totals& totals) {
  out.family("routerone_request_duration_seconds", Kind::histogram,
             "From a request's head to the end of its answer, by who served it.");
  for (const auto& [name, provider] : totals.providers)
    out.samples({{"provider", name}}, provider.latency);
  out.family("routerone_time_to_first_token_seconds", Kind::histogram,
             "From a request's head to the first byte of content, by who served it.");
  for (const auto& [name, provider] : totals.providers)
    out.samples({{"provider", name}}, provider.first_byte);
  out.family("routerone_overhead_seconds", Kind::histogram,
             "What routerone itself took of a request's time.");
  out.samples({}, totals.overhead);
}

void add_outcomes(Exposition& out, const RequestCounts::Totals& totals) {
  out.family("routerone_attempts_total", Kind::counter,
             "Tries at a provider by how they ended; error is empty for those that went well.");
  for (const auto& [name, provider] : totals.providers)
    for (const auto& [error, count] : provider.attempts)
      out.sample({{"provider", name}, {"error", error}}, count);
  out.family("routerone_errors_total", Kind::counter, "Requests that failed or were refused.");
  for (const auto& [error, count] : totals.errors) out.sample({{"error", error}}, count);
  out.family("routerone_fallbacks_total", Kind::counter,
             "Requests that another than the first target served, by why it did not.");
  for (const auto& [reason, count] : totals.fallbacks) out.sample({{"reason", reason}}, count);
}

void add_counts(Exposition& out, const RequestCounts& counts) {
  const RequestCounts::Totals totals = counts.totals();
  add_requests(out, totals.models);
  add_tokens(out, totals.models);
  add_costs(out, totals.models);
  add_times(out, totals);
  add_outcomes(out, totals);
}

struct Target {
  std::string provider, model;
  routing::HealthView health;
};

/// `gpt-5`; of another than the first credential `#second/gpt-5`.
std::string name_in(const ProviderRecord& provider, const std::string& target) {
  const std::string rest = target.substr(provider.id.size());
  return rest.starts_with('/') ? rest.substr(1) : rest;
}

std::vector<Target> targets_of(Desk desk) {
  std::vector<Target> targets;
  for (const ProviderRecord& provider : desk.state.snapshot()->data.providers) {
    auto known = desk.services.health.of_provider(provider.id);
    known.resize(std::min(known.size(), most_targets));
    for (auto& [name, view] : known)
      targets.push_back({provider.id, name_in(provider, name), view});
  }
  return targets;
}

void add_targets(Exposition& out, Desk desk) {
  const auto targets = targets_of(desk);
  out.family("routerone_target_state", Kind::gauge,
             "0: served. 1: being tried again. 2: left alone for now (circuit breaker open).");
  for (const Target& target : targets) {
    const auto state = target.health.state;
    const std::uint64_t value = state == routing::Breaker::State::closed      ? 0
                                : state == routing::Breaker::State::half_open ? 1
                                                                              : 2;
    out.sample({{"provider", target.provider}, {"target", target.model}}, value);
  }
  out.family("routerone_target_in_flight", Kind::gauge, "Requests that a target is working on.");
  for (const Target& target : targets)
    out.sample({{"provider", target.provider}, {"target", target.model}},
               static_cast<std::uint64_t>(std::max(0, target.health.in_flight)));
}

struct Budget {
  std::string scope;
  admission::ScopeState state;
};

/// Wallet, projects and keys that stay; runs come and go.
std::vector<Budget> budgets_of(Desk desk) {
  ControlData data = desk.state.snapshot()->data;
  std::erase_if(data.keys, [](const KeyRecord& key) { return key.run.has_value(); });
  std::vector<Budget> budgets;
  for (const Scope& scope : all_scopes(data))
    budgets.push_back({scope.shown, desk.services.admission.state(scope.ledger)});
  return budgets;
}

void add_budgets(Exposition& out, Desk desk) {
  const auto budgets = budgets_of(desk);
  const auto add = [&](const char* name, const char* help, const auto& amount_of) {
    out.family(name, Kind::gauge, help);
    for (const Budget& budget : budgets)
      if (const std::optional<Money> amount = amount_of(budget.state))
        out.sample({{"scope", budget.scope}}, format_usd(*amount));
  };
  using State = admission::ScopeState;
  const auto limit_of = [](const State& state) {
    return state.limit ? std::optional(state.limit->amount) : std::nullopt;
  };
  add("routerone_budget_limit_usd", "Spend limit of a scope that has one.", limit_of);
  add("routerone_budget_spent_usd", "Spent of a spend limit, in the window under way.",
      [](const State& state) { return state.limit ? std::optional(state.spent) : std::nullopt; });
  add("routerone_budget_left_usd", "What may still be asked for: limit less spent and held.",
      [](const State& state) -> std::optional<Money> {
        std::optional<Money> left = state.balance;
        if (state.limit) {
          const Money rest = state.limit->amount - state.spent;
          left = left ? std::min(*left, rest) : rest;
        }
        if (!left) return std::nullopt;
        return std::max(Money{}, *left - state.reserved);
      });
  add("routerone_reserved_usd", "Held for requests under way.",
      [](const State& state) { return std::optional(state.reserved); });
  add("routerone_settled_usd", "Spent since ever.",
      [](const State& state) { return std::optional(state.settled); });
  out.family("routerone_requests_in_flight", Kind::gauge, "Requests under way.");
  for (const Budget& budget : budgets)
    out.sample({{"scope", budget.scope}},
               static_cast<std::uint64_t>(std::max<std::int64_t>(0, budget.state.running)));
}

void add_store(Exposition& out, const store::StoreHealth& health) {
  add_one(out, "routerone_store_writable", Kind::gauge,
          "1 while the database takes rows; else they wait in memory.", health.writable ? 1 : 0);
  add_one(out, "routerone_store_rows_written_total", Kind::counter, "Traces written.",
          health.rows_written);
  add_one(out, "routerone_store_rows_waiting", Kind::gauge,
          "Traces in memory, to be written when they can be.", health.rows_waiting);
  add_one(out, "routerone_store_rows_late_total", Kind::counter,
          "Traces committed after the end of their answer went out.", health.rows_late);
  add_one(out, "routerone_store_rows_lost_total", Kind::counter, "Traces that were never written.",
          health.rows_lost);
  add_one(out, "routerone_store_rows_unkept_total", Kind::counter,
          "Refusals of unknown callers that were only counted.", health.rows_unkept);
  add_one(out, "routerone_store_rows_interrupted", Kind::gauge,
          "Requests the last daemon died with, found at the start.", health.rows_interrupted);
}

std::optional<std::uint64_t> open_descriptors() {
  DIR* const folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return std::nullopt;
  std::uint64_t count = 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  constexpr std::uint64_t not_ours = 3;  // `.`, `..` and the folder itself
  return count - std::min(count, not_ours);
}

std::int64_t micros_of(const timeval& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_usec;
}

/// By the names that every exporter uses for them.
void add_process(Exposition& out, const DaemonStatus& status) {
  add_one(out, "process_start_time_seconds", Kind::gauge, "When the daemon started.",
          seconds_text(micros_since_epoch(status.started)));
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0)
    add_one(out, "process_cpu_seconds_total", Kind::counter, "Processor time used.",
            seconds_text(micros_of(used.ru_utime) + micros_of(used.ru_stime)));
  if (status.memory)
    add_one(out, "process_resident_memory_bytes", Kind::gauge, "Memory held.", *status.memory);
  if (const auto open = open_descriptors())
    add_one(out, "process_open_fds", Kind::gauge, "Open file descriptors.", *open);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    add_one(out, "process_max_fds", Kind::gauge, "The most open file descriptors.",
            static_cast<std::uint64_t>(limit.rlim_cur));
}

void add_daemon_itself(Exposition& out, Desk desk) {
  const DaemonStatus status = desk.services.status();
  out.family("routerone_build_info", Kind::gauge, "Always 1; says which version runs.");
  out.sample({{"version", ROUTERONE_VERSION}}, "1");
  add_one(out, "routerone_requests_received_total", Kind::counter,
          "Requests on relayed paths, those under way among them.", status.requests);
  add_one(out, "routerone_connections_total", Kind::counter, "Connections accepted.",
          status.connections);
  add_one(out, "routerone_draining", Kind::gauge, "1 once told to stop.", status.draining ? 1 : 0);
  add_process(out, status);
}

}  // namespace

std::string metrics_page(Desk desk) {
  Exposition out;
  add_daemon_itself(out, desk);
  if (desk.services.counts != nullptr) add_counts(out, *desk.services.counts);
  add_targets(out, desk);
  add_budgets(out, desk);
  add_store(out, desk.services.traces.health());
  return out.take();
}

}  // namespace routerone::control
