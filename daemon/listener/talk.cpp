#include "daemon/listener/talk.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/core/text.h"
#include "daemon/listener/turn.h"
#include "daemon/websocket/handshake.h"

namespace routerone {
namespace {

Refusal refusal_of(const websocket::HandshakeFault& fault) {
  return {fault.version ? RefusalKind::upgrade_required : RefusalKind::bad_request,
          std::string(fault.what),
          std::string(fault.field),
          {}};
}

/// The head of the POST that each request would have been. Views into `opening`.
http::RequestHead head_of_requests(const http::RequestHead& opening,
                                   const dialect::Conversation& conversation) {
  constexpr std::array<std::string_view, 4> own_to_opening = {"upgrade", "connection",
                                                              "content-type", "content-encoding"};
  http::RequestHead head = opening;
  head.method = "POST";
  std::erase_if(head.fields, [&](const http::Field& field) {
    const bool own = std::any_of(own_to_opening.begin(), own_to_opening.end(),
                                 [&](std::string_view name) { return iequals(name, field.name); });
    return own || istarts_with(field.name, "sec-websocket-") || !conversation.is_of_requests(field);
  });
  head.fields.push_back({"content-type", "application/json"});
  return head;
}

/// What one connection keeps between its messages.
struct Line {
  Line(http::Exchange& opened, Relay& behind, const dialect::Match& path,
       dialect::Conversation& said, const websocket::Options& options)
      : loop(opened.loop()),
        relay(behind),
        match(path),
        conversation(said),
        head(head_of_requests(opened.head(), said)),
        connection(opened, options),
        share(options.budget) {}

  std::string new_name() {
    std::string name = relay.new_id(loop.clock());
    std::erase(name, '-');
    return name;
  }

  /// The message's request, or its refusal, or what it is answered with at once.
  dialect::Conversation::Heard hear(std::string message) {
    const std::int64_t seconds = micros_since_epoch(loop.clock().wall()) / 1'000'000;
    const std::string name = new_name();
    dialect::Conversation::Heard heard = conversation.hear(std::move(message), {name, seconds});
    const std::size_t size = heard.body ? heard.body->size() : 0;
    if (!share.set(conversation.held() + size) && heard.body) {
      heard.refused =
          Refusal{RefusalKind::shed, "too many large requests at once; try again", "", {}};
    }
    return heard;
  }

  net::Loop& loop;
  Relay& relay;
  const dialect::Match& match;
  dialect::Conversation& conversation;
  const http::RequestHead head;
  websocket::Connection connection;
  http::BodyShare share;
};

/// One message: answers of ours, or a turn of the relay.
net::Task<void> answer(Line& line, std::string message) {
  dialect::Conversation::Heard heard = line.hear(std::move(message));
  const std::vector<std::string_view> texts(heard.answers.begin(), heard.answers.end());
  if (!texts.empty()) co_await line.connection.send(texts);
  if (!heard.refused && !heard.body) co_return;
  Turn turn(line.loop, line.connection, line.conversation, line.head,
            std::move(heard.body).value_or(""));
  if (heard.refused) {
    co_await line.relay.refuse(turn, line.match, *heard.refused);
  } else {
    co_await line.relay.handle(turn, line.match);
  }
}

}  // namespace

net::Task<void> talk(http::Exchange& exchange, Relay& relay, const dialect::Match& match,
                     std::unique_ptr<dialect::Conversation> conversation,
                     const websocket::Options& options) {
  const auto accept = websocket::accept_handshake(exchange.head());
  if (!accept) {
    const Refusal why = refusal_of(accept.error());
    co_return co_await relay.refuse(exchange, match, why);
  }
  const Clock& clock = exchange.loop().clock();
  const auto caller = relay.authenticate(exchange.head(), clock);
  if (!caller) co_return co_await relay.refuse(exchange, match, caller.error());

  Line line(exchange, relay, match, *conversation, options);
  const std::string id = relay.new_id(clock);
  const http::Field field{"x-request-id", id};
  bool there = co_await line.connection.open(*accept, http::Fields(&field, 1));
  while (there) {
    std::optional<std::string> message = co_await line.connection.next();
    there = message.has_value();
    if (!there) break;
    co_await answer(line, *std::move(message));
    if (!line.share.set(conversation->held())) conversation->forget();
  }
  co_await line.connection.close();
}

}  // namespace routerone
