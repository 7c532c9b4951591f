#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.h"
#include "daemon/http/session.h"

namespace routerone {

/// Every credential a head carries, the likeliest first: `Authorization: Bearer`, then `x-api-key`
/// and its like, then `?key=`. One that is valid is enough; agents send two that differ.
std::vector<std::string_view> credentials_of(const http::RequestHead&);

/// The caller's headers that the dialect lets through to a provider.
std::vector<http::Field> forwarded_fields(const http::RequestHead&, const dialect::Dialect&);

/// `path?query` with the parameters removed in which a credential may travel.
std::string path_with_query(std::string_view path, std::string_view query);

}  // namespace routerone
