#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/money.h"

namespace routerone {

/// Money as a JSON number, digit for digit; never by way of a floating-point number.
std::string json_usd(Money);
/// The same in hundredths: 0.0123 USD is 1.23.
std::string json_cents(Money);

/// A JSON object as it is written: fields in the order of their adding. Values given by put() are
/// JSON already.
class JsonObject {
 public:
  JsonObject& put(std::string_view name, std::string_view json);
  JsonObject& text(std::string_view name, std::string_view value);
  /// Null where it is empty.
  JsonObject& text_or_null(std::string_view name, std::string_view value);
  JsonObject& boolean(std::string_view name, bool value);
  JsonObject& count(std::string_view name, std::optional<std::int64_t> value);
  JsonObject& usd(std::string_view name, std::optional<Money> value);
  std::string str() const { return "{" + inside_ + "}"; }

 private:
  std::string inside_;
};

}  // namespace routerone
