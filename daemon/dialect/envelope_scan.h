#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// Where a dialect keeps what an Envelope holds. The model, the caps, what changes the answer's
/// form and how to route are decisive: given twice, or spelled in another case, they are refused,
/// because readers differ in which one they take.
struct EnvelopeNames {
  /// The output cap, in up to two spellings; both may be given if they are equal.
  std::array<std::string_view, 2> caps = {};
  /// The members that tell the agent session; the first that does counts.
  std::array<std::string_view, 2> sessions = {};
  std::string (*read_session)(std::string_view value) = nullptr;
  /// Where the system's words stand, and the turns; empty: they are not looked at.
  std::string_view system = {}, turns = {};
  bool streams = true;      ///< Has `stream`.
  bool asks_usage = false;  ///< Reports usage in a stream only if `stream_options` asks for it.
};

tl::expected<Envelope, Refusal> scan_envelope(const EnvelopeNames&, std::string_view body);

/// Puts `cap` in the place of each cap that is given, or inserts one where there is none. `only`:
/// the one name that the target understands, to which a cap under the other is renamed; empty: it
/// stays under the caller's, and is the first of `caps` where there was none. `body` has passed
/// scan_envelope.
std::vector<Splice> replace_caps(const EnvelopeNames&, std::string_view body, std::int64_t cap,
                                 std::string_view only);

/// Session reader for dialects where it is the string itself, or an object's `id`.
std::string session_string(std::string_view value);

}  // namespace routerone::dialect
