#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace routerone {

/// How a request asks to be routed, in the words that OpenRouter has for it (`models`, `provider`,
/// a model's suffix). Provider names are ids as the caller wrote them.
struct RouteWords {
  enum class Sort { none, price, throughput, latency };

  std::vector<std::string> models;               ///< To try after `model`, in this order.
  std::vector<std::string> order, only, ignore;  ///< Providers.
  bool allow_fallbacks = true;
  Sort sort = Sort::none;
  std::optional<std::int64_t> max_prompt, max_completion;  ///< Picodollars a token, at most.
  bool no_collection = false;                              ///< `data_collection: deny`
  bool zero_retention = false;                             ///< `zdr: true`
  bool require_parameters = false;
  std::vector<std::string> quantizations;

  bool operator==(const RouteWords&) const = default;
};

/// What a request needs of a model, beyond words in and words out.
struct RequestNeeds {
  bool tools = false;
  bool structured = false;  ///< Answers that follow a schema.
  bool reasoning = false;   ///< Asked for, not only allowed.
  bool images = false, documents = false, audio = false;

  bool operator==(const RequestNeeds&) const = default;
};

}  // namespace routerone
