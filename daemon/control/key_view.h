#pragma once

#include "common/json/json.h"
#include "daemon/control/nouns.h"
#include "daemon/exchange/control_data.h"

namespace routerone::control {

/// What is shown of a key as it now stands: never the key, never its HMAC.
Json key_view(const KeyRecord&, const ControlData&, Desk);
Json key_view(const KeyRecord&, Desk);

/// Gives the record a new key; its text is returned this once and kept nowhere.
Secret mint_key(KeyRecord&, Desk);
/// The view with that text in it.
Json view_with_key(const KeyRecord&, const Secret&, Desk);

/// Revokes a key, and the runs inside it with it.
void end_key(ControlData&, const KeyRecord&, WallTime now);

}  // namespace routerone::control
