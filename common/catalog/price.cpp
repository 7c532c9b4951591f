#include "common/catalog/price.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <limits>

#include "common/catalog/price_check.h"
#include "common/catalog/price_reader.h"
#include "common/catalog/rate.h"
#include "common/catalog/rate_names.h"
#include "common/core/text.h"

namespace routerone::catalog {
namespace {

namespace od = simdjson::ondemand;

std::string_view scalar_text(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
    token = token.substr(1, token.size() - 2);
  }
  return token;
}

Error unreadable(std::string_view what) {
  return {ErrorKind::invalid, "the price cannot be read at '" + printable(what) + "'",
          "give numbers or decimal strings, USD per million tokens"};
}

Status read_one(Rates& rates, const RateName& known, std::string_view token) {
  if (scalar_text(token) == "null") return {};
  auto rate = read_rate(scalar_text(token));
  if (!rate) {
    return fail(ErrorKind::invalid, std::string(known.name) + ": " + rate.error().message);
  }
  if (*rate > std::numeric_limits<std::int64_t>::max() / known.scale) {
    return fail(ErrorKind::invalid, std::string(known.name) + ": it is larger than any price");
  }
  rates.*known.member = *rate * known.scale;
  return {};
}

/// Keys that are no rates stand beside them and are passed over.
Status read_rates(od::object object, Rates& rates) {
  for (auto field : object) {
    std::string_view key, token;
    if (field.unescaped_key().get(key)) return tl::unexpected(unreadable("a key"));
    const RateName* known = find_rate_name(key);
    if (known == nullptr) continue;
    const std::string name(key);
    od::value value;
    if (field.value().get(value)) return tl::unexpected(unreadable(name));
    token = value.raw_json_token();
    TRY_STATUS(read_one(rates, *known, token));
  }
  return {};
}

Status read_tiers(od::array array, Price& price) {
  for (auto element : array) {
    od::object object;
    Price::Step step;
    if (element.get_object().get(object)) return tl::unexpected(unreadable("tiers"));
    if (object["min_input_tokens"].get_int64().get(step.min_input_tokens)) {
      return tl::unexpected(unreadable("tiers.min_input_tokens"));
    }
    object.reset();
    TRY_STATUS(read_rates(object, step.replaces));
    price.tiers.push_back(step);
  }
  std::stable_sort(price.tiers.begin(), price.tiers.end(),
                   [](const Price::Step& a, const Price::Step& b) {
                     return a.min_input_tokens < b.min_input_tokens;
                   });
  return {};
}

Status read_service_tiers(od::object object, Price& price) {
  for (auto field : object) {
    std::string_view name;
    od::object rates;
    if (field.unescaped_key().get(name)) return tl::unexpected(unreadable("service_tiers"));
    Price::ServiceTier tier;
    tier.name = name;
    if (field.value().get_object().get(rates)) return tl::unexpected(unreadable("service_tiers"));
    TRY_STATUS(read_rates(rates, tier.replaces));
    price.service_tiers.push_back(std::move(tier));
  }
  return {};
}

Status read_scheduled(od::array array, Price& price) {
  for (auto element : array) {
    od::object object;
    std::string_view from;
    Price::Change change;
    if (element.get_object().get(object) || object["from"].get_string().get(from)) {
      return tl::unexpected(unreadable("scheduled"));
    }
    TRY(change.from, parse_rfc3339(std::string(from) + "T00:00:00Z"));
    object.reset();
    TRY_STATUS(read_rates(object, change.replaces));
    price.scheduled.push_back(change);
  }
  std::stable_sort(price.scheduled.begin(), price.scheduled.end(),
                   [](const Price::Change& a, const Price::Change& b) { return a.from < b.from; });
  return {};
}

Result<int> minutes_of(std::string_view clock) {
  if (clock.size() != 5 || clock[2] != ':') return tl::unexpected(unreadable("peak.utc"));
  const auto hours = parse_uint(clock.substr(0, 2));
  const auto minutes = parse_uint(clock.substr(3));
  if (!hours || !minutes || *minutes > 59 || *hours * 60 + *minutes > 24 * 60) {
    return tl::unexpected(unreadable("peak.utc"));
  }
  return static_cast<int>(*hours * 60 + *minutes);
}

Status read_peak(od::object object, Price& price) {
  constexpr std::array<std::string_view, 7> days = {"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};
  Price::PeakHours peak;
  od::array list;
  if (object["days"].get_array().get(list)) return tl::unexpected(unreadable("peak.days"));
  for (auto element : list) {
    std::string_view day;
    if (element.get_string().get(day)) return tl::unexpected(unreadable("peak.days"));
    for (std::size_t i = 0; i < days.size(); ++i) {
      if (days[i] == day) peak.weekdays = static_cast<std::uint8_t>(peak.weekdays | (1U << i));
    }
  }
  if (object["utc"].get_array().get(list)) return tl::unexpected(unreadable("peak.utc"));
  for (auto element : list) {
    od::array span;
    std::vector<int> ends;
    if (element.get_array().get(span)) return tl::unexpected(unreadable("peak.utc"));
    for (auto end : span) {
      std::string_view text;
      if (end.get_string().get(text)) return tl::unexpected(unreadable("peak.utc"));
      TRY(const int minute, minutes_of(text));
      ends.push_back(minute);
    }
    if (ends.size() != 2 || ends[0] >= ends[1]) return tl::unexpected(unreadable("peak.utc"));
    peak.utc_minutes.emplace_back(ends[0], ends[1]);
  }
  if (!object["except"].get_array().get(list)) {
    for (auto element : list) {
      std::string_view day;
      if (element.get_string().get(day)) return tl::unexpected(unreadable("peak.except"));
      TRY(const WallTime from, parse_rfc3339(std::string(day) + "T00:00:00Z"));
      peak.except.push_back(std::chrono::floor<std::chrono::days>(from));
    }
  }
  price.peak = std::move(peak);
  return {};
}

Status read_conditions(od::object object, Price& price) {
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key)) return tl::unexpected(unreadable("a key"));
    const std::string name(key);
    od::array array;
    od::object inner;
    if (name == "tiers" && !field.value().get_array().get(array)) {
      TRY_STATUS(read_tiers(array, price));
    } else if (name == "service_tiers" && !field.value().get_object().get(inner)) {
      TRY_STATUS(read_service_tiers(inner, price));
    } else if (name == "scheduled" && !field.value().get_array().get(array)) {
      TRY_STATUS(read_scheduled(array, price));
    } else if (name == "off_peak" && !field.value().get_object().get(inner)) {
      price.off_peak.emplace();
      TRY_STATUS(read_rates(inner, *price.off_peak));
    } else if (name == "peak" && !field.value().get_object().get(inner)) {
      TRY_STATUS(read_peak(inner, price));
    }
  }
  return {};
}

Result<Price> read_price(std::string_view json, bool nested) {
  const simdjson::padded_string text(json);
  simdjson::dom::parser whole;
  simdjson::dom::element checked;
  if (whole.parse(text).get(checked) || !checked.is_object()) {
    return fail(ErrorKind::invalid, "the price is not a JSON object");
  }
  od::parser parser;
  od::document document;
  od::object object;
  Price price;
  if (parser.iterate(text).get(document) || document.get_object().get(object)) {
    return tl::unexpected(unreadable("the start"));
  }
  if (nested) {
    od::object table;
    if (object["price"].get_object().get(table)) return tl::unexpected(unreadable("price"));
    TRY_STATUS(read_rates(table, price.table));
    document.rewind();
    if (document.get_object().get(object)) return tl::unexpected(unreadable("the start"));
  } else {
    TRY_STATUS(read_rates(object, price.table));
    document.rewind();
    if (document.get_object().get(object)) return tl::unexpected(unreadable("the start"));
  }
  TRY_STATUS(read_conditions(object, price));
  if (!price.table.input || !price.table.output) {
    return fail(ErrorKind::invalid, "a price needs input and output, USD per million tokens",
                "{\"input\": 3, \"output\": 15}");
  }
  return price;
}

}  // namespace

Result<Price> parse_price(std::string_view json) {
  TRY(Price price, read_price(json, false));
  // A misspelt key would silently make a price cheaper.
  TRY_STATUS(check_price_names(json));
  return price;
}

Result<Price> read_offer_price(std::string_view offer_json) { return read_price(offer_json, true); }

Result<Price::PeakHours> read_peak_hours(std::string_view json) {
  Price price;
  const simdjson::padded_string text(json);
  od::parser parser;
  od::document document;
  od::object object;
  if (parser.iterate(text).get(document) || document.get_object().get(object)) {
    return tl::unexpected(unreadable("peak"));
  }
  TRY_STATUS(read_peak(object, price));
  return *std::move(price.peak);
}

}  // namespace routerone::catalog
