#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/dialect/dialect.h"
#include "daemon/dialect/json_scan.h"

namespace routerone::dialect {

/// OpenRouter's words for routing, as its API reference has them ("Provider Routing" and "Model
/// Fallbacks"): `models`, `provider`, and `route`, whose one word says what `models` does anyway.
/// All of them may be null. What else OpenRouter takes (`transforms`, `plugins`) is no routing: it
/// is left to the target.
///
/// A `provider` that is a string is not OpenRouter's but somebody else's word: it stays in the body
/// and goes to the target as it came.
struct RoutePlaces {
  Picked models, provider, route;  ///< Picked from the body.

  bool any() const { return models.there() || provider.there() || route.there(); }
};

/// What they say. A value of another kind than the reference's is refused by its path
/// (`provider.order`); members of `provider` that are not known are passed over.
tl::expected<RouteWords, Refusal> read_route_words(const RoutePlaces&);

/// Takes them out of a body whose model stands at `model`.
std::vector<Splice> without_route_words(std::string_view body, const RoutePlaces&,
                                        const Picked& model);

/// The first of `models` as it stands there, for a body that names no `model`; nothing if there is
/// none. The list has passed read_route_words.
std::optional<std::string_view> first_of(const Picked& models);
/// The same as without_route_words where that first stands for the model: `models` becomes `model`
/// around it.
std::vector<Splice> only_first_model(std::string_view body, const RoutePlaces&,
                                     std::string_view first);

/// Is this member of a request one of these words, and so obeyed here? For readers of requests.
bool is_route_word(std::string_view name, simdjson::dom::element value);

}  // namespace routerone::dialect
