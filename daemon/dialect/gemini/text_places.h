#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace routerone::dialect::gemini {

/// Which byte of a text is which character, for a text that comes in pieces and is not kept: this
/// dialect counts bytes, the others characters. A bit for each byte from the first one on that is
/// not ASCII; of texts longer than that may be, only the beginning is known.
class TextPlaces {
 public:
  void add(std::string_view piece);
  std::size_t bytes() const { return bytes_; }
  /// How many characters begin before byte `at`; -1: not known.
  std::int64_t characters_before(std::size_t at) const;
  /// Where character `character` begins; all bytes if there are fewer or it is not known.
  std::size_t byte_of(std::int64_t character) const;

 private:
  static constexpr std::size_t most_bits = 1 << 19;

  std::size_t bytes_ = 0;
  std::size_t ascii_ = 0;     ///< Bytes at the beginning.
  std::vector<bool> starts_;  ///< Of those behind: begins a character.
};

}  // namespace routerone::dialect::gemini
