#pragma once

#include <string>
#include <string_view>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// Paths of operations. One may name its model: `/v1beta/models/{model}:generateContent`, where any
/// text but an empty one may stand for `{model}`, slashes and colons included.

/// `/api/v1/..` is `/v1/..`, for the programs that insist on it.
std::string_view without_api(std::string_view path);

bool fits(const Operation&, std::string_view path);

/// The model that a fitting path names, percent signs undone; empty: this operation has it in its
/// body.
std::string model_in_path(const Operation&, std::string_view path);

/// An upstream path with the model in its place, of which nothing can leave that place.
std::string path_for(std::string_view upstream_path, std::string_view model);

}  // namespace routerone::dialect
