#pragma once

#include <optional>
#include <string_view>

#include "common/json/json_fwd.h"
#include "daemon/exchange/control_data.h"

namespace routerone::store {

class JsonFields;

/// `hour day week month total`
std::string_view to_word(Period);
std::optional<Period> period_of(std::string_view word);

/// Limits among the fields of their key or project. Money is a decimal string, which is exact.
void write_limits(Json& record, const Limits&);
void read_limits(JsonFields& record, Limits&);

Json wallet_to_json(const WalletRecord&);
void read_wallet(JsonFields wallet, WalletRecord&);

}  // namespace routerone::store
