#include "common/control/wishes.h"

#include <concepts>
#include <type_traits>

#include "common/control/wish_fields.h"

namespace routerone::control {
namespace {

template <class T, class Wish>
concept A = std::same_as<std::remove_const_t<T>, Wish>;

// The names on the wire, once for both ways: `at` writes or reads the field it is shown.

void fields(A<SpendWish> auto& wish, auto&& at) {
  at("max_spend", wish.max_spend);
  at("every", wish.every);
  at("rolling", wish.rolling);
  at("timezone", wish.timezone);
  at("warn", wish.warn);
}

void fields(A<LimitsWish> auto& wish, auto&& at) {
  fields(wish.spend, at);
  at("rate_limit", wish.rate_limit);
  at("requests_per_day", wish.requests_per_day);
  at("token_limit_tpm", wish.token_limit_tpm);
  at("concurrency", wish.concurrency);
  at("models", wish.models);
  at("providers", wish.providers);
  at("expires", wish.expires);
  at("require", wish.require);
  at("no_training", wish.no_training);
  at("region", wish.region);
  at("on_limit", wish.on_limit);
  at("unpriced", wish.unpriced);
  at("dry_run_limits", wish.dry_run);
}

void fields(A<KeyWish> auto& wish, auto&& at) {
  at("name", wish.name);
  at("project", wish.project);
  fields(wish.limits, at);
  at("weights", wish.weights);
}

void fields(A<RunWish> auto& wish, auto&& at) {
  at("program", wish.program);
  at("name", wish.name);
  at("resume", wish.resume);
  at("outer", wish.outer);
  at("project", wish.project);
  fields(wish.limits, at);
}

void fields(A<ProjectWish> auto& wish, auto&& at) {
  at("name", wish.name);
  fields(wish.limits, at);
}

void fields(A<BudgetWish> auto& wish, auto&& at) {
  at("scope", wish.scope);
  fields(wish.spend, at);
}

void fields(A<BudgetClearWish> auto& wish, auto&& at) {
  at("scope", wish.scope);
  at("prepaid", wish.prepaid);
}

void fields(A<TopUpWish> auto& wish, auto&& at) {
  at("amount", wish.amount);
  at("note", wish.note);
}

void fields(A<ReconcileWish> auto& wish, auto&& at) {
  at("costs", wish.costs);
  at("provider", wish.provider);
  at("all", wish.all);
  at("dry_run", wish.dry_run);
}

void fields(A<ProviderWish> auto& wish, auto&& at) {
  at("id", wish.id);
  at("base_url", wish.base_url);
  at("dialect", wish.dialect);
  at("auth", wish.auth);
  at("headers", wish.headers);
  at("variables", wish.variables);
  at("priority", wish.priority);
  at("weight", wish.weight);
  at("ca_file", wish.ca_file);
  at("proxy", wish.proxy);
  at("key_from", wish.key_from);
  at("key", wish.key);
  at("proxy_login", wish.proxy_login);
  at("enabled", wish.enabled);
}

void fields(A<CredentialWish> auto& wish, auto&& at) {
  at("provider", wish.provider);
  at("name", wish.name);
  at("key_from", wish.key_from);
  at("key", wish.key);
}

void fields(A<ProviderTestWish> auto& wish, auto&& at) {
  at("id", wish.id);
  at("model", wish.model);
}

void fields(A<ModelListWish> auto& wish, auto&& at) {
  at("search", wish.search);
  at("all", wish.all);
}

void fields(A<AliasWish> auto& wish, auto&& at) {
  at("name", wish.name);
  at("model", wish.model);
}

void fields(A<PriceWish> auto& wish, auto&& at) {
  at("model", wish.model);
  at("price", wish.price_json);
}

void fields(A<CatalogWish> auto& wish, auto&& at) { at("file", wish.file); }

void fields(A<FallbackWish> auto& wish, auto&& at) {
  at("model", wish.model);
  at("chain", wish.chain);
}

void fields(A<RouteSetWish> auto& wish, auto&& at) {
  at("project", wish.project);
  at("key", wish.key);
  at("weights", wish.weights);
  at("failover_switches", wish.switches);
  at("first_byte_floor", wish.first_byte_floor);
  at("first_byte_ceiling", wish.first_byte_ceiling);
  at("hedge", wish.hedge);
}

void fields(A<CandidatesWish> auto& wish, auto&& at) {
  at("name", wish.name);
  at("models", wish.models);
}

void fields(A<QualityWish> auto& wish, auto&& at) {
  at("model", wish.model);
  at("quality", wish.quality);
}

void fields(A<ExplainWish> auto& wish, auto&& at) {
  at("model", wish.model);
  at("project", wish.project);
  at("key", wish.key);
  at("dialect", wish.dialect);
  at("weights", wish.weights);
  at("input_tokens", wish.input);
  at("output_tokens", wish.output);
  at("needs", wish.needs);
}

void fields(A<ReplayWish> auto& wish, auto&& at) {
  at("terms", wish.terms);
  at("weights", wish.weights);
  at("without", wish.without);
  at("limits", wish.limits);
}

void fields(A<TraceListWish> auto& wish, auto&& at) {
  at("terms", wish.terms);
  at("limit", wish.limit);
}

void fields(A<TracePageWish> auto& wish, auto&& at) {
  at("terms", wish.terms);
  at("limit", wish.limit);
  at("cursor", wish.cursor);
  at("oldest_first", wish.oldest_first);
  at("patience_ms", wish.patience_ms);
}

void fields(A<PruneWish> auto& wish, auto&& at) {
  at("older_than", wish.older_than);
  at("dry_run", wish.dry_run);
}

void fields(A<BackupWish> auto& wish, auto&& at) { at("file", wish.file); }

void fields(A<TailWish> auto& wish, auto&& at) {
  at("terms", wish.terms);
  at("after", wish.after);
  at("wait_ms", wish.wait_ms);
}

void fields(A<UsageWish> auto& wish, auto&& at) {
  at("by", wish.by);
  at("terms", wish.terms);
  at("timezone", wish.timezone);
  at("parts", wish.parts);
}

void fields(A<StatuslineWish> auto& wish, auto&& at) {
  at("session", wish.session);
  at("key", wish.key);
}

void fields(A<NamesWish> auto& wish, auto&& at) {
  at("kind", wish.kind);
  at("prefix", wish.prefix);
  at("limit", wish.limit);
}

void fields(A<ConfigExportWish> auto& wish, auto&& at) { at("secrets", wish.secrets); }

void fields(A<ConfigApplyWish> auto& wish, auto&& at) {
  at("config", wish.config);
  at("dry_run", wish.dry_run);
}

}  // namespace

template <class Wish>
Json to_json(const Wish& wish) {
  WishWriter out;
  fields(wish, [&out](const char* name, const auto& value) { out.put(name, value); });
  return out.done();
}

template <class Wish>
Result<Wish> read(const Json& json) {
  Wish wish;
  WishReader in(json);
  fields(wish, [&in](const char* name, auto& value) { in.take(name, value); });
  TRY_STATUS(in.done());
  return wish;
}

#define CROSSES_THE_WIRE(Wish)        \
  template Json to_json(const Wish&); \
  template Result<Wish> read(const Json&)

CROSSES_THE_WIRE(KeyWish);
CROSSES_THE_WIRE(RunWish);
CROSSES_THE_WIRE(ProjectWish);
CROSSES_THE_WIRE(BudgetWish);
CROSSES_THE_WIRE(BudgetClearWish);
CROSSES_THE_WIRE(TopUpWish);
CROSSES_THE_WIRE(ReconcileWish);
CROSSES_THE_WIRE(ProviderWish);
CROSSES_THE_WIRE(CredentialWish);
CROSSES_THE_WIRE(ProviderTestWish);
CROSSES_THE_WIRE(ModelListWish);
CROSSES_THE_WIRE(AliasWish);
CROSSES_THE_WIRE(PriceWish);
CROSSES_THE_WIRE(CatalogWish);
CROSSES_THE_WIRE(FallbackWish);
CROSSES_THE_WIRE(RouteSetWish);
CROSSES_THE_WIRE(CandidatesWish);
CROSSES_THE_WIRE(QualityWish);
CROSSES_THE_WIRE(ExplainWish);
CROSSES_THE_WIRE(ReplayWish);
CROSSES_THE_WIRE(TraceListWish);
CROSSES_THE_WIRE(TailWish);
CROSSES_THE_WIRE(UsageWish);
CROSSES_THE_WIRE(TracePageWish);
CROSSES_THE_WIRE(PruneWish);
CROSSES_THE_WIRE(BackupWish);
CROSSES_THE_WIRE(StatuslineWish);
CROSSES_THE_WIRE(NamesWish);
CROSSES_THE_WIRE(ConfigExportWish);
CROSSES_THE_WIRE(ConfigApplyWish);

#undef CROSSES_THE_WIRE

Json name_json(const std::string& name) { return WishWriter().put("name", name).done(); }

Result<std::string> read_name(const Json& json) {
  std::string name;
  TRY_STATUS(WishReader(json).take("name", name).done());
  return name;
}

Json all_json(bool all) { return WishWriter().put("all", all).done(); }

Result<bool> read_all(const Json& json) {
  bool all = false;
  TRY_STATUS(WishReader(json).take("all", all).done());
  return all;
}

}  // namespace routerone::control
