#pragma once

#include "common/catalog/catalog_rows.h"

namespace routerone::catalog {

/// `below` with what `above` says put in its place: a provider's row as a whole; a model's own
/// fields; its offers provider by provider. What `above` does not name stays. An id of a provider
/// that means another model above means only that. The views stay into the texts of both.
void put_over(Rows& below, Rows above);

/// Is an update one that may be used over `below`? Looks at every row of its text; the error says
/// which is at fault and why.
Status check_update(std::string_view json, const Rows& below);

}  // namespace routerone::catalog
