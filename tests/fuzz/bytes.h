#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace routerone::fuzz {

/// Ends the run at once, so that the fuzzer keeps the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// What one input of the fuzzer says: how its text is cut into pieces, and the text. Bytes above
/// 127 stand for whole words of the language under test, so that little time is lost on finding
/// those; or for themselves, in every other input.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size, std::span<const std::string_view> words) {
    if (size < 2) return;
    const bool raw = (data[0] & 1) != 0;
    seed_ = data[0] * 256u + data[1];
    for (std::size_t i = 2; i < size; ++i) {
      if (raw || data[i] < 128) {
        text_ += static_cast<char>(data[i]);
      } else {
        text_ += words[data[i] % words.size()];
      }
    }
  }

  const std::string& text() const { return text_; }

  /// The size of the next piece: mostly a few bytes, now and then many.
  std::size_t step() {
    seed_ = seed_ * 1'103'515'245u + 12'345u;
    const std::uint32_t drawn = seed_ >> 16;
    return (drawn & 7) == 0 ? 1 + drawn % 5000 : 1 + drawn % 9;
  }

 private:
  std::string text_;
  std::uint32_t seed_ = 0;
};

}  // namespace routerone::fuzz
