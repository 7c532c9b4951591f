#include "daemon/dialect/gemini/text_places.h"

#include <algorithm>

namespace routerone::dialect::gemini {

void TextPlaces::add(std::string_view piece) {
  bytes_ += piece.size();
  if (starts_.empty()) {
    const auto other = std::find_if(piece.begin(), piece.end(), [](char c) { return c < 0; });
    const auto plain = static_cast<std::size_t>(other - piece.begin());
    ascii_ += plain;
    piece.remove_prefix(plain);
  }
  piece = piece.substr(0, most_bits - starts_.size());
  for (const char c : piece) starts_.push_back((static_cast<unsigned char>(c) & 0xC0u) != 0x80u);
}

std::int64_t TextPlaces::characters_before(std::size_t at) const {
  if (at <= ascii_) return static_cast<std::int64_t>(at);
  if (at > ascii_ + starts_.size()) return -1;
  const auto end = starts_.begin() + static_cast<std::ptrdiff_t>(at - ascii_);
  return static_cast<std::int64_t>(ascii_) + std::count(starts_.begin(), end, true);
}

std::size_t TextPlaces::byte_of(std::int64_t character) const {
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(character, 0));
  if (wanted < ascii_) return wanted;
  std::size_t left = wanted - ascii_;
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    if (starts_[i] && left-- == 0) return ascii_ + i;
  }
  return bytes_;
}

}  // namespace routerone::dialect::gemini
