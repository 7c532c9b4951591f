#include "common/control/wishes.h"

#include "common/control/wish_fields.h"

namespace routerone::control {

Json to_json(const ProviderWish& wish) {
  WishWriter out;
  out.put("id", wish.id)
      .maybe("base_url", wish.base_url)
      .maybe("dialect", wish.dialect)
      .maybe("auth", wish.auth)
      .pairs("variables", wish.variables)
      .maybe("priority", wish.priority)
      .maybe("weight", wish.weight)
      .maybe("ca_file", wish.ca_file)
      .maybe("key_from", wish.key_from)
      .maybe("enabled", wish.enabled);
  if (wish.headers) out.pairs("headers", *wish.headers);
  if (wish.key) out.put("key", wish.key->reveal());  // to its owner's daemon, over the 0600 socket
  return out.done();
}

template <>
Result<ProviderWish> read(const Json& json) {
  ProviderWish wish;
  TRY_STATUS(WishReader(json)
                 .text("id", wish.id)
                 .text("base_url", wish.base_url)
                 .text("dialect", wish.dialect)
                 .text("auth", wish.auth)
                 .pairs("headers", wish.headers)
                 .pairs("variables", wish.variables)
                 .whole("priority", wish.priority)
                 .whole("weight", wish.weight)
                 .text("ca_file", wish.ca_file)
                 .text("key_from", wish.key_from)
                 .secret("key", wish.key)
                 .flag("enabled", wish.enabled)
                 .done());
  return wish;
}

Json to_json(const ProviderTestWish& wish) {
  return WishWriter().put("id", wish.id).put("model", wish.model).done();
}

template <>
Result<ProviderTestWish> read(const Json& json) {
  ProviderTestWish wish;
  TRY_STATUS(WishReader(json).text("id", wish.id).text("model", wish.model).done());
  return wish;
}

Json to_json(const ModelListWish& wish) {
  return WishWriter().put("search", wish.search).put("all", wish.all).done();
}

template <>
Result<ModelListWish> read(const Json& json) {
  ModelListWish wish;
  TRY_STATUS(WishReader(json).text("search", wish.search).flag("all", wish.all).done());
  return wish;
}

Json to_json(const AliasWish& wish) {
  return WishWriter().put("name", wish.name).put("model", wish.model).done();
}

template <>
Result<AliasWish> read(const Json& json) {
  AliasWish wish;
  TRY_STATUS(WishReader(json).text("name", wish.name).text("model", wish.model).done());
  return wish;
}

Json to_json(const PriceWish& wish) {
  return WishWriter().put("model", wish.model).put("price", wish.price_json).done();
}

template <>
Result<PriceWish> read(const Json& json) {
  PriceWish wish;
  TRY_STATUS(WishReader(json).text("model", wish.model).text("price", wish.price_json).done());
  return wish;
}

Json to_json(const CatalogWish& wish) { return WishWriter().put("file", wish.file).done(); }

template <>
Result<CatalogWish> read(const Json& json) {
  CatalogWish wish;
  TRY_STATUS(WishReader(json).text("file", wish.file).done());
  return wish;
}

Json to_json(const FallbackWish& wish) {
  return WishWriter().put("model", wish.model).put("chain", wish.chain).done();
}

template <>
Result<FallbackWish> read(const Json& json) {
  FallbackWish wish;
  TRY_STATUS(WishReader(json).text("model", wish.model).texts("chain", wish.chain).done());
  return wish;
}

Json to_json(const TraceListWish& wish) {
  return WishWriter().put("terms", wish.terms).put("limit", wish.limit).done();
}

template <>
Result<TraceListWish> read(const Json& json) {
  TraceListWish wish;
  TRY_STATUS(WishReader(json).texts("terms", wish.terms).whole("limit", wish.limit).done());
  return wish;
}

Json to_json(const TailWish& wish) {
  return WishWriter()
      .put("terms", wish.terms)
      .maybe("after", wish.after)
      .put("wait_ms", wish.wait_ms)
      .done();
}

template <>
Result<TailWish> read(const Json& json) {
  TailWish wish;
  TRY_STATUS(WishReader(json)
                 .texts("terms", wish.terms)
                 .whole("after", wish.after)
                 .whole("wait_ms", wish.wait_ms)
                 .done());
  return wish;
}

Json to_json(const UsageWish& wish) {
  return WishWriter().put("by", wish.by).put("terms", wish.terms).done();
}

template <>
Result<UsageWish> read(const Json& json) {
  UsageWish wish;
  TRY_STATUS(WishReader(json).texts("by", wish.by).texts("terms", wish.terms).done());
  return wish;
}

Json name_json(const std::string& name) { return WishWriter().put("name", name).done(); }

Result<std::string> read_name(const Json& json) {
  std::string name;
  TRY_STATUS(WishReader(json).text("name", name).done());
  return name;
}

Json all_json(bool all) { return WishWriter().put("all", all).done(); }

Result<bool> read_all(const Json& json) {
  bool all = false;
  TRY_STATUS(WishReader(json).flag("all", all).done());
  return all;
}

}  // namespace routerone::control
