#include "daemon/websocket/connection.h"

#include <utility>
#include <vector>

#include "daemon/websocket/frame.h"

namespace routerone::websocket {
namespace {

/// The code for a breach, in words for whoever debugs a client.
std::string_view explain(CloseCode code) {
  switch (code) {
    case CloseCode::unsupported:
      return "binary messages are not served";
    case CloseCode::bad_data:
      return "text must be UTF-8";
    case CloseCode::too_big:
      return "the message is larger than is accepted";
    default:
      return "the frames break RFC 6455";
  }
}

/// A provider's slip would be ours here: a client has to end the connection over it.
bool is_utf8(std::string_view text) {
  Utf8Check check;
  return check.feed(text) && check.at_boundary();
}

http::AnswerHead opening_head(std::string_view accept, http::Fields extra) {
  http::AnswerHead head;
  head.status = 101;
  head.fields = {{"upgrade", "websocket"}, {"sec-websocket-accept", accept}};
  head.fields.insert(head.fields.end(), extra.begin(), extra.end());
  return head;
}

}  // namespace

Connection::Connection(http::Exchange& exchange, const Options& options)
    : exchange_(exchange),
      options_(options),
      reader_(options.max_message),
      share_(options.budget),
      idle_(exchange.loop().deadlines(),
            [this] {
              end(CloseCode::normal, "nothing was asked for a long time");
              tell();
            }),
      left_(exchange.gone(), [this] {
        gone_ = true;
        end(CloseCode::none, {});
        tell();
      }) {}

Connection::~Connection() { exchange_.upgrade()->stop_taking(); }

net::Task<bool> Connection::open(std::string_view accept, http::Fields extra) {
  const http::AnswerHead head = opening_head(accept, extra);
  co_return co_await exchange_.upgrade()->open(head, *this);
}

net::Task<std::optional<std::string>> Connection::next() {
  idle_.set(exchange_.loop().now() + options_.idle);
  while (waiting_.empty() && !over_) {
    if (draining_) end(CloseCode::going_away, "routerone is stopping");
    if (!over_) co_await on_change_.wait();
  }
  idle_.clear();
  if (over_) co_return std::nullopt;
  std::string message = std::move(waiting_.front());
  waiting_.pop_front();
  share_memory();
  co_return message;
}

/// The owner is told last: it may go on at once, and end all this.
void Connection::take(std::string_view bytes) {
  while (!over_) {
    Event event = reader_.next(bytes);
    if (event.kind == Event::Kind::none) break;
    hear(std::move(event));
  }
  share_memory();
  tell();
}

void Connection::hear(Event event) {
  switch (event.kind) {
    case Event::Kind::text:
      if (waiting_.size() >= options_.most_waiting) {
        return end(CloseCode::policy, "too many messages wait on this connection");
      }
      return waiting_.push_back(std::move(event.payload));
    case Event::Kind::ping:
      return answer_ping(std::move(event.payload));
    case Event::Kind::close:
      return end(event.code, {});
    case Event::Kind::broken:
      return end(event.code, explain(event.code));
    case Event::Kind::pong:
    case Event::Kind::none:
      break;
  }
}

void Connection::answer_ping(std::string payload) {
  if (sending_) {
    owed_pong_ = std::move(payload);  // the latest is enough (RFC 6455, 5.5.3)
  } else if (!over_) {
    exchange_.try_write(pong_frame(payload));
  }
}

/// The first reason counts.
void Connection::end(CloseCode code, std::string_view reason) {
  if (std::exchange(over_, true)) return;
  code_ = code;
  reason_ = reason;
  waiting_.clear();
}

/// Goes on with an owner that waits for a message, or stops the work that it waits for.
void Connection::tell() {
  if (over_ && watcher_ != nullptr) return std::exchange(watcher_, nullptr)->request();
  on_change_.now();
}

void Connection::share_memory() {
  std::size_t held = reader_.held();
  for (const std::string& message : waiting_) held += message.capacity();
  if (!share_.set(held)) end(CloseCode::try_again_later, "too many large requests at once");
}

void Connection::drain() {
  draining_ = true;
  tell();
}

net::Task<bool> Connection::send(std::span<const std::string_view> texts) {
  if (over_) co_return false;
  std::vector<TextHead> heads;
  heads.reserve(texts.size());
  std::deque<std::string> mended;
  std::vector<std::string_view> pieces;
  pieces.reserve(2 * texts.size());
  for (std::string_view text : texts) {
    if (!is_utf8(text)) text = mended.emplace_back(as_utf8(text));
    pieces.push_back(heads.emplace_back(text.size()).bytes());
    pieces.push_back(text);
  }
  sending_ = true;
  bool there = co_await exchange_.write(std::span<const std::string_view>(pieces));
  while (there && owed_pong_) {
    const std::string pong = pong_frame(*std::exchange(owed_pong_, std::nullopt));
    there = co_await exchange_.write(pong);
  }
  sending_ = false;
  co_return there && !over_;
}

void Connection::try_send(std::string_view text) {
  if (!over_) exchange_.try_write(std::string(TextHead(text.size()).bytes()).append(text));
}

void Connection::try_ping() {
  if (!over_) exchange_.try_write(ping_frame({}));
}

net::Task<void> Connection::close() {
  over_ = true;
  idle_.clear();
  if (!gone_) {
    const std::string frame = close_frame(code_, reason_);
    co_await exchange_.write(frame);
  }
  exchange_.upgrade()->stop_taking();
}

Connection::Watch::Watch(Connection& connection, net::StopSignal& signal)
    : connection_(connection) {
  if (connection.over_) {
    signal.request();
  } else {
    connection.watcher_ = &signal;
  }
}

}  // namespace routerone::websocket
