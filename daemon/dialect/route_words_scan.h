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

/// Fills the envelope's splices that take these words out of a body whose model stands at `model`.
/// They have passed read_route_words.
void write_without(std::string_view body, const RoutePlaces&, const Picked& model, Envelope&);

/// The same where `model` is missing and the first of `models`, which is not empty, is it: without
/// its list `models` becomes `model` around that one. Returns it as it stands there.
std::string_view write_without_list(std::string_view body, const RoutePlaces&, Envelope&);

/// Is this member of a request one of these words, and so obeyed here? For readers of requests.
bool is_route_word(std::string_view name, simdjson::dom::element value);

}  // namespace routerone::dialect
