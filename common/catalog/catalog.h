#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/catalog/price.h"
#include "common/core/result.h"

namespace routerone::catalog {

/// Read-only view of the catalog (catalog/SCHEMA.md). Strings are views into the catalog's own
/// bytes. Loads in a few milliseconds and stays small: prices are parsed when asked for.

struct ProviderEndpoint {
  std::string_view dialect;  ///< As our registry spells it.
  std::string_view base_url;
};

struct Provider {
  std::string_view id, name, kind, auth;
  std::vector<ProviderEndpoint> endpoints;  ///< First: the default.
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::vector<std::string_view> env;
};

struct Offer {
  std::string_view provider, upstream_id, dialect;  ///< dialect empty: the provider's.
  std::string_view price_json;  ///< The offer's own JSON object, for price_of(); empty: unknown.
};

struct Model {
  std::string_view id, name, lab, kind;
  std::int64_t released = 0;  ///< Unix seconds, 0 unknown.
  std::optional<std::int64_t> context, max_output;
  std::vector<std::string_view> aliases;
  std::vector<Offer> offers;
};

class Catalog {
 public:
  /// `json` must outlive the catalog and be readable 64 bytes beyond its end (simdjson).
  static Result<Catalog> load(std::string_view json);
  /// The one built into the program.
  static Catalog built_in();

  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;
  ~Catalog();

  std::span<const Provider> providers() const;
  std::span<const Model> models() const;  ///< Sorted by id.
  const Provider* provider(std::string_view id) const;
  const Model* model(std::string_view id_or_alias) const;
  /// Models whose slug (after the lab) is `slug`.
  std::vector<const Model*> by_slug(std::string_view slug) const;
  /// nullptr: not known (null, subscription, unverified). Owned by the catalog, made on first use;
  /// thread-safe.
  const Price* price_of(const Offer&) const;

  std::string_view generated() const;  ///< Build date of the data.

 private:
  Catalog();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::catalog
