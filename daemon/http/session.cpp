#include <ctime>

#include "daemon/http/session_impl.h"

namespace routerone::http {
namespace {

constexpr std::size_t roomy = 16 << 10;  // more than an idle connection should hold on to

}  // namespace

Session::Session(net::TcpSocket socket, Sessions& owner)
    : socket_(std::move(socket)),
      owner_(owner),
      deadline_(owner.loop_.deadlines(), [this] { on_deadline(); }),
      peer_check_(owner.loop_.deadlines(), [this] { on_end_of_input(); }),
      write_stall_(owner.loop_.deadlines(), [this] { caller_is_gone(); }),
      gone_(std::make_unique<net::StopSignal>()) {
  owner_.open_.insert(this);
}

Session::~Session() {
  forget_request();
  owner_.open_.erase(this);
}

/// One request after the other, until somebody has had enough.
net::Task<void> Session::run() {
  const std::shared_ptr<Session> self = shared_from_this();
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  for (;;) {
    const bool asked = co_await read_head();
    if (!asked) break;
    co_await owner_.handler_.handle(*this);
    if (!ended_ && head_prepared_) abort();
    if (!head_prepared_ || !keep_alive_ || closed_) break;
    const bool at_next = co_await skip_body();
    if (!at_next) break;
    forget_request();
  }
  const bool answered = ended_ && !aborted_;
  // To HTTP/1.0 an orderly end means a whole body: only a reset says that it is not.
  if (aborted_ && request_.head.minor_version == 0) {
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  }
  if (answered) co_await linger();
  close();
}

/// What a sweep found overdue is told to the reader by closing what it reads from; the reader looks
/// at `deadline_.expired()`.
void Session::on_deadline() {
  if (idle_) return close();
  if (on_read_.waiting()) on_read_.now();
}

void Session::caller_is_gone() {
  if (closed_) return;
  close();
}

void Session::close() {
  if (closed_) return;
  closed_ = true;
  const std::shared_ptr<Session> self = shared_from_this();  // who hears of it may end run()
  boost::system::error_code ignored;
  socket_.close(ignored);
  gone_->request();
  if (on_read_.waiting()) on_read_.now();
}

void Session::drain() {
  keep_alive_ = false;
  if (taker_ != nullptr) return taker_->drain();
  if (idle_) close();
}

/// Back to what a fresh connection is; memory of a large request is given back.
void Session::forget_request() {
  if (owner_.options_.body_budget != nullptr) owner_.options_.body_budget->used -= charged_;
  charged_ = 0;
  if (body_.capacity() > roomy)
    std::string().swap(body_);
  else
    body_.clear();
  request_ = {};
  head_text_.clear();
  if (in_.empty() && in_.capacity() > roomy) std::string().swap(in_);
  body_state_ = Body::none;
  out_head_.clear();
  head_prepared_ = chunked_out_ = bodiless_ = ended_ = aborted_ = false;
  keep_alive_ = true;
  idle_ = true;
  bytes_sent_ = 0;
  peer_check_.clear();
}

void Sessions::serve(net::TcpSocket socket) {
  const auto session = std::make_shared<Session>(std::move(socket), *this);
  loop_.spawn(session->run());
}

void Sessions::drain() {
  draining_ = true;
  const std::vector<Session*> all(open_.begin(), open_.end());
  for (Session* session : all) {
    if (open_.contains(session)) session->drain();
  }
}

void Sessions::close_all() {
  const std::vector<Session*> all(open_.begin(), open_.end());
  for (Session* session : all) {
    if (open_.contains(session)) session->close();
  }
}

std::string_view Sessions::date() {
  const std::int64_t second = micros_since_epoch(loop_.clock().wall()) / 1'000'000;
  if (second != date_second_) {
    date_second_ = second;
    const std::time_t time = second;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char text[40];
    date_.assign(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
  }
  return date_;
}

}  // namespace routerone::http
