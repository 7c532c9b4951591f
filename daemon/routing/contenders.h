#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/catalog/catalog.h"
#include "daemon/exchange/decision.h"
#include "daemon/exchange/route_words.h"
#include "daemon/routing/allowance.h"
#include "daemon/routing/model_table.h"
#include "daemon/routing/name_table.h"

namespace routerone::routing {

/// Why somebody may not serve a request: a closed list, as traces have it.
namespace reason {
inline constexpr std::string_view not_allowed = "not_allowed";  ///< By key, project or run.
inline constexpr std::string_view data_policy = "data_policy";
inline constexpr std::string_view dialect = "dialect";  ///< Does not speak it; not translated.
inline constexpr std::string_view pinned = "pinned";    ///< MODEL@ another one.
inline constexpr std::string_view unpriced = "unpriced";
inline constexpr std::string_view not_only = "provider.only";
inline constexpr std::string_view ignored = "provider.ignore";
inline constexpr std::string_view not_in_order = "provider.allow_fallbacks";
inline constexpr std::string_view max_price = "provider.max_price";
inline constexpr std::string_view collection = "provider.data_collection";
inline constexpr std::string_view retention = "provider.zdr";
inline constexpr std::string_view quantization = "provider.quantizations";
inline constexpr std::string_view parameters = "provider.require_parameters";
inline constexpr std::string_view context = "context";  ///< The request is longer.
inline constexpr std::string_view max_output = "max_output";
inline constexpr std::string_view tools = "tools";
inline constexpr std::string_view reasoning = "reasoning";
inline constexpr std::string_view images = "images";
}  // namespace reason

/// One target that a request could go to.
struct Contender {
  const Way* way = nullptr;
  const Endpoint* endpoint = nullptr;
  const Resolved* model = nullptr;
  int position = 0;  ///< 0: of what was asked for; then of what stands in for it, one by one.
  int place = 0;     ///< In `provider.order`.
  bool translated = false;
};

/// A model's place in what a request asks for.
struct Step {
  const Resolved* model = nullptr;
  int position = 0;
};

/// Who may serve, and why the others may not.
struct Field {
  std::vector<Contender> contenders;
  std::vector<Exclusion> excluded;
};

/// Looks at every way of the steps' models. `chosen`: which model serves is left to us, so that
/// only who is known to be able comes into question; else what only the catalog speaks against is
/// asked all the same, where it would leave nobody.
Field contenders_of(const std::vector<Step>& steps, bool chosen, const ModelTable::Wish&,
                    const RouteWords&, const Allowance&);

}  // namespace routerone::routing
