#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/http/message.h"

namespace routerone::http {

/// How the body behind a head is delimited (RFC 9112, 6.3).
struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

struct ParsedRequest {
  RequestHead head;  ///< Views into the bytes that were parsed.
  Framing framing;
  bool keep_alive = true;
  bool expects_continue = false;
};

struct ParsedResponse {
  int status = 0;
  int minor_version = 1;
  std::vector<Field> fields;
  Framing framing;
  bool keep_alive = true;
};

/// Bytes of `buffer` that are a whole head, its empty line included; 0 while it is not whole. A
/// line that ends in LF alone ends the head too: no more bytes can mend it, and the parser refuses
/// it. `from`: how much was looked at before, so that a slow head is not searched again and again.
std::size_t head_size(std::string_view buffer, std::size_t from);

/// Strict reading of RFC 9112 and 9110 in one pass, without copies. Everything that two parsers
/// could read differently is refused: bare CR or LF, obs-fold, white space before a colon, a
/// repeated or odd Content-Length, any Transfer-Encoding but one `chunked`, both together, a
/// missing or second Host, a target that is not in origin form. One parser for both sides, in place
/// of Beast's, which lets some of these through.
tl::expected<ParsedRequest, ProtocolFault> parse_request_head(std::string_view head,
                                                              std::size_t max_fields);
tl::expected<ParsedResponse, ProtocolFault> parse_response_head(std::string_view head,
                                                                std::size_t max_fields);

}  // namespace routerone::http
