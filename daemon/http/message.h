#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/http/fields.h"

namespace routerone::http {

/// A request's head, checked strictly (RFC 9112) before anybody sees it. Views are valid until the
/// exchange ends.
struct RequestHead {
  std::string_view method;
  std::string_view target;  ///< As sent, origin form.
  std::string_view path;    ///< Before `?`, as sent (not decoded).
  std::string_view query;   ///< After `?`, may be empty.
  std::vector<Field> fields;
  int minor_version = 1;
};

/// Why the session itself refuses a message; the connection is closed after the answer.
enum class ProtocolError {
  malformed,       ///< 400: any breach of the grammar or of framing rules.
  head_too_large,  ///< 431: 64 KiB or 100 fields.
  body_too_large,  ///< 413
  body_budget,     ///< 503: all bodies together are at their cap.
  head_timeout,    ///< 408
  body_timeout,    ///< 408
  version,         ///< 505
  expectation,     ///< 417
};

struct ProtocolFault {
  ProtocolError error = ProtocolError::malformed;
  int status = 400;
  std::string message;  ///< What is wrong, in words of ours; quotes nothing of the message.
};

/// The head of an answer. The session adds Date, Connection and the framing fields.
struct AnswerHead {
  int status = 200;
  std::vector<Field> fields;                 ///< Must outlive the call that takes them.
  std::optional<std::uint64_t> body_length;  ///< nullopt: length not known, chunked.
};

/// A whole answer with its own storage.
struct Answer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  bool close = false;
};

}  // namespace routerone::http
