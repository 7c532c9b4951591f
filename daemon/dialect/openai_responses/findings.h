#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/dialect/untranslatable.h"
#include "daemon/exchange/refusal.h"

namespace routerone::dialect::openai_responses {

/// What came to light while a request was read, beside what it says.
struct Findings {
  std::vector<std::string> hints;     ///< For chat::Request::hints; each once.
  std::vector<std::string> own_only;  ///< For chat::Request::own_only.
  std::optional<Refusal> problem;     ///< The first one.

  void hint(std::string_view name) {
    if (std::find(hints.begin(), hints.end(), name) == hints.end()) hints.emplace_back(name);
  }
  void only_here(std::string name) { own_only.push_back(std::move(name)); }
  void wrong(std::string_view param, std::string_view what) {
    if (!problem) problem = malformed(param, what);
  }
};

}  // namespace routerone::dialect::openai_responses
