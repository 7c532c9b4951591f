#include "common/control/wish_fields.h"
#include "common/control/wishes.h"

namespace routerone::control {
namespace {

/// The wire's names of a limit, once for both ways: `put` is a writer's or a reader's.
template <class Wish, class Put>
void spend_fields(Wish& wish, Put&& put) {
  put("max_spend", wish.max_spend);
  put("every", wish.every);
  put("rolling", wish.rolling);
  put("timezone", wish.timezone);
  put("warn", wish.warn);
}

template <class Wish, class Put>
void limit_fields(Wish& wish, Put&& put) {
  spend_fields(wish.spend, put);
  put("rate_limit", wish.rate_limit);
  put("requests_per_day", wish.requests_per_day);
  put("token_limit_tpm", wish.token_limit_tpm);
  put("concurrency", wish.concurrency);
  put("models", wish.models);
  put("providers", wish.providers);
  put("expires", wish.expires);
  put("require", wish.require);
  put("no_training", wish.no_training);
  put("region", wish.region);
  put("on_limit", wish.on_limit);
  put("unpriced", wish.unpriced);
  put("dry_run_limits", wish.dry_run);
}

auto into(WishWriter& out) {
  return [&out](const char* name, const auto& value) { out.maybe(name, value); };
}

/// Reads each by its kind: text, a list of them, or yes and no.
struct From {
  WishReader& in;
  void operator()(const char* name, std::optional<std::string>& out) const { in.text(name, out); }
  void operator()(const char* name, std::optional<Strings>& out) const { in.texts(name, out); }
  void operator()(const char* name, std::optional<bool>& out) const { in.flag(name, out); }
};

}  // namespace

Json to_json(const KeyWish& wish) {
  WishWriter out;
  out.put("name", wish.name).maybe("project", wish.project);
  limit_fields(wish.limits, into(out));
  return out.done();
}

template <>
Result<KeyWish> read(const Json& json) {
  KeyWish wish;
  WishReader in(json);
  in.text("name", wish.name).text("project", wish.project);
  limit_fields(wish.limits, From{in});
  TRY_STATUS(in.done());
  return wish;
}

Json to_json(const ProjectWish& wish) {
  WishWriter out;
  out.put("name", wish.name);
  limit_fields(wish.limits, into(out));
  return out.done();
}

template <>
Result<ProjectWish> read(const Json& json) {
  ProjectWish wish;
  WishReader in(json);
  in.text("name", wish.name);
  limit_fields(wish.limits, From{in});
  TRY_STATUS(in.done());
  return wish;
}

Json to_json(const BudgetWish& wish) {
  WishWriter out;
  out.put("scope", wish.scope);
  spend_fields(wish.spend, into(out));
  return out.done();
}

template <>
Result<BudgetWish> read(const Json& json) {
  BudgetWish wish;
  WishReader in(json);
  in.text("scope", wish.scope);
  spend_fields(wish.spend, From{in});
  TRY_STATUS(in.done());
  return wish;
}

Json to_json(const BudgetClearWish& wish) {
  return WishWriter().put("scope", wish.scope).put("prepaid", wish.prepaid).done();
}

template <>
Result<BudgetClearWish> read(const Json& json) {
  BudgetClearWish wish;
  TRY_STATUS(WishReader(json).text("scope", wish.scope).flag("prepaid", wish.prepaid).done());
  return wish;
}

Json to_json(const TopUpWish& wish) {
  return WishWriter().put("amount", wish.amount).put("note", wish.note).done();
}

template <>
Result<TopUpWish> read(const Json& json) {
  TopUpWish wish;
  TRY_STATUS(WishReader(json).text("amount", wish.amount).text("note", wish.note).done());
  return wish;
}

Json to_json(const ReconcileWish& wish) {
  return WishWriter()
      .pairs("costs", wish.costs)
      .put("provider", wish.provider)
      .put("all", wish.all)
      .put("dry_run", wish.dry_run)
      .done();
}

template <>
Result<ReconcileWish> read(const Json& json) {
  ReconcileWish wish;
  TRY_STATUS(WishReader(json)
                 .pairs("costs", wish.costs)
                 .text("provider", wish.provider)
                 .flag("all", wish.all)
                 .flag("dry_run", wish.dry_run)
                 .done());
  return wish;
}

}  // namespace routerone::control
