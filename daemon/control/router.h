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

/// What GET answers: for other programs than ours, so without a contract.
struct Page {
  std::string type;  ///< Of its content.
  std::string body;
};

/// Paths and what they do. Filled at start by the nouns, then only read, by any thread.
class Router {
 public:
  void on(std::string path, Handler handler) {
    handlers_.emplace(std::move(path), std::move(handler));
  }
  Result<Json> handle(std::string_view path, const Json& body) const;

  void on_page(std::string path, std::function<Page()> page) {
    pages_.emplace(std::move(path), std::move(page));
  }
  Result<Page> read(std::string_view path) const;

 private:
  std::map<std::string, Handler, std::less<>> handlers_;
  std::map<std::string, std::function<Page()>, std::less<>> pages_;
};

}  // namespace routerone::control
