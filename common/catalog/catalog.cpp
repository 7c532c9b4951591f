#include "common/catalog/catalog.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <unordered_map>

#include "common/catalog/layers.h"
#include "common/catalog/price_reader.h"

extern "C" {
extern const char routerone_catalog_begin[];
extern const char routerone_catalog_end[];
}

namespace routerone::catalog {
namespace {

std::string_view built_in_text() {
  const auto size = static_cast<std::size_t>(routerone_catalog_end - routerone_catalog_begin);
  return {routerone_catalog_begin, size};
}

}  // namespace

struct Catalog::Impl {
  std::string update;  // the rows have views into it
  Rows rows;
  std::unordered_map<std::string_view, std::uint32_t> by_name;  // ids and aliases
  std::unordered_multimap<std::string_view, std::uint32_t> slugs;

  std::mutex mutex;
  std::unordered_map<const Offer*, std::unique_ptr<Price>> prices;

  void index();
};

void Catalog::Impl::index() {
  const std::vector<Model>& models = rows.models;
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
  TRY(catalog.impl_->rows, read_rows(json));
  if (catalog.impl_->rows.providers.empty()) {
    return fail(ErrorKind::invalid, "the catalog has no providers");
  }
  catalog.impl_->index();
  return catalog;
}

Catalog Catalog::built_in() {
  auto loaded = load(built_in_text());
  if (!loaded) std::abort();  // the program was built with it; the tests load it
  return *std::move(loaded);
}

Result<Catalog> Catalog::built_in_with(std::string_view update_json) {
  constexpr std::size_t padding = 64;
  if (update_json.size() > max_update_bytes) {
    return fail(ErrorKind::invalid, "the catalog is larger than 16 MiB");
  }
  Catalog catalog;
  Impl& impl = *catalog.impl_;
  TRY(impl.rows, read_rows(built_in_text()));
  TRY_STATUS(check_update(update_json, impl.rows));
  impl.update.reserve(update_json.size() + padding);
  impl.update = update_json;
  impl.update.append(padding, ' ');
  TRY(Rows above, read_rows({impl.update.data(), update_json.size()}));
  put_over(impl.rows, std::move(above));
  impl.index();
  return catalog;
}

bool Provider::has(Quirk quirk) const {
  return std::find(quirks.begin(), quirks.end(), quirk) != quirks.end();
}

std::span<const Provider> Catalog::providers() const { return impl_->rows.providers; }
std::span<const Model> Catalog::models() const { return impl_->rows.models; }
std::string_view Catalog::generated() const { return impl_->rows.generated; }

const Provider* Catalog::provider(std::string_view id) const {
  const auto all = providers();
  const auto found =
      std::find_if(all.begin(), all.end(), [id](const Provider& one) { return one.id == id; });
  return found == all.end() ? nullptr : &*found;
}

const Model* Catalog::model(std::string_view id_or_alias) const {
  const auto found = impl_->by_name.find(id_or_alias);
  return found == impl_->by_name.end() ? nullptr : &impl_->rows.models[found->second];
}

std::vector<const Model*> Catalog::by_slug(std::string_view slug) const {
  std::vector<const Model*> found;
  const auto [first, last] = impl_->slugs.equal_range(slug);
  for (auto at = first; at != last; ++at) found.push_back(&impl_->rows.models[at->second]);
  return found;
}

const Price* Catalog::price_of(const Offer& offer) const {
  if (offer.price_json.empty()) return nullptr;
  const std::lock_guard lock(impl_->mutex);
  auto& kept = impl_->prices[&offer];
  if (!kept) {
    auto price = read_offer_price(offer.price_json);
    if (!price) return nullptr;
    const auto peak = impl_->rows.peaks.find(offer.provider);
    if (price->off_peak && peak != impl_->rows.peaks.end()) price->peak = peak->second;
    kept = std::make_unique<Price>(*std::move(price));
  }
  return kept.get();
}

}  // namespace routerone::catalog
