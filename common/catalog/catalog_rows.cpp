#include "common/catalog/catalog_rows.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/catalog/price_reader.h"
#include "common/core/text.h"

namespace routerone::catalog {
namespace {

namespace od = simdjson::ondemand;
std::string_view trimmed(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}

/// The catalog's dialect names are its sources'; the registry's are ours.
std::string_view our_dialect(std::string_view name) {
  return name == "anthropic-messages" ? "anthropic" : name;
}

Error wrong_form() {
  return {ErrorKind::invalid, "the catalog is not in the form of schema version 1", {}};
}

/// `2026-11-20` or `2026-11` as Unix seconds; 0 if unknown.
std::int64_t day_seconds(std::string_view text) {
  const std::string day = std::string(text) + (text.size() == 7 ? "-01" : "") + "T00:00:00Z";
  const auto at = parse_rfc3339(day);
  return at ? micros_since_epoch(*at) / 1'000'000 : 0;
}

constexpr std::array<std::pair<std::string_view, Quirk>, 3> quirk_names = {{
    {"max_completion_tokens", Quirk::max_completion_tokens},
    {"states_cost", Quirk::states_cost},
    {"routes", Quirk::routes},
}};
constexpr std::array<std::pair<std::string_view, Trait>, 5> trait_names = {{
    {"tools", Trait::tools},
    {"reasoning", Trait::reasoning},
    {"images", Trait::images},
    {"adaptive_thinking", Trait::adaptive_thinking},
    {"no_temperature", Trait::no_temperature},
}};

struct Reader {
  Rows rows;
  bool broken = false;  // the text is not JSON throughout

  /// A string of the document without copying it, unless it has escapes.
  std::string_view text(od::value value) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (token.size() < 2 || token.front() != '"') return {};
    const std::string_view inside = token.substr(1, token.size() - 2);
    if (inside.find('\\') == std::string_view::npos) return inside;
    std::string_view copied;
    if (value.get_string().get(copied)) return {};
    return rows.unescaped.emplace_back(copied);
  }

  std::optional<std::int64_t> number(od::value value) {
    std::int64_t read = 0;
    if (value.get_int64().get(read)) return std::nullopt;
    return read;
  }

  /// Takes each element of an array; what is another type has none. A broken text is remembered.
  template <class Take>
  bool each(od::value value, Take take) {
    od::array array;
    if (const auto error = value.get_array().get(array)) return stop_at(error);
    for (auto element : array) {
      od::value inner;
      if (const auto error = element.get(inner)) return stop_at(error);
      take(inner);
    }
    return true;
  }
  template <class Take>
  bool each_field(od::value value, Take take) {
    od::object object;
    if (const auto error = value.get_object().get(object)) return stop_at(error);
    for (auto field : object) {
      std::string_view key;
      od::value inner;
      if (const auto error = field.unescaped_key().get(key)) return stop_at(error);
      if (const auto error = field.value().get(inner)) return stop_at(error);
      take(std::string(key), inner);
    }
    return true;
  }
  bool stop_at(simdjson::error_code error) {
    broken = broken || error != simdjson::INCORRECT_TYPE;
    return false;
  }

  /// Takes a list's names as what they stand for; one that is not known is passed over.
  template <class Names, class Kind>
  void add_known(const Names& names, od::value list, std::vector<Kind>& out) {
    each(list, [&](od::value element) {
      const std::string_view name = text(element);
      for (const auto& [known, kind] : names) {
        if (known == name) out.push_back(kind);
      }
    });
  }

  DataFacts read_policy(od::value value);
  void read_source(od::value value);
  const Source* source(std::string_view id) const;
  bool read_provider(od::value value);
  bool read_model(od::value value);
  Offer read_offer(od::value value);
};

DataFacts Reader::read_policy(od::value value) {
  DataFacts data;
  if (value.is_null()) return data;
  each_field(value, [&](const std::string& key, od::value field) {
    if (key == "trains_on_data") {
      bool trains = false;
      if (!field.get_bool().get(trains)) data.trains_on_data = trains;
    }
    if (key == "retention_days") data.retention_days = number(field);
    if (key == "zdr") data.zdr = text(field);
    if (key == "source") data.source = text(field);
    if (key == "as_of") data.as_of = text(field);
  });
  return data;
}

void Reader::read_source(od::value value) {
  Source source;
  each_field(value, [&](const std::string& key, od::value field) {
    if (key == "id") source.id = text(field);
    if (key == "name") source.name = text(field);
    if (key == "version") source.version = text(field);
    if (key == "date") source.date = text(field);
  });
  rows.sources.push_back(source);
}

/// Sources stand before the models that name them.
const Source* Reader::source(std::string_view id) const {
  const auto found = std::find_if(rows.sources.begin(), rows.sources.end(),
                                  [id](const Source& one) { return one.id == id; });
  return found == rows.sources.end() ? nullptr : &*found;
}

bool Reader::read_provider(od::value value) {
  Provider provider;
  ProviderEndpoint own;
  std::vector<ProviderEndpoint> others;
  std::string_view peak;
  const bool read = each_field(value, [&](const std::string& key, od::value field) {
    if (key == "id") provider.id = text(field);
    if (key == "name") provider.name = text(field);
    if (key == "kind") provider.kind = text(field);
    if (key == "auth") provider.auth = text(field);
    if (key == "hq") provider.hq = text(field);
    if (key == "policy") provider.data = read_policy(field);
    if (key == "quirks") add_known(quirk_names, field, provider.quirks);
    if (key == "dialect") own.dialect = our_dialect(text(field));
    if (key == "base_url") own.base_url = text(field);
    od::object hours;
    if (key == "peak" && !field.get_object().get(hours) && hours.raw_json().get(peak)) peak = {};
    if (key == "env") each(field, [&](od::value name) { provider.env.push_back(text(name)); });
    if (key == "headers") {
      each_field(field, [&](const std::string& name, od::value content) {
        provider.headers.emplace_back(rows.unescaped.emplace_back(name), text(content));
      });
    }
    if (key == "endpoints") {
      each(field, [&](od::value endpoint) {
        ProviderEndpoint one;
        each_field(endpoint, [&](const std::string& name, od::value content) {
          if (name == "dialect") one.dialect = our_dialect(text(content));
          if (name == "base_url") one.base_url = text(content);
        });
        others.push_back(one);
      });
    }
  });
  provider.endpoints.push_back(own);
  for (const ProviderEndpoint& other : others) {
    if (other.dialect != own.dialect) provider.endpoints.push_back(other);
  }
  if (!peak.empty()) {
    if (auto hours = read_peak_hours(peak)) rows.peaks.emplace(provider.id, *std::move(hours));
  }
  rows.providers.push_back(std::move(provider));
  return read;
}

Offer Reader::read_offer(od::value value) {
  Offer offer;
  std::string_view whole, zero;
  bool priced = false;
  od::object object;
  if (value.get_object().get(object) || object.raw_json().get(whole)) {
    broken = true;
    return offer;
  }
  object.reset();
  for (auto field : object) {
    std::string_view key;
    od::value inner;
    if (field.unescaped_key().get(key) || field.value().get(inner)) {
      broken = true;
      break;
    }
    if (key == "provider") offer.provider = text(inner);
    if (key == "upstream_id") offer.upstream_id = text(inner);
    if (key == "dialect") offer.dialect = our_dialect(text(inner));
    if (key == "price") priced = !inner.is_null();
    if (key == "zero_price") zero = text(inner);
    if (key == "region") offer.region = text(inner);
    if (key == "status") offer.status = text(inner);
    if (key == "price_source") offer.price_source = source(text(inner));
    if (key == "context") offer.context = number(inner);
    if (key == "max_output") offer.max_output = number(inner);
  }
  // Billed by plan, or nobody vouches for the zero: then the price is not known.
  if (zero == "subscription" || zero == "unverified") priced = false;
  if (priced) offer.price_json = whole;
  return offer;
}

bool Reader::read_model(od::value value) {
  Model model;
  const bool read = each_field(value, [&](const std::string& key, od::value field) {
    if (key == "id") model.id = text(field);
    if (key == "name") model.name = text(field);
    if (key == "lab") model.lab = text(field);
    if (key == "kind") model.kind = text(field);
    if (key == "released") model.released = day_seconds(text(field));
    if (key == "context") model.context = number(field);
    if (key == "max_output") model.max_output = number(field);
    if (key == "traits") add_known(trait_names, field, model.traits);
    if (key == "aliases") {
      each(field, [&](od::value alias) { model.aliases.push_back(text(alias)); });
    }
    if (key == "offers") {
      each(field, [&](od::value offer) { model.offers.push_back(read_offer(offer)); });
    }
  });
  rows.models.push_back(std::move(model));
  return read;
}

}  // namespace

Result<Rows> read_rows(std::string_view json) {
  Reader reader;
  od::parser parser;
  od::document document;
  od::value top;
  const simdjson::padded_string_view padded(json, json.size() + simdjson::SIMDJSON_PADDING);
  if (parser.iterate(padded).get(document) || document.get_value().get(top)) {
    return tl::unexpected(wrong_form());
  }
  bool good = true;
  const bool whole = reader.each_field(top, [&](const std::string& key, od::value field) {
    if (key == "generated") reader.rows.generated = reader.text(field);
    if (key == "sources") {
      good = reader.each(field, [&](od::value one) { reader.read_source(one); }) && good;
    }
    const bool providers = key == "providers";
    if (!providers && key != "models") return;
    const bool all = reader.each(field, [&](od::value one) {
      good = (providers ? reader.read_provider(one) : reader.read_model(one)) && good;
    });
    good = good && all;
  });
  if (!whole || !good || reader.broken) return tl::unexpected(wrong_form());
  std::vector<Model>& models = reader.rows.models;
  std::sort(models.begin(), models.end(),
            [](const Model& a, const Model& b) { return a.id < b.id; });
  return std::move(reader.rows);
}

}  // namespace routerone::catalog
