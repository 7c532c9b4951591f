#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/money.h"

namespace routerone {

/// What a failed attempt means to the attempt engine. It knows these and no provider.
enum class FailureClass {
  none,
  connect,             ///< Refused, unreachable, name not found, TLS refused: nothing was sent.
  timeout,             ///< Connect, first byte, idle or total timer.
  cut,                 ///< The connection died or the stream ended before it was whole.
  bad_answer,          ///< Not HTTP, empty or unparsable 200, redirect, encoded body.
  server_error,        ///< 5xx.
  overloaded,          ///< 529, or said so in words.
  rate_limited,        ///< 429.
  request_timeout,     ///< 408.
  credential_refused,  ///< 401, 402, 403 or a quota 429 of *our* credential.
  model_missing,       ///< 404 that names the model.
  caller_fault,        ///< 400, 413, 422 and the like: the same everywhere; passed on.
  cancelled,           ///< The caller left.
};

/// The closed list's word in traces and logs: `connect`, `rate_limited`, ...
std::string_view to_string(FailureClass);

/// May another target be tried after this, as long as no content byte has gone out?
bool may_fail_over(FailureClass);

/// One try at one target, as the trace tells it.
struct Attempt {
  std::string provider;
  std::string account;  ///< Which of its credentials; empty: the first.
  std::string upstream_model;
  int status = 0;  ///< 0: no HTTP answer.
  FailureClass failure = FailureClass::none;
  std::string error_code;  ///< From a closed list (transport fault or failure
                           ///< class); never an upstream's words.
  std::chrono::microseconds latency{};
  std::optional<Money> cost;  ///< Where it failed and may be charged for all the same.
  bool replayed = false;      ///< A dead pooled connection was replaced silently.
};

}  // namespace routerone
