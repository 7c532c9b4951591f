#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "daemon/http/chunked.h"
#include "daemon/http/head_parser.h"
#include "daemon/http/sessions.h"
#include "daemon/net/deadlines.h"
#include "daemon/net/resume.h"
#include "daemon/net/socket.h"

namespace routerone::http {

/// One HTTP/1.1 server connection. `run` reads a head, lets the handler answer, and goes on to the
/// next; one read is pending at all times, so a caller that leaves is noticed while the handler
/// waits for something else. Owned by its own pending work.
class Session final : public Exchange,
                      public Upgrade,
                      public std::enable_shared_from_this<Session> {
 public:
  Session(net::TcpSocket socket, Sessions& owner);
  ~Session() override;

  net::Task<void> run();
  void drain();
  void close();

  net::Loop& loop() override { return owner_.loop_; }
  const RequestHead& head() const override { return request_.head; }
  SteadyTime started() const override { return started_; }
  net::Task<std::optional<std::string_view>> read_body() override;
  net::Task<bool> reply(const AnswerHead&, std::string_view body) override;
  net::Task<bool> start(const AnswerHead&, bool flush) override;
  net::Task<bool> write(std::string_view bytes) override;
  net::Task<bool> write(std::span<const std::string_view> pieces) override;
  net::Task<bool> finish(std::string_view last) override;
  void prepare(const AnswerHead&) override;
  void abort() override;
  void try_write(std::string_view bytes) override;
  bool head_sent() const override { return head_prepared_; }
  std::uint64_t bytes_sent() const override { return bytes_sent_; }
  net::StopSignal& gone() override { return *gone_; }
  Upgrade* upgrade() override { return this; }

  net::Task<bool> open(const AnswerHead&, ByteTaker&) override;
  void stop_taking() override { taker_ = nullptr; }

 private:
  enum class Body { none, waiting, read, broken };

  // reading: session_read.cpp
  net::Task<bool> read_head();
  net::Task<bool> refuse(ProtocolFault fault, bool head_known);
  net::Task<std::optional<ProtocolFault>> read_sized_body();
  net::Task<std::optional<ProtocolFault>> read_chunked_body();
  net::Task<bool> fill();
  net::Task<void> linger();
  net::Task<bool> skip_body();
  void start_read(char* into, std::size_t room);
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void on_end_of_input();
  void watch();
  void on_deadline();
  bool body_done() const { return body_state_ == Body::read; }
  bool charge(std::uint64_t bytes);
  void forget_request();

  // another protocol: session_upgrade.cpp
  void hand_over(const boost::system::error_code& error, std::size_t bytes);

  // writing: session_write.cpp
  void build_head(const AnswerHead&, std::optional<std::uint64_t> length);
  net::Task<bool> send(std::span<const std::string_view> pieces);
  void caller_is_gone();

  net::TcpSocket socket_;
  Sessions& owner_;
  net::Deadline deadline_;    ///< Head, body or idle: whatever is being read.
  net::Deadline peer_check_;  ///< Looks again at a caller that closed its sending side.
  net::Deadline write_stall_;

  std::string in_;         ///< What has been read and not dealt with yet.
  std::string head_text_;  ///< Of the request under way; its head points into this.
  std::array<char, 4096> spare_;
  bool reading_ = false;
  bool read_to_body_ = false;
  std::size_t last_read_ = 0;
  bool end_of_input_ = false;
  bool closed_ = false;
  net::Resume on_read_;
  ByteTaker* taker_ = nullptr;  ///< Once the connection has left HTTP.

  ParsedRequest request_;
  SteadyTime started_{};
  Body body_state_ = Body::none;
  std::string body_;
  std::uint64_t charged_ = 0;

  std::unique_ptr<net::StopSignal> gone_;
  std::string out_head_;  ///< A prepared head, or what try_write could not send.
  bool head_prepared_ = false, chunked_out_ = false, bodiless_ = false, ended_ = false,
       aborted_ = false;
  bool keep_alive_ = true, writing_ = false, idle_ = true;
  std::uint64_t bytes_sent_ = 0;
};

}  // namespace routerone::http
