#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/core/clock.h"
#include "common/core/result.h"
#include "common/platform/descriptor.h"

namespace routerone::control {

/// The caller's side of the daemon's sockets, without an HTTP library: OpenSSL and what comes with
/// one would cost each command of the CLI more time than all else that it does.

/// How long one waits.
struct Patience {
  Millis connect{5'000};
  Millis silence{45'000};  ///< For each next piece of the answer.
};

/// A close-on-exec connection, made blocking, that waits as long as it is told. not_running: nobody
/// listens; unavailable: nobody took the call in time; unauthorized: the socket is another's.
Result<Descriptor> connect_to(const std::filesystem::path& socket, const Patience&);

/// False: the other side has gone.
bool send_all(int fd, std::string_view text);

/// What the caller is told when the answer does not come, or ends in its middle.
tl::unexpected<Error> went_away();

struct PostAnswer {
  int status = 0;
  std::string contract;  ///< The contract version it says; empty: none.
  std::string body;
};

/// One `POST path` with a JSON body, by HTTP/1.1 on a connection of its own. unavailable: no
/// answer, or half of one; internal: what came is not an answer of ours, or has no end.
Result<PostAnswer> post(const std::filesystem::path& socket, std::string_view path,
                        std::string_view body, const Patience&);

/// Takes an answer's head apart: what stands before the empty line. internal: it is none of ours.
struct PostHead {
  int status = 0;
  std::string contract;
  std::size_t length = 0;  ///< Of the body.
};
Result<PostHead> read_post_head(std::string_view head);

}  // namespace routerone::control
