#include "daemon/control/price_view.h"

#include <algorithm>

#include "common/core/money.h"

namespace routerone::control {
namespace {

constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t thousand = 1'000;

/// `0.25`, `3`: no zeros that say nothing.
std::string plain(Money amount) {
  std::string text = format_usd(amount);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

void add(Json& out, const char* name, const std::optional<std::int64_t>& rate, std::int64_t units) {
  if (rate) out[name] = plain(Money{*rate * units});
}

Json rates_view(const catalog::Rates& rates) {
  Json out = Json::object();
  add(out, "input", rates.input, million);
  add(out, "output", rates.output, million);
  add(out, "cache_read", rates.cache_read, million);
  add(out, "cache_write", rates.cache_write, million);
  add(out, "cache_write_1h", rates.cache_write_1h, million);
  add(out, "reasoning", rates.reasoning, million);
  add(out, "input_audio", rates.input_audio, million);
  add(out, "output_audio", rates.output_audio, million);
  add(out, "cache_read_audio", rates.cache_read_audio, million);
  add(out, "input_image", rates.input_image, million);
  add(out, "output_image", rates.output_image, million);
  add(out, "input_video", rates.input_video, million);
  add(out, "web_search_per_1k", rates.web_search, thousand);
  add(out, "request_per_1k", rates.request, thousand);
  add(out, "per_image", rates.per_image, 1);
  return out;
}

/// The posted price at the first of `providers` that has one.
const catalog::Price* posted_price(const catalog::Model& model,
                                   const std::vector<std::string>& providers,
                                   const catalog::Catalog& catalog) {
  for (const catalog::Offer& offer : model.offers) {
    if (!providers.empty() &&
        std::find(providers.begin(), providers.end(), offer.provider) == providers.end())
      continue;
    if (const catalog::Price* price = catalog.price_of(offer)) return price;
  }
  return nullptr;
}

std::optional<catalog::Price> built_in_price(const std::string& model, Desk desk) {
  for (const auto& built_in : desk.services.built_in) {
    if (!model.starts_with(built_in.record.id + "/") || built_in.price_json.empty()) continue;
    auto price = catalog::parse_price(built_in.price_json);
    if (price) return *std::move(price);
  }
  return std::nullopt;
}

}  // namespace

Json price_view(const catalog::Price* price) {
  if (!price) return nullptr;
  Json out = rates_view(price->table);
  if (!price->tiers.empty()) {
    Json tiers = Json::array();
    for (const auto& step : price->tiers) {
      Json tier = rates_view(step.replaces);
      tier["min_input_tokens"] = step.min_input_tokens;
      tiers.push_back(std::move(tier));
    }
    out["tiers"] = std::move(tiers);
  }
  for (const auto& tier : price->service_tiers)
    out["service_tiers"][tier.name] = rates_view(tier.replaces);
  if (price->off_peak) out["off_peak"] = rates_view(*price->off_peak);
  return out;
}

std::optional<catalog::Price> own_price(const std::string& model, const ControlData& data) {
  for (const PriceRecord& record : data.prices) {
    if (record.model != model) continue;
    auto price = catalog::parse_price(record.price_json);
    if (price) return *std::move(price);
  }
  return std::nullopt;
}

Priced price_of(const std::string& id, const std::vector<std::string>& providers,
                const ControlData& data, Desk desk) {
  if (const auto own = own_price(id, data)) return {price_view(&*own), "override"};
  if (const auto posted = built_in_price(id, desk)) return {price_view(&*posted), "catalog"};
  const catalog::Model* model = desk.state.catalog().model(id);
  const catalog::Price* posted =
      model ? posted_price(*model, providers, desk.state.catalog()) : nullptr;
  return {price_view(posted), posted ? "catalog" : "unknown"};
}

}  // namespace routerone::control
