#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/catalog/price.h"
#include "common/core/secret.h"
#include "daemon/exchange/control_data.h"
#include "daemon/exchange/target_name.h"

namespace routerone {

/// A way out of this machine, by which a provider is reached. TLS goes through it to the provider
/// itself: a proxy learns the host's name and no more.
struct Proxy {
  enum class Kind { http_connect, socks5 };  ///< RFC 9110, 9.3.6; RFC 1928, names looked up there.
  Kind kind = Kind::http_connect;
  std::string host;  ///< Name or address, without brackets.
  std::uint16_t port = 0;
  std::shared_ptr<const Secret> credential;  ///< `user:password`; null: none is asked for.
};

/// Where a provider listens for one dialect, resolved from its record. Immutable; lives as long as
/// the snapshot that made it.
struct Endpoint {
  std::string provider;  ///< Provider id.
  std::string account;   ///< Which of its credentials; empty: the first.
  std::string dialect;   ///< Dialect id.
  bool tls = true;
  std::string host;  ///< Name or address, without brackets.
  std::uint16_t port = 443;
  std::string host_header;  ///< `host[:port]` as the Host header wants it.
  std::string path_prefix;  ///< `/v1`; no trailing slash.
  std::string ca_file;
  std::optional<Proxy> proxy;
  AuthScheme auth = AuthScheme::bearer;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const Secret> credential;  ///< Null where auth is none.
};

/// What an OpenAI-compatible provider wants otherwise than the others; data, never code.
struct Quirks {
  bool max_completion_tokens = false;  ///< Takes the output cap under this name only.
  bool states_cost = false;            ///< Understands `usage: {include: true}` itself.
  bool routes = false;                 ///< Understands RouteWords itself.
};

enum class PriceSource { unknown, catalog, own, upstream };

/// One (provider, upstream model) we may send to.
struct Target {
  const Endpoint* endpoint = nullptr;      ///< Owned by the snapshot.
  std::shared_ptr<const TargetName> name;  ///< Not null.
  const catalog::Price* price = nullptr;   ///< Owned by the snapshot or catalog; null: unknown.
  PriceSource price_source = PriceSource::unknown;
  std::optional<std::int64_t> context, max_output;  ///< Tokens; of the offer, else of the model.
  Quirks quirks;
  bool explicit_fallback = false;  ///< Stands in the plan because of a fallback chain.
};

/// The targets to try, best first. Never empty.
struct RoutePlan {
  std::vector<Target> targets;
};

}  // namespace routerone
