#pragma once

#include <cstdint>
#include <string>

namespace routerone {

/// /docs.md: how a program or an agent uses this gateway, in Markdown. Paths, what can be
/// translated and what each refusal looks like are asked of the dialects, so the page cannot say
/// otherwise than the daemon does. Pure; the same for everybody.
std::string docs_page(std::uint16_t port);

/// /openapi.json: the same for programs that read OpenAPI 3.1.
std::string openapi_page(std::uint16_t port);

}  // namespace routerone
