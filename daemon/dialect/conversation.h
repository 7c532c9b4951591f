#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/exchange/refusal.h"
#include "daemon/http/fields.h"

namespace routerone::dialect {

/// A dialect's requests as messages of one connection, which may leave out what was said on it
/// before. What they leave out is kept here, in memory alone, until the connection ends; so every
/// request goes on whole, and no target need remember anything. Pure: no I/O, no clock.
class Conversation {
 public:
  virtual ~Conversation() = default;

  /// What one message comes to: one of the three, or nothing at all.
  struct Heard {
    std::optional<std::string> body = {};  ///< A request, as it would be POSTed; streamed.
    std::optional<Refusal> refused = {};
    std::vector<std::string> answers = {};  ///< What is known without asking anybody.
  };
  /// For an answer of our own: a name that no other answer has, and Unix seconds.
  struct Moment {
    std::string_view name;
    std::int64_t seconds = 0;
  };
  virtual Heard hear(std::string message, const Moment&) = 0;

  /// An event of the answer to the last body, as it goes to the caller.
  virtual void note(std::string_view event) = 0;

  /// The answer to a POST that was refused, as a message.
  virtual std::string write_refusal(int status, http::Fields, std::string_view body) const = 0;

  /// What may be told while nothing is known of an answer, to clients who do not count pings as
  /// life; empty: nothing.
  virtual std::string_view sign_of_life() const = 0;

  /// Is a field of the opening handshake one of each request too?
  virtual bool is_of_requests(const http::Field&) const = 0;

  /// Bytes that are kept of what was said.
  virtual std::size_t held() const = 0;
  /// Gives them up: whoever goes on from there is told that it is not known.
  virtual void forget() = 0;
};

}  // namespace routerone::dialect
