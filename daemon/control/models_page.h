#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "daemon/control/nouns.h"

namespace routerone::control {

/// /models.md: what can be asked for now, with context, price and who serves it, in Markdown.
/// Written once for each snapshot. No secret and nobody's limits are in it; a key may allow less.
class ModelsPage {
 public:
  /// More rows than this are only counted: a page is to be read.
  static constexpr std::size_t most_rows = 1'000;

  explicit ModelsPage(Desk desk) : desk_(desk) {}
  std::shared_ptr<const std::string> text();  ///< Any thread; may take milliseconds.

 private:
  const Desk desk_;
  std::mutex mutex_;
  std::weak_ptr<const Snapshot> of_;
  std::shared_ptr<const std::string> text_;
};

}  // namespace routerone::control
