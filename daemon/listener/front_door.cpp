#include "daemon/listener/front_door.h"

#include <algorithm>
#include <utility>

#include "common/control/contract.h"
#include "common/core/text.h"
#include "daemon/dialect/operation_path.h"
#include "daemon/listener/talk.h"
#include "daemon/websocket/handshake.h"

namespace routerone {
namespace {

std::string nothing_there() {
  std::string message = "there is nothing at this path; routerone serves ";
  for (const dialect::Dialect* dialect : dialect::all()) {
    message.append(dialect->operations().front().path).append(", ");
  }
  return message + "and the models at /v1/models; GET /docs.md tells more";
}

dialect::ListedModel shown(const routing::ModelTable::Listed& model) {
  return {model.id, model.name, model.lab, model.released};
}

}  // namespace

net::Task<void> FrontDoor::handle(http::Exchange& exchange) {
  const http::RequestHead& head = exchange.head();
  const std::string_view path = dialect::without_api(head.path);
  if (head.method == "HEAD" && path == "/api/hello") {
    co_return co_await say_health(exchange);
  }
  const dialect::Match match = dialect::match(path, head.fields, head.query);
  if (const auto refused = refuse_stranger(head)) {
    co_return co_await relay_.refuse(exchange, match, *refused);
  }
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (reads && (path == "/healthz" || path == "/")) co_return co_await say_health(exchange);
  if (reads && match.models) co_return co_await list_models(exchange, match, *match.models);
  const bool page = pages_ != nullptr && PageDesk::has(path);
  if (reads && page) co_return co_await show_page(exchange, path);
  const auto proof = proof_of(head);
  if (proof) co_return co_await reply_json(exchange, *proof);
  const auto asked = account_ == nullptr ? std::nullopt : account_question(path);
  if (reads && asked) co_return co_await tell_account(exchange, match, *asked);
  if (auto conversation = conversation_for(head, match)) {
    co_return co_await talk(exchange, relay_, match, std::move(conversation), *websocket_);
  }
  if (const auto refused = refuse_method(head, match, page || asked.has_value())) {
    co_return co_await relay_.refuse(exchange, match, *refused);
  }
  co_await relay_.handle(exchange, match);
}

/// Null: no WebSocket is asked for, or none is served there.
std::unique_ptr<dialect::Conversation> FrontDoor::conversation_for(
    const http::RequestHead& head, const dialect::Match& match) const {
  const bool asked = head.method == "GET" && websocket::is_asked_for(head);
  if (!asked || !websocket_ || match.operation == nullptr) return nullptr;
  if (!relay_.snapshot().data.settings.websocket) return nullptr;
  return match.dialect->converse(*match.operation, websocket_->max_message);
}

/// Exactly the loopback's names with our port (no suffix, no other spelling), and no web page.
std::optional<Refusal> FrontDoor::refuse_stranger(const http::RequestHead& head) const {
  if (const auto origin = http::find(head.fields, "origin")) {
    return Refusal{
        RefusalKind::forbidden, "requests from web pages are not served (Origin)", "origin", {}};
  }
  const std::string_view site = http::find(head.fields, "sec-fetch-site").value_or("none");
  if (!iequals(site, "none") && !iequals(site, "same-origin")) {
    return Refusal{
        RefusalKind::forbidden, "requests from other sites are not served", "sec-fetch-site", {}};
  }
  const std::string_view host = http::find(head.fields, "host").value_or("");
  for (const std::uint16_t port : ports_) {
    const std::string suffix = ":" + std::to_string(port);
    for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"}) {
      const bool fits = host.size() == name.size() + suffix.size() && istarts_with(host, name) &&
                        host.ends_with(suffix);
      if (fits || (port == 80 && iequals(host, name))) return std::nullopt;
    }
  }
  return Refusal{RefusalKind::forbidden,
                 "the Host header must be 127.0.0.1, localhost or [::1] with this port",
                 "host",
                 {}};
}

std::optional<Refusal> FrontDoor::refuse_method(const http::RequestHead& head,
                                                const dialect::Match& match, bool only_read) const {
  if (head.method == "OPTIONS") {
    return Refusal{RefusalKind::forbidden, "cross-origin requests are not served", "", {}};
  }
  if (only_read) {
    return Refusal{RefusalKind::method_not_allowed, "this path takes GET only", "", {}};
  }
  if (match.operation == nullptr) {
    const std::uint16_t port = ports_.empty() ? std::uint16_t{0} : ports_.front();
    const auto slip = dialect::base_url_slip(head.path, port);
    return Refusal{RefusalKind::unknown_path, slip.value_or(nothing_there()), "", {}};
  }
  if (websocket::is_asked_for(head)) {
    return Refusal{RefusalKind::upgrade_required,
                   "WebSocket is not served here; send the request by POST",
                   "upgrade",
                   {}};
  }
  if (head.method != "POST") {
    return Refusal{RefusalKind::method_not_allowed, "this path takes POST only", "", {}};
  }
  return std::nullopt;
}

/// Our own list, in the shape the path's headers ask for. Not a relayed request: no trace.
net::Task<void> FrontDoor::list_models(http::Exchange& exchange, const dialect::Match& match,
                                       std::string_view id) {
  const auto caller = relay_.authenticate(exchange.head(), clock_);
  if (!caller) co_return co_await relay_.refuse(exchange, match, caller.error());
  const Snapshot& snapshot = relay_.snapshot();
  const auto outer = snapshot.limits_around(*caller->key);
  const auto listed =
      snapshot.models.list(caller->key, snapshot.limits_of(caller->key->project), outer);
  std::string body;
  if (id.empty()) {
    std::vector<dialect::ListedModel> models;
    models.reserve(listed.size());
    for (const auto& model : listed) models.push_back(shown(model));
    body = match.dialect->write_model_list(models);
  } else {
    const std::string wanted = percent_decoded(id);
    const auto found = std::find_if(listed.begin(), listed.end(),
                                    [&](const auto& model) { return model.id == wanted; });
    if (found == listed.end()) {
      const Refusal unknown{RefusalKind::unknown_model,
                            "there is no model '" + printable(wanted) + "' for this key",
                            "model",
                            {}};
      co_return co_await relay_.refuse(exchange, match, unknown);
    }
    body = match.dialect->write_model(shown(*found));
  }
  co_await reply_json(exchange, std::move(body));
}

/// What the key may spend and did. Not a relayed request either: no trace, whatever comes of it.
net::Task<void> FrontDoor::tell_account(http::Exchange& exchange, const dialect::Match& match,
                                        AccountQuestion question) {
  const http::RequestHead& head = exchange.head();
  const auto caller = relay_.authenticate(head, clock_);
  if (!caller) co_return co_await relay_.refuse(exchange, match, caller.error());
  AccountDesk::Reply told = co_await account_->answer(question, head.query, *caller->key,
                                                      relay_.snapshot().data, exchange.loop());
  co_await reply_json(exchange, std::move(told.body), told.status, told.retry_after);
}

/// Our command line asks whether this port is its daemon's.
std::optional<std::string> FrontDoor::proof_of(const http::RequestHead& head) const {
  if (proofs_ == nullptr || head.method != "GET" || !head.path.starts_with(control::proof_path))
    return std::nullopt;
  const auto answer = proofs_->redeem(head.path.substr(control::proof_path.size()));
  if (!answer) return std::nullopt;
  return "{\"answer\":\"" + *answer + "\"}\n";
}

net::Task<void> FrontDoor::show_page(http::Exchange& exchange, std::string_view path) {
  const PageDesk::Page page = co_await pages_->find(path, exchange.loop());
  if (page.text == nullptr) {
    std::string body = "{\"status\":\"busy\"}\n";
    co_return co_await reply_json(exchange, std::move(body), 503, std::chrono::seconds(1));
  }
  http::AnswerHead head;
  head.fields.push_back({"content-type", page.type});
  head.fields.push_back({"cache-control", "no-cache"});
  head.body_length = page.text->size();
  co_await exchange.reply(head, *page.text);
}

net::Task<void> FrontDoor::say_health(http::Exchange& exchange) {
  std::string body = "{\"status\":\"ok\"}\n";
  co_await reply_json(exchange, std::move(body));
}

/// SDKs read the id from one header or the other, and show it with what goes wrong later.
net::Task<void> FrontDoor::reply_json(http::Exchange& exchange, std::string body, int status,
                                      std::optional<std::chrono::seconds> retry_after) {
  const std::string id = relay_.new_id(clock_);
  const std::string wait = retry_after ? std::to_string(retry_after->count()) : "";
  http::AnswerHead head;
  head.status = status;
  head.fields.push_back({"content-type", "application/json"});
  head.fields.push_back({"x-request-id", id});
  head.fields.push_back({"request-id", id});
  if (retry_after) head.fields.push_back({"retry-after", wait});
  head.body_length = body.size();
  co_await exchange.reply(head, body);
}

http::Answer FrontDoor::refuse(const http::ProtocolFault& fault, const http::RequestHead* head) {
  const dialect::Match match = head == nullptr
                                   ? dialect::match("", {})
                                   : dialect::match(head->path, head->fields, head->query);
  return relay_.refuse_broken(match, fault, head, clock_);
}

}  // namespace routerone
