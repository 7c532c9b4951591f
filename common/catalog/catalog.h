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

/// What a provider says that it does with what it is sent. nullopt and empty: it does not say.
struct DataFacts {
  std::optional<bool> trains_on_data;
  std::optional<std::int64_t> retention_days;  ///< Prompts and answers, by default; 0: none.
  std::string_view zdr;                        ///< default, self_serve, on_request, none
  std::string_view source, as_of;              ///< The page and the day it was read.
};

/// What an OpenAI-compatible provider wants otherwise than the others. A closed list: a name that
/// is not in it comes from a newer catalog and is passed over.
enum class Quirk : std::uint8_t {
  max_completion_tokens,  ///< Takes the output cap under this name only.
  states_cost,            ///< Understands `usage: {include: true}`.
  routes,                 ///< Understands `models`, `provider` and suffixes of model names.
};

/// What a model can or cannot do. Closed like Quirk.
enum class Trait : std::uint8_t { tools, reasoning, images, adaptive_thinking, no_temperature };

struct Provider {
  std::string_view id, name, kind, auth;
  std::vector<ProviderEndpoint> endpoints;  ///< First: the default.
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::vector<std::string_view> env;
  std::string_view hq;  ///< ISO 3166 country, upper case; empty: not known.
  DataFacts data;
  std::vector<Quirk> quirks;

  bool has(Quirk quirk) const;
};

/// A table that prices are from.
struct Source {
  std::string_view id, name, version, date;
};

struct Offer {
  std::string_view provider, upstream_id, dialect;  ///< dialect empty: the provider's.
  std::string_view price_json;  ///< The offer's own JSON object, for price_of(); empty: unknown.
  std::string_view region;      ///< Where it runs, if the offer says: us, eu, jp, global, ..
  std::string_view status;      ///< alpha, beta, deprecated, delisted; empty: in service.
  const Source* price_source = nullptr;             ///< Where the price is from, and of when.
  std::optional<std::int64_t> context, max_output;  ///< Where they differ from the model's.
};

struct Model {
  std::string_view id, name, lab, kind;
  std::int64_t released = 0;  ///< Unix seconds, 0 unknown.
  std::optional<std::int64_t> context, max_output;
  std::vector<Trait> traits;
  std::vector<std::string_view> aliases;
  std::vector<Offer> offers;
};

class Catalog {
 public:
  static constexpr std::size_t max_update_bytes = 16u << 20;

  /// `json` must outlive the catalog and be readable 64 bytes beyond its end (simdjson).
  static Result<Catalog> load(std::string_view json);
  /// The one built into the program.
  static Catalog built_in();
  /// The one built in, under an update that a person brought: its providers' rows replace those of
  /// the same id, its models' rows theirs with the offers of the providers that it names; all else
  /// stays. The update is checked throughout first: form, sizes, names, prices; the error says what
  /// is wrong and where. Keeps a copy of the text. Reading and writing the file that an update
  /// stands in is the caller's.
  static Result<Catalog> built_in_with(std::string_view update_json);

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

  std::string_view generated() const;  ///< Build date of the data; of the update, if there is one.

 private:
  Catalog();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::catalog
