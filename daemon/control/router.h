#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "common/core/result.h"
#include "common/json/json.h"

namespace routerone::control {

/// Does one call: reads its body, answers JSON. On a control thread; may block.
using Handler = std::function<Result<Json>(const Json& body)>;

/// Paths and what they do. Filled at start by the nouns, then only read, by any thread.
class Router {
 public:
  void on(std::string path, Handler handler) {
    handlers_.emplace(std::move(path), std::move(handler));
  }
  Result<Json> handle(std::string_view path, const Json& body) const;

 private:
  std::map<std::string, Handler, std::less<>> handlers_;
};

}  // namespace routerone::control
