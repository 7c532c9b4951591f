#include "daemon/upstream/http_reply.h"

#include <algorithm>
#include <utility>

#include "common/core/text.h"

namespace routerone::upstream {
namespace {

constexpr std::size_t most_head = 64 << 10;
constexpr std::size_t most_fields = 256;
constexpr int most_interim = 16;

bool is_encoding(const http::Field& field) {
  return iequals(field.name, "content-encoding") && !field.value.empty() &&
         !iequals(field.value, "identity");
}

Fault bad_head(std::string detail) { return {FaultKind::bad_head, std::move(detail)}; }

}  // namespace

HttpReply::HttpReply(net::Loop& loop, Pool& pool, std::unique_ptr<Connection> connection,
                     std::unique_ptr<Watchdog> watchdog, const Timeouts& timeouts)
    : loop_(loop),
      pool_(pool),
      connection_(std::move(connection)),
      watchdog_(std::move(watchdog)),
      idle_(timeouts.idle) {}

HttpReply::~HttpReply() {
  if (connection_ && !finished_) connection_->close();
}

net::Task<std::optional<Fault>> HttpReply::read_head(bool& anything_came) {
  std::size_t looked = 0;
  for (int interim = 0; interim <= most_interim;) {
    const std::string_view unread = connection_->unread();
    const std::size_t size = http::head_size(unread, looked);
    if (size > most_head || (size == 0 && unread.size() > most_head)) {
      co_return bad_head("its head is larger than 64 KiB");
    }
    if (size == 0) {
      looked = unread.size();
      const std::size_t count = co_await connection_->read_more();
      if (count == 0) {
        co_return watchdog_->fault_or(FaultKind::closed_before_head);
      }
      anything_came = true;
      continue;
    }
    head_.assign(unread.substr(0, size));
    connection_->consume(size);
    looked = 0;
    const auto parsed = http::parse_response_head(head_, most_fields);
    if (!parsed) co_return bad_head(parsed.error().message);
    if (parsed->status >= 200 || parsed->status == 101) co_return judge_head(*parsed);
    ++interim;
  }
  co_return bad_head("it sent too many interim answers");
}

std::optional<Fault> HttpReply::judge_head(const http::ParsedResponse& parsed) {
  if (parsed.status == 101) return bad_head("it switched protocols unasked");
  if (parsed.status >= 300 && parsed.status < 400) {
    return Fault{FaultKind::redirect, "it answered with a redirect, which is never followed"};
  }
  status = parsed.status;
  fields = parsed.fields;
  // RFC 9112, 6.1: chunks in HTTP/1.0 may be a go-between's that does not understand them.
  keep_alive_ =
      asked_whole_ && parsed.keep_alive && !(parsed.framing.chunked && parsed.minor_version == 0);
  if (std::ranges::any_of(fields, is_encoding)) {
    return Fault{FaultKind::encoded, "it sent a compressed answer although identity was asked"};
  }
  frame_body(parsed.framing);
  watchdog_->rest();
  return std::nullopt;
}

void HttpReply::frame_body(const http::Framing& framing) {
  if (status == 204) {
    framing_ = Framing::none;  // whatever its head says
    keep_alive_ = keep_alive_ && !framing.chunked && framing.content_length.value_or(0) == 0;
  } else if (framing.chunked) {
    framing_ = Framing::chunked;
  } else if (framing.content_length) {
    framing_ = Framing::sized;
    body_length = left_ = *framing.content_length;
    connection_->expect(left_);
  } else {
    framing_ = Framing::to_the_end;
    keep_alive_ = false;
  }
}

net::Task<tl::expected<std::string_view, Fault>> HttpReply::read_some() {
  if (finished_) co_return std::string_view();
  connection_->consume(std::exchange(given_, 0));
  switch (framing_) {
    case Framing::sized:
      co_return co_await read_sized();
    case Framing::chunked:
      co_return co_await read_chunked();
    case Framing::to_the_end:
      co_return co_await read_to_the_end();
    case Framing::none:
      break;
  }
  finish();
  co_return std::string_view();
}

net::Task<tl::expected<std::string_view, Fault>> HttpReply::read_sized() {
  if (left_ == 0) {
    finish();
    co_return std::string_view();
  }
  if (connection_->unread().empty()) {
    watchdog_->limit(idle_, FaultKind::idle_timeout);
    const std::size_t count = co_await connection_->read_more();
    watchdog_->rest();
    if (count == 0) {
      co_return tl::unexpected(watchdog_->fault_or(FaultKind::closed_in_body));
    }
  }
  const std::string_view unread = connection_->unread();
  given_ = static_cast<std::size_t>(std::min<std::uint64_t>(left_, unread.size()));
  left_ -= given_;
  co_return unread.substr(0, given_);
}

/// One piece a call; where several chunks lie in the buffer, one after the other.
net::Task<tl::expected<std::string_view, Fault>> HttpReply::read_chunked() {
  for (;;) {
    const http::ChunkedDecoder::Step step = decoder_.next(connection_->unread());
    switch (step.state) {
      case http::ChunkedDecoder::State::data:
        given_ = step.consumed;
        co_return step.data;
      case http::ChunkedDecoder::State::done:
        connection_->consume(step.consumed);
        finish();
        co_return std::string_view();
      case http::ChunkedDecoder::State::bad:
        co_return tl::unexpected(Fault{FaultKind::bad_framing, "its chunks are broken"});
      case http::ChunkedDecoder::State::more:
        connection_->consume(step.consumed);
        break;
    }
    watchdog_->limit(idle_, FaultKind::idle_timeout);
    const std::size_t count = co_await connection_->read_more();
    watchdog_->rest();
    if (count == 0) {
      co_return tl::unexpected(watchdog_->fault_or(FaultKind::closed_in_body));
    }
  }
}

net::Task<tl::expected<std::string_view, Fault>> HttpReply::read_to_the_end() {
  if (connection_->unread().empty()) {
    watchdog_->limit(idle_, FaultKind::idle_timeout);
    const std::size_t count = co_await connection_->read_more();
    watchdog_->rest();
    if (count == 0) {
      if (watchdog_->struck() || !connection_->ended_cleanly()) {
        co_return tl::unexpected(watchdog_->fault_or(FaultKind::closed_in_body));
      }
      finish();
      co_return std::string_view();
    }
  }
  given_ = connection_->unread().size();
  co_return connection_->unread();
}

/// The body is over. Bytes behind it would be taken for the next answer: such a connection goes.
void HttpReply::finish() {
  finished_ = true;
  const bool reusable = keep_alive_ && connection_->unread().empty() && !watchdog_->struck();
  watchdog_.reset();
  if (reusable) {
    pool_.put(std::move(connection_));
  } else {
    connection_->close();
  }
}

namespace {

constexpr Millis end_mark_wait{1'000};

/// The rest of a chunked body whose reader has left. nullopt: more is needed; else whether it was
/// nothing but the end mark.
std::optional<bool> take_end_mark(Connection& connection, http::ChunkedDecoder& decoder) {
  const http::ChunkedDecoder::Step step = decoder.next(connection.unread());
  if (step.state == http::ChunkedDecoder::State::data) return false;
  connection.consume(step.consumed);
  if (step.state == http::ChunkedDecoder::State::more) return std::nullopt;
  return step.state == http::ChunkedDecoder::State::done && connection.unread().empty();
}

net::Task<void> await_end_mark(net::Loop& loop, Pool& pool, std::unique_ptr<Connection> connection,
                               http::ChunkedDecoder decoder) {
  Connection& wire = *connection;
  net::Deadline deadline(loop.deadlines(), [&wire] { wire.close(); });
  deadline.set(loop.now() + end_mark_wait);
  std::optional<bool> marked;
  while (!marked) {
    const std::size_t count = co_await wire.read_more();
    if (count == 0) break;
    marked = take_end_mark(wire, decoder);
  }
  if (marked.value_or(false) && !deadline.expired()) {
    pool.put(std::move(connection));
  } else {
    wire.close();
  }
}

}  // namespace

void HttpReply::want_no_more() {
  if (finished_ || watchdog_->struck() || framing_ != Framing::chunked || !keep_alive_) return;
  connection_->consume(std::exchange(given_, 0));
  const std::optional<bool> marked = take_end_mark(*connection_, decoder_);
  if (marked) {
    keep_alive_ = *marked;
    finish();
    return;
  }
  finished_ = true;
  watchdog_.reset();
  loop_.spawn(await_end_mark(loop_, pool_, std::move(connection_), decoder_));
}

}  // namespace routerone::upstream
