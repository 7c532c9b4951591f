#pragma once

#include <memory>
#include <string>

#include "daemon/http/chunked.h"
#include "daemon/http/head_parser.h"
#include "daemon/upstream/connection.h"
#include "daemon/upstream/pool.h"
#include "daemon/upstream/upstream.h"
#include "daemon/upstream/watchdog.h"

namespace routerone::upstream {

/// The answer on one connection: its head, then its body piece by piece from the connection's
/// buffer. Gives the connection back to the pool at the body's exact end, else closes it.
class HttpReply final : public Reply {
 public:
  HttpReply(net::Loop& loop, Pool& pool, std::unique_ptr<Connection> connection,
            std::unique_ptr<Watchdog> watchdog, const Timeouts& timeouts);
  ~HttpReply() override;

  /// Reads heads until the final one; nullopt: it is there, and the fields say what it is.
  net::Task<std::optional<Fault>> read_head(bool& anything_came);

  /// The request was not sent to its end: after the answer, the connection is of no more use.
  void asked_in_part() { asked_whole_ = false; }

  net::Task<tl::expected<std::string_view, Fault>> read_some() override;
  void want_no_more() override;

 private:
  enum class Framing { none, sized, chunked, to_the_end };

  net::Task<tl::expected<std::string_view, Fault>> read_sized();
  net::Task<tl::expected<std::string_view, Fault>> read_chunked();
  net::Task<tl::expected<std::string_view, Fault>> read_to_the_end();
  std::optional<Fault> judge_head(const http::ParsedResponse&);
  void frame_body(const http::Framing&);
  void finish();

  net::Loop& loop_;
  Pool& pool_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Watchdog> watchdog_;
  Millis idle_;
  std::string head_;  ///< The fields point into it.
  Framing framing_ = Framing::none;
  std::uint64_t left_ = 0;
  http::ChunkedDecoder decoder_;
  std::size_t given_ = 0;  ///< Bytes of the buffer behind the view given out last.
  bool asked_whole_ = true;
  bool keep_alive_ = false;
  bool finished_ = false;
};

}  // namespace routerone::upstream
