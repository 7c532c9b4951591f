#pragma once

#include <simdjson.h>

#include "daemon/exchange/usage.h"

namespace routerone::dialect::anthropic {

/// The numbers of Messages usage as they come, event by event: message_start has most of them,
/// message_delta all or only some. They are running totals: the last value of each field wins,
/// nothing is ever added up.
class UsageFold {
 public:
  void take(simdjson::dom::element usage);
  /// As disjoint counts. Rule: catalog/SCHEMA, "Cost of a request", step 1.
  Usage sum() const;

 private:
  using Count = std::optional<std::int64_t>;
  Count input_, output_, thinking_, cache_read_, cache_write_, cache_write_5m_, cache_write_1h_,
      searches_;
  std::string tier_;
  bool fast_ = false;
  std::optional<Money> stated_;
};

Usage read_usage(simdjson::dom::element usage);

}  // namespace routerone::dialect::anthropic
