#include "daemon/control/hex.h"

#include <span>

#include "common/core/text.h"

namespace routerone::control {

std::string hex_of(const Secret& secret) {
  const std::string_view bytes = secret.reveal();
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::optional<Secret> secret_of_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digits.find(text[i]), low = digits.find(text[i + 1]);
    if (high == digits.npos || low == digits.npos) return std::nullopt;
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return Secret(std::move(bytes));
}

}  // namespace routerone::control
