#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/websocket/close_code.h"
#include "daemon/websocket/utf8.h"

namespace routerone::websocket {

/// What a caller's bytes come to.
struct Event {
  enum class Kind {
    none,    ///< More bytes are needed; nothing is left of those given.
    text,    ///< A whole message, its fragments joined; UTF-8.
    ping,    ///< To be answered with the same payload.
    pong,    ///< An answer to a ping, or said unasked.
    close,   ///< The caller's Close, `code` as it said it (`none`: it named none).
    broken,  ///< The caller broke the protocol: `code` is what to close with.
  };
  Kind kind = Kind::none;
  std::string payload = {};
  CloseCode code = CloseCode::none;
};

/// Reads the frames that a client sends (RFC 6455, 5): masked, in the shortest length form, no
/// reserved bit, fragments in order, control frames short and whole. No extension is spoken, and
/// binary messages are refused. Pure; fed in any chunking. After a close, or once broken, all that
/// follows is passed over.
class Reader {
 public:
  explicit Reader(std::size_t max_message) : max_message_(max_message) {}

  /// Takes what it needs from the front of `bytes` and tells the next thing that is whole. To be
  /// called until it says `none`.
  Event next(std::string_view& bytes);

  /// Bytes of an unfinished message that are held.
  std::size_t held() const { return message_.capacity(); }

 private:
  enum class Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
  };

  bool read_head(std::string_view& bytes);
  CloseCode check_head();
  CloseCode check_data_head() const;
  CloseCode take_payload(std::string_view& bytes);
  Event end_frame();
  Event end_close();
  Event broken(CloseCode);
  bool is_control() const { return static_cast<std::uint8_t>(opcode_) >= 8; }

  std::size_t max_message_;
  std::array<std::uint8_t, 14> head_{};  ///< Of the frame under way.
  std::size_t head_size_ = 0;            ///< Of it, so much has come.
  bool in_payload_ = false;

  bool final_ = false;
  Opcode opcode_ = Opcode::continuation;
  std::uint64_t size_ = 0;  ///< Of the frame's payload ...
  std::uint64_t got_ = 0;   ///< ... of which so much has come.
  std::array<std::uint8_t, 4> mask_{};

  std::string message_;
  bool inside_message_ = false;
  Utf8Check utf8_;
  std::string control_;
  bool over_ = false;
};

}  // namespace routerone::websocket
