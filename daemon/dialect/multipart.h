#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/exchange/refusal.h"

namespace routerone::dialect {

/// One field of a form.
struct FormPart {
  std::string_view name;
  std::string_view value;   ///< As it stands in the body.
  std::string_view length;  ///< Its size as its own head says it; empty: it does not.
  bool file = false;        ///< It has a file name.
  bool encoded = false;     ///< By a Content-Transfer-Encoding: its value is not what it says.
};

/// A `multipart/form-data` body (RFC 7578), taken apart; views into it.
struct Form {
  std::vector<FormPart> parts;  ///< In their order.
};

/// Reads a form, or says what is wrong with it. What two readers could take for different forms is
/// refused: whatever stands outside the parts, a boundary that also occurs inside one, line ends
/// that are not CRLF, names in an encoding, a part of another length than it says. So what we
/// decide on is what the provider reads. Pure; nothing is copied, and no byte is read more than a
/// few times.
tl::expected<Form, Refusal> read_form(std::string_view content_type, std::string_view body);

/// Is the media type, parameters aside, `multipart/form-data`?
bool is_form(std::string_view content_type);

}  // namespace routerone::dialect
