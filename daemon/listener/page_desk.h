#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "daemon/listener/lookups.h"

namespace routerone {

/// The pages that explain the gateway to programs and agents, for which nobody needs a key: they
/// hold nothing that is not in the program, but for the names and prices of models. Written once
/// and kept; what can change is written anew away from the loops. One a daemon, for all loops; goes
/// after the loops have stopped.
class PageDesk {
 public:
  using Text = std::shared_ptr<const std::string>;
  struct Page {
    std::string_view type;
    Text text;  ///< Null: it cannot be told just now.
  };

  /// `port`: the first we listen on. `models`: what /models.md says; may take its time.
  PageDesk(std::uint16_t port, std::function<Text()> models);

  static bool has(std::string_view path);
  /// On `loop`; has(path).
  net::Task<Page> find(std::string_view path, net::Loop& loop);
  /// `models` is not asked any more. Waits for an asking under way.
  void close();

 private:
  std::function<void()> writing_to(std::shared_ptr<Text> written);
  net::Task<Page> find_models(net::Loop& loop);
  static net::Task<Page> known(Page page);

  const Text docs_, openapi_;
  std::mutex mutex_;  // held while models_ is asked
  std::function<Text()> models_;
  Lookups lookups_;
};

}  // namespace routerone
