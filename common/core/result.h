#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace routerone {

/// Named by what the reader can do about it, never by where it happened. One table maps each to a
/// CLI exit code (cli/commands), another to a control status (common/control).
enum class ErrorKind {
  invalid,          ///< What was asked cannot be: mend the request, the flag or the file.
  unauthorized,     ///< Not allowed: another credential or another user.
  not_found,        ///< No such thing: look at what there is.
  conflict,         ///< It exists, is in use, or belongs to another: choose or wait.
  limit_reached,    ///< A limit or budget says no: raise it.
  not_running,      ///< The daemon does not answer: start it.
  upstream_failed,  ///< A provider failed.
  unavailable,      ///< Try again later.
  internal,         ///< A bug, or the machine failed us.
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  ///< What failed and why, for the reader. Never holds a secret or a prompt.
  std::string hint;     ///< What mends it, a command if there is one; may be empty.
};

/// A value, or the Error that explains why there is none. Dropping one is a warning.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(hint)});
}

}  // namespace routerone

#define ROUTERONE_JOIN2(a, b) a##b
#define ROUTERONE_JOIN(a, b) ROUTERONE_JOIN2(a, b)
#define ROUTERONE_TRY(leave, tmp, decl, expr)               \
  auto tmp = (expr);                                        \
  if (!tmp) leave ::tl::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
#define ROUTERONE_CHECK(leave, tmp, expr) \
  if (auto tmp = (expr); !tmp) leave ::tl::unexpected(std::move(tmp).error())

/// `TRY(auto user, find(id));` binds the value or returns the error to our caller.
/// A declaration, not a statement expression: GCC 12 crashes on those inside coroutines.
#define TRY(decl, expr) ROUTERONE_TRY(return, ROUTERONE_JOIN(try_, __LINE__), decl, expr)
#define CO_TRY(decl, expr) ROUTERONE_TRY(co_return, ROUTERONE_JOIN(try_, __LINE__), decl, expr)
/// The same for a Status, which has no value.
#define TRY_STATUS(expr) ROUTERONE_CHECK(return, ROUTERONE_JOIN(try_, __LINE__), expr)
#define CO_TRY_STATUS(expr) ROUTERONE_CHECK(co_return, ROUTERONE_JOIN(try_, __LINE__), expr)
