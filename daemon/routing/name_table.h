#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/catalog/catalog.h"
#include "daemon/exchange/decision.h"
#include "daemon/routing/data_policy.h"
#include "daemon/routing/model_table.h"

namespace routerone::routing {

/// One provider that may be used, with an endpoint for each dialect it speaks and each of its
/// credentials.
struct Usable {
  const ProviderRecord* record = nullptr;
  const catalog::Provider* known = nullptr;  ///< Its row of the catalog; null: the user's own.
  std::vector<Endpoint> endpoints;  // by dialect, then by credential; a target points into it

  /// By its first credential that can be read; null: it does not speak that.
  const Endpoint* speaking(std::string_view dialect) const;
  /// By each of them, the first's first; empty: it does not speak that.
  std::span<const Endpoint> all_speaking(std::string_view dialect) const;
};

/// One provider's way to serve a model, whatever the dialect.
struct Way {
  const Usable* provider = nullptr;
  std::string upstream_model;
  std::string_view only_dialect;  ///< Not empty: this offer differs from its provider's.
  const catalog::Price* price = nullptr;
  PriceSource price_source = PriceSource::unknown;
  std::optional<std::int64_t> context, max_output;
  DataStanding data;
  std::vector<std::shared_ptr<const TargetName>> names;  ///< One an endpoint of the provider.

  const std::string& provider_id() const { return provider->record->id; }
  const std::shared_ptr<const TargetName>& name_at(const Endpoint& endpoint) const {
    return names[static_cast<std::size_t>(&endpoint - provider->endpoints.data())];
  }
};

struct Served {
  std::string name, lab;
  std::int64_t released = 0;
  std::vector<Way> ways;
};

/// What a name leads to: a canonical model, or one provider's own.
struct Resolved {
  std::string model;
  const Served* served = nullptr;
  std::vector<Way> own;                   ///< For PROVIDER/UPSTREAM_ID.
  std::string pinned;                     ///< Only this provider; empty: any.
  const catalog::Model* known = nullptr;  ///< Its row of the catalog; null: there is none.

  const std::vector<Way>& ways() const { return served != nullptr ? served->ways : own; }
};

/// Which names there are and what stands behind them, for a model table: the providers that may be
/// used, the models they serve, and every other name of those. Filled once, then only read.
class NameTable {
 public:
  /// `shipped` outlives the table.
  NameTable(const ControlData&, const catalog::Catalog& shipped, const Credentials&,
            const std::vector<BuiltIn>&);
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;

  /// By the rules of cli.md, "Model names in requests".
  std::optional<Resolved> resolve(std::string_view name) const;
  /// The catalog's model that a name stands for, served here or not; null: none.
  const catalog::Model* known(std::string_view name) const;

  const std::map<std::string, Served, std::less<>>& models() const { return models_; }
  const std::vector<std::string>& user_aliases() const { return user_aliases_; }

 private:
  void add_provider(const ProviderRecord&, const Credentials&);
  void add_catalog_models();
  Way way_of(const catalog::Model&, const catalog::Offer&, const Usable&) const;
  void add_built_in(const BuiltIn&);
  void add_names(const ControlData&);
  void add_own_prices(const ControlData&);
  std::pair<const catalog::Price*, PriceSource> price_for(std::string_view model,
                                                          const catalog::Price* posted) const;
  std::string canonical(std::string_view name) const;
  std::optional<Resolved> resolve_plain(std::string_view name) const;

  const catalog::Catalog& catalog_;
  std::deque<ProviderRecord> records_;
  std::map<std::string, Usable, std::less<>> providers_;
  std::map<std::string, Served, std::less<>> models_;   // canonical
  std::unordered_map<std::string, std::string> names_;  // aliases of users and catalog, slugs
  std::map<std::string, catalog::Price, std::less<>> own_prices_;
  std::vector<std::string> user_aliases_;
};

}  // namespace routerone::routing
