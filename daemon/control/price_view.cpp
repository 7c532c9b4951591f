#include "daemon/control/price_view.h"

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

}  // namespace routerone::control
