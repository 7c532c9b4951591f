#include "common/catalog/catalog.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>

#include "common/catalog/price_reader.h"
#include "common/core/text.h"

extern "C" {
extern const char routerone_catalog_begin[];
extern const char routerone_catalog_end[];
}

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

}  // namespace

struct Catalog::Impl {
  std::vector<Provider> providers;
  std::vector<Model> models;
  std::unordered_map<std::string_view, std::uint32_t> by_name;  // ids and aliases
  std::unordered_multimap<std::string_view, std::uint32_t> slugs;
  std::map<std::string_view, Price::PeakHours> peaks;  // by provider
  std::deque<std::string> unescaped;                   // the few strings with escapes
  std::string_view generated;
  bool broken = false;  // while loading: the text is not JSON throughout

  std::mutex mutex;
  std::unordered_map<const Offer*, std::unique_ptr<Price>> prices;

  /// A string of the document without copying it, unless it has escapes.
  std::string_view text(od::value value) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (token.size() < 2 || token.front() != '"') return {};
    const std::string_view inside = token.substr(1, token.size() - 2);
    if (inside.find('\\') == std::string_view::npos) return inside;
    std::string_view copied;
    if (value.get_string().get(copied)) return {};
    return unescaped.emplace_back(copied);
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

  bool read_provider(od::value value);
  bool read_model(od::value value);
  Offer read_offer(od::value value);
  void index();
};

bool Catalog::Impl::read_provider(od::value value) {
  Provider provider;
  ProviderEndpoint own;
  std::vector<ProviderEndpoint> others;
  std::string_view peak;
  const bool read = each_field(value, [&](const std::string& key, od::value field) {
    if (key == "id") provider.id = text(field);
    if (key == "name") provider.name = text(field);
    if (key == "kind") provider.kind = text(field);
    if (key == "auth") provider.auth = text(field);
    if (key == "dialect") own.dialect = our_dialect(text(field));
    if (key == "base_url") own.base_url = text(field);
    od::object hours;
    if (key == "peak" && !field.get_object().get(hours) && hours.raw_json().get(peak)) peak = {};
    if (key == "env") each(field, [&](od::value name) { provider.env.push_back(text(name)); });
    if (key == "headers") {
      each_field(field, [&](const std::string& name, od::value content) {
        provider.headers.emplace_back(unescaped.emplace_back(name), text(content));
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
    if (auto hours = read_peak_hours(peak)) peaks.emplace(provider.id, *std::move(hours));
  }
  providers.push_back(std::move(provider));
  return read;
}

Offer Catalog::Impl::read_offer(od::value value) {
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
  }
  // Billed by plan, or nobody vouches for the zero: then the price is not known.
  if (zero == "subscription" || zero == "unverified") priced = false;
  if (priced) offer.price_json = whole;
  return offer;
}

bool Catalog::Impl::read_model(od::value value) {
  Model model;
  const bool read = each_field(value, [&](const std::string& key, od::value field) {
    if (key == "id") model.id = text(field);
    if (key == "name") model.name = text(field);
    if (key == "lab") model.lab = text(field);
    if (key == "kind") model.kind = text(field);
    if (key == "released") model.released = day_seconds(text(field));
    if (key == "context") model.context = number(field);
    if (key == "max_output") model.max_output = number(field);
    if (key == "aliases") {
      each(field, [&](od::value alias) { model.aliases.push_back(text(alias)); });
    }
    if (key == "offers") {
      each(field, [&](od::value offer) { model.offers.push_back(read_offer(offer)); });
    }
  });
  models.push_back(std::move(model));
  return read;
}

void Catalog::Impl::index() {
  std::sort(models.begin(), models.end(),
            [](const Model& a, const Model& b) { return a.id < b.id; });
  by_name.reserve(models.size() * 2);
  slugs.reserve(models.size());
  for (std::uint32_t i = 0; i < models.size(); ++i) {
    by_name.emplace(models[i].id, i);
    slugs.emplace(models[i].id.substr(models[i].id.find('/') + 1), i);
  }
  for (std::uint32_t i = 0; i < models.size(); ++i) {
    for (const std::string_view alias : models[i].aliases) by_name.emplace(alias, i);
  }
}

Catalog::Catalog() : impl_(std::make_unique<Impl>()) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

Result<Catalog> Catalog::load(std::string_view json) {
  Catalog catalog;
  Impl& impl = *catalog.impl_;
  od::parser parser;
  od::document document;
  od::value top;
  const simdjson::padded_string_view padded(json, json.size() + simdjson::SIMDJSON_PADDING);
  if (parser.iterate(padded).get(document) || document.get_value().get(top)) {
    return tl::unexpected(wrong_form());
  }
  bool good = true;
  const bool whole = impl.each_field(top, [&](const std::string& key, od::value field) {
    if (key == "generated") impl.generated = impl.text(field);
    const bool providers = key == "providers";
    if (!providers && key != "models") return;
    const bool all = impl.each(field, [&](od::value one) {
      good = (providers ? impl.read_provider(one) : impl.read_model(one)) && good;
    });
    good = good && all;
  });
  if (!whole || !good || impl.broken || impl.providers.empty()) return tl::unexpected(wrong_form());
  impl.index();
  return catalog;
}

Catalog Catalog::built_in() {
  const auto size = static_cast<std::size_t>(routerone_catalog_end - routerone_catalog_begin);
  auto loaded = load({routerone_catalog_begin, size});
  if (!loaded) std::abort();  // the program was built with it; the tests load it
  return *std::move(loaded);
}

std::span<const Provider> Catalog::providers() const { return impl_->providers; }
std::span<const Model> Catalog::models() const { return impl_->models; }
std::string_view Catalog::generated() const { return impl_->generated; }

const Provider* Catalog::provider(std::string_view id) const {
  const auto found = std::find_if(impl_->providers.begin(), impl_->providers.end(),
                                  [id](const Provider& one) { return one.id == id; });
  return found == impl_->providers.end() ? nullptr : &*found;
}

const Model* Catalog::model(std::string_view id_or_alias) const {
  const auto found = impl_->by_name.find(id_or_alias);
  return found == impl_->by_name.end() ? nullptr : &impl_->models[found->second];
}

std::vector<const Model*> Catalog::by_slug(std::string_view slug) const {
  std::vector<const Model*> found;
  const auto [first, last] = impl_->slugs.equal_range(slug);
  for (auto at = first; at != last; ++at) found.push_back(&impl_->models[at->second]);
  return found;
}

const Price* Catalog::price_of(const Offer& offer) const {
  if (offer.price_json.empty()) return nullptr;
  const std::lock_guard lock(impl_->mutex);
  auto& kept = impl_->prices[&offer];
  if (!kept) {
    auto price = read_offer_price(offer.price_json);
    if (!price) return nullptr;
    const auto peak = impl_->peaks.find(offer.provider);
    if (price->off_peak && peak != impl_->peaks.end()) price->peak = peak->second;
    kept = std::make_unique<Price>(*std::move(price));
  }
  return kept.get();
}

}  // namespace routerone::catalog
