#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace routerone {

/// Why routerone itself answers in place of an upstream: the rows of DESIGN §6. Each dialect writes
/// them in its own words (`Dialect::write_refusal`).
enum class RefusalKind {
  bad_key,        ///< Missing, unknown, expired, revoked.
  forbidden,      ///< Origin or Host is not ours to serve.
  limit_reached,  ///< Wallet, budget or maxSpend used up.
  rate_limited,   ///< Request, token or concurrency rate.
  bad_request,    ///< Also: no capable target, can never fit a limit.
  unprocessable,  ///< A provider's 422, for the caller whose dialect tells it apart.
  unknown_model,  ///< Or not allowed for this key.
  unknown_path,
  method_not_allowed,
  too_large,
  unsupported_media,  ///< Content-Type, or any Content-Encoding.
  upgrade_required,   ///< 426: WebSocket on a path that has none.
  expectation_failed,
  upstream_failed,        ///< Every target failed.
  upstream_rate_limited,  ///< Every target said 429.
  upstream_credential,    ///< Our credential was refused everywhere.
  shed,                   ///< Memory or descriptors.
  internal,
};

std::string_view to_string(RefusalKind);

struct Refusal {
  RefusalKind kind = RefusalKind::internal;
  std::string message;  ///< For the caller's person; no secret, no prompt.
  std::string param;    ///< The field or header at fault; may be empty.
  std::optional<std::chrono::seconds> retry_after;  ///< Sent as Retry-After.
};

}  // namespace routerone
