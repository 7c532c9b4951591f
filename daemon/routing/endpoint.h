#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/result.h"
#include "common/core/secret.h"
#include "daemon/exchange/control_data.h"
#include "daemon/exchange/target.h"

namespace routerone::routing {

/// A provider's record and one of its base URLs as something to connect to. `{NAME}` is replaced
/// from the record's variables; http and https, IPv6 literals, default ports. Errors say which part
/// of the URL is wrong.
Result<Endpoint> make_endpoint(const ProviderRecord&, const EndpointRecord&,
                               std::shared_ptr<const Secret> credential,
                               std::shared_ptr<const Secret> proxy_login = nullptr);

/// Under this name a credential is kept: the provider's id for its first, `ID#NAME` for another. A
/// `#` stands in no id, so nothing clashes.
std::string credential_name(std::string_view provider, std::string_view account);

/// And under this one the login at its proxy.
std::string proxy_login_name(std::string_view provider);

/// `http://host:port` (CONNECT) or `socks5://host:port`; `socks5h` is the same: names are always
/// looked up there. invalid: says what is wrong. A user and password are not taken from a URL,
/// which is shown.
Result<Proxy> read_proxy(std::string_view url);

/// A base URL that will not work with this dialect, in words: `/v1` doubled or missing, the
/// dialect's own path appended. nullopt: nothing looks wrong.
std::optional<std::string> base_url_slip(std::string_view dialect, std::string_view base_url);

}  // namespace routerone::routing
