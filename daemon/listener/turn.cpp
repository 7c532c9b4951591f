#include "daemon/listener/turn.h"

#include <array>
#include <utility>

#include "daemon/dialect/sse_event.h"

namespace routerone {

Turn::Turn(net::Loop& loop, websocket::Connection& connection, dialect::Conversation& conversation,
           const http::RequestHead& head, std::string body)
    : loop_(loop),
      connection_(connection),
      conversation_(conversation),
      head_(head),
      body_(std::move(body)),
      started_(loop.now()),
      watch_(connection, gone_) {}

net::Task<std::optional<std::string_view>> Turn::read_body() { co_return std::string_view(body_); }

net::Task<bool> Turn::reply(const http::AnswerHead& answer, std::string_view body) {
  head_sent_ = true;
  const std::string text = conversation_.write_refusal(answer.status, answer.fields, body);
  const std::array<std::string_view, 1> texts = {text};
  co_return co_await say(texts);
}

net::Task<bool> Turn::start(const http::AnswerHead& answer, bool) {
  prepare(answer);
  co_return !connection_.over();
}

net::Task<bool> Turn::write(std::string_view bytes) { co_return co_await say(events_.push(bytes)); }

net::Task<bool> Turn::write(std::span<const std::string_view> pieces) {
  bool there = !connection_.over();
  for (const std::string_view piece : pieces) {
    if (there) there = co_await write(piece);
  }
  co_return there;
}

net::Task<bool> Turn::finish(std::string_view last) {
  const bool there = co_await write(last);
  if (!there) co_return false;
  co_return co_await say(events_.rest());
}

net::Task<bool> Turn::say(std::span<const std::string_view> texts) {
  if (texts.empty()) co_return !connection_.over();
  for (const std::string_view text : texts) {
    conversation_.note(text);
    bytes_sent_ += text.size();
  }
  co_return co_await connection_.send(texts);
}

/// A keep-alive. Where it is but a comment to fill the silence, it is a ping and what the dialect's
/// clients count as life: Codex waits for a message, whatever pings come (its source, and
/// measured).
void Turn::try_write(std::string_view bytes) {
  std::string joined;
  const dialect::SseEvent event = dialect::read_event(bytes, joined);
  if (event.has_data) return connection_.try_send(event.data);
  connection_.try_ping();
  const std::string_view life = conversation_.sign_of_life();
  if (!life.empty()) connection_.try_send(life);
}

}  // namespace routerone
