#include "daemon/sandbox/sandbox.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <latch>

#include "common/core/text.h"
#include "common/json/json.h"
#include "daemon/http/sessions.h"
#include "daemon/net/socket.h"
#include "daemon/sandbox/question.h"
#include "daemon/sandbox/writers.h"

namespace routerone::sandbox {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t credential_digits = 40;
constexpr Millis slow_pause{200};

std::string random_text(Random& random, std::size_t digits) {
  std::vector<std::uint8_t> bytes(digits);
  random.fill(bytes);
  return base62(bytes, digits);
}

/// Where a stream that dies does so: after some content, before anything that ends it. Events that
/// carry content are those that quote it.
std::size_t middle_of(const std::vector<std::string>& events, const Reply& reply) {
  std::string content;
  if (reply.call) content = reply.call->name;
  if (!reply.pieces.empty()) content = reply.pieces[reply.pieces.size() / 2];
  const std::string quoted = Json(content).dump();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!content.empty() && events[i].find(quoted) != std::string::npos) return i + 1;
  }
  return 1;
}

/// Answers what its models promise. On one loop.
class Provider final : public http::Handler {
 public:
  Provider(std::string credential, Random& random)
      : expected_("Bearer " + std::move(credential)), random_(random) {}

  net::Task<void> handle(http::Exchange& exchange) override;
  http::Answer refuse(const http::ProtocolFault& fault, const http::RequestHead*) override {
    return {fault.status, {}, fault.message, true};
  }

 private:
  net::Task<void> stream(http::Exchange&, const Writer&, const Reply&, const std::string& model);
  net::Task<void> say(http::Exchange&, int status, std::string body);

  std::string expected_;
  Random& random_;
  bool flaky_fails_ = true;
};

net::Task<void> Provider::say(http::Exchange& exchange, int status, std::string body) {
  http::AnswerHead head;
  head.status = status;
  head.fields.push_back({"content-type", "application/json"});
  head.body_length = body.size();
  co_await exchange.reply(head, body);
}

net::Task<void> Provider::handle(http::Exchange& exchange) {
  const Writer* const writer = writer_for(exchange.head().path);
  const auto body = co_await exchange.read_body();
  if (!body) co_return;
  if (writer == nullptr) {
    co_return co_await say(exchange, 404, writer_for("/v1/responses")->error(404, "no such path"));
  }
  if (http::find(exchange.head().fields, "authorization") != expected_) {
    co_return co_await say(exchange, 401, writer->error(401, "wrong credential"));
  }
  const auto question = read_question(*body);
  if (!question) co_return co_await say(exchange, 400, writer->error(400, "not JSON"));
  const std::string& model = question->model;
  const bool known = model == "echo" || model == "slow" || model == "flaky" ||
                     model == "error-503" || model == "cut";
  if (!known) {
    co_return co_await say(
        exchange, 404, writer->error(404, "the model '" + printable(model) + "' does not exist"));
  }
  if (model == "error-503") {
    co_return co_await say(exchange, 503, writer->error(503, "always overloaded"));
  }
  if (model == "flaky" && std::exchange(flaky_fails_, !flaky_fails_)) {
    co_return co_await say(exchange, 500, writer->error(500, "fails every other time"));
  }
  Reply reply = answer(*question, random_text(random_, 16));
  if (writer->events != nullptr && question->stream) {
    co_return co_await stream(exchange, *writer, reply, model);
  }
  if (model == "cut") co_return exchange.abort();
  if (model == "slow") co_await net::sleep_for(exchange.loop(), slow_pause);
  if (writer->path == "/v1/embeddings") reply.pieces = question->inputs;
  std::string whole = writer->whole(reply);
  co_await say(exchange, 200, std::move(whole));
}

net::Task<void> Provider::stream(http::Exchange& exchange, const Writer& writer, const Reply& reply,
                                 const std::string& model) {
  http::AnswerHead head;
  head.fields.push_back({"content-type", "text/event-stream"});
  const std::vector<std::string> events = writer.events(reply);
  bool there = co_await exchange.start(head, false);
  if (!there) co_return;
  const std::size_t end = model == "cut" ? middle_of(events, reply) : events.size();
  for (std::size_t i = 0; i < end; ++i) {
    if (model == "slow") co_await net::sleep_for(exchange.loop(), slow_pause);
    there = co_await exchange.write(events[i]);
    if (!there) co_return;
  }
  if (end < events.size()) co_return exchange.abort();
  co_await exchange.finish();
}

}  // namespace

struct Sandbox::Impl {
  Impl(net::Loop& on, std::string given, Random& random)
      : loop(on),
        credential(std::make_shared<const Secret>(given)),
        provider(std::move(given), random),
        sessions(on, provider, http::SessionOptions{}),
        acceptor(on.executor()) {}

  Status listen();
  void accept();

  net::Loop& loop;
  std::shared_ptr<const Secret> credential;
  Provider provider;
  http::Sessions sessions;
  asio::basic_socket_acceptor<tcp, net::Executor> acceptor;
  std::uint16_t port = 0;
};

Status Sandbox::Impl::listen() {
  boost::system::error_code error;
  acceptor.open(tcp::v4(), error);
  if (!error) acceptor.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(ErrorKind::unavailable, "the sandbox cannot listen: " + error.message());
  }
  port = acceptor.local_endpoint(error).port();
  return {};
}

void Sandbox::Impl::accept() {
  acceptor.async_accept([this](const boost::system::error_code& error, net::TcpSocket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) sessions.serve(std::move(socket));
    accept();
  });
}

Sandbox::Sandbox() = default;
Sandbox::~Sandbox() = default;

Result<std::unique_ptr<Sandbox>> Sandbox::start(net::Loop& loop, Random& random) {
  std::unique_ptr<Sandbox> sandbox(new Sandbox);
  sandbox->impl_ = std::make_unique<Impl>(loop, random_text(random, credential_digits), random);
  TRY_STATUS(sandbox->impl_->listen());
  std::latch listening(1);
  loop.post([&] {
    sandbox->impl_->accept();
    listening.count_down();
  });
  listening.wait();
  return sandbox;
}

void Sandbox::stop() {
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->sessions.close_all();
}

routing::BuiltIn Sandbox::built_in() const {
  routing::BuiltIn built_in;
  built_in.record.id = "sandbox";
  const std::string base = "http://127.0.0.1:" + std::to_string(impl_->port) + "/v1";
  for (const char* dialect : {"openai-chat", "openai-responses", "anthropic"}) {
    built_in.record.endpoints.push_back({dialect, base});
  }
  built_in.record.auth = AuthScheme::bearer;
  built_in.models = {"cut", "echo", "error-503", "flaky", "slow"};
  built_in.price_json = R"({"input":1,"output":2})";
  built_in.credential = impl_->credential;
  return built_in;
}

}  // namespace routerone::sandbox
