#include "daemon/listener/exact_json.h"

#include <algorithm>

#include "daemon/dialect/json_value.h"

namespace routerone {
namespace {

/// Without the zeros behind the point that say nothing.
std::string trimmed(std::string number) {
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number;
}

}  // namespace

std::string json_usd(Money amount) { return trimmed(format_usd(amount)); }

std::string json_cents(Money amount) {
  std::string number = format_usd(amount);
  const std::size_t point = number.find('.');
  std::rotate(number.begin() + static_cast<std::ptrdiff_t>(point),
              number.begin() + static_cast<std::ptrdiff_t>(point) + 1,
              number.begin() + static_cast<std::ptrdiff_t>(point) + 3);
  const std::size_t first = number.front() == '-' ? 1 : 0;
  const std::size_t digit = std::min(number.find_first_not_of('0', first), number.find('.') - 1);
  return trimmed(number.erase(first, digit - first));
}

JsonObject& JsonObject::put(std::string_view name, std::string_view json) {
  if (!inside_.empty()) inside_ += ',';
  inside_ += dialect::json_quoted(name);
  inside_ += ':';
  inside_ += json;
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return put(name, dialect::json_quoted(value));
}

JsonObject& JsonObject::text_or_null(std::string_view name, std::string_view value) {
  return value.empty() ? put(name, "null") : text(name, value);
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
  return put(name, value ? "true" : "false");
}

JsonObject& JsonObject::count(std::string_view name, std::optional<std::int64_t> value) {
  return put(name, value ? std::to_string(*value) : "null");
}

JsonObject& JsonObject::usd(std::string_view name, std::optional<Money> value) {
  return put(name, value ? json_usd(*value) : "null");
}

}  // namespace routerone
