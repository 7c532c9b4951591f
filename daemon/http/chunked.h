#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace routerone::http {

/// Takes the chunked coding (RFC 9112, 7.1) off a body, strictly: hexadecimal sizes without sign or
/// space, at most 15 digits; CRLF everywhere; extensions must be well-formed and are ignored;
/// trailers must be well-formed headers and are dropped; both bounded. Used for both sides. Pure.
class ChunkedDecoder {
 public:
  enum class State { more, data, done, bad };

  struct Step {
    State state = State::more;
    std::size_t consumed = 0;    ///< Bytes of the input that are dealt with.
    std::string_view data = {};  ///< If `data`: a piece of the body, inside what was consumed.
  };

  /// Call again with what was not consumed, and with more bytes behind it once it says `more`.
  /// After `done`, what is left belongs to the next message.
  Step next(std::string_view input);
  bool done() const { return phase_ == Phase::done; }

 private:
  enum class Phase { size, data, data_end, trailer, done, bad };
  Step take_line(std::string_view input);
  bool read_size_line(std::string_view line);

  Phase phase_ = Phase::size;
  std::uint64_t left_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace routerone::http
