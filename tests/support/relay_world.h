#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/core/random.h"
#include "daemon/http/session.h"
#include "daemon/net/deadlines.h"
#include "daemon/relay/relay.h"
#include "tests/support/manual_clock.h"

namespace routerone::test {

/// Bytes that follow from a seed.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

/// What a scripted upstream does with one request: fails before a head, or answers with a head and
/// body pieces, after which the body ends cleanly or by a fault.
struct Script {
  std::optional<upstream::FaultKind> refuse;
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::vector<std::string> pieces = {};
  std::optional<upstream::FaultKind> broken_by = {};
  bool silent = false;  ///< Until it is released or stopped.
};

/// Answers from scripts, in order, and remembers what it was asked.
class ScriptedUpstream final : public upstream::Upstream {
 public:
  struct Asked {
    std::string provider, path, body;
    std::vector<std::pair<std::string, std::string>> fields;
  };

  net::Task<upstream::Sent> send(const upstream::Request& request, const upstream::Timeouts&,
                                 net::StopSignal& stop) override {
    Asked question{request.endpoint.provider, std::string(request.path), "", {}};
    for (const std::string_view piece : request.body) question.body.append(piece);
    for (const http::Field& field : request.fields)
      question.fields.emplace_back(field.name, field.value);
    asked.push_back(std::move(question));
    Script script =
        scripts.empty() ? Script{upstream::FaultKind::connect_refused} : scripts.front();
    if (!scripts.empty()) scripts.pop_front();
    if (script.silent) {
      net::Event over(*loop);
      const net::StopSignal::Listener stopped(stop, [&] { over.set(); });
      silent.push_back(&over);
      if (on_silence) on_silence();
      co_await over.wait();
      std::erase(silent, &over);
      if (stop.requested()) {
        upstream::Fault fault{upstream::FaultKind::cancelled, ""};
        fault.sent = true;
        co_return tl::unexpected(fault);
      }
    }
    if (script.refuse) co_return tl::unexpected(upstream::Fault{*script.refuse, ""});
    std::unique_ptr<upstream::Reply> reply =
        std::make_unique<ScriptedReply>(std::move(script), *this);
    co_return reply;
  }

  std::deque<Script> scripts;
  std::vector<Asked> asked;
  net::Loop* loop = nullptr;          ///< Where silence is waited out.
  std::function<void()> before_read;  ///< Runs before each read of a body.
  std::function<void()> on_silence;   ///< Runs when a silent one was asked.
  std::vector<net::Event*> silent;    ///< Set one, and it goes on; in the order they were asked.

 private:
  struct ScriptedReply final : upstream::Reply {
    ScriptedReply(Script given, ScriptedUpstream& of) : script(std::move(given)), owner(of) {
      status = script.status;
      for (const auto& [name, value] : script.fields) fields.push_back({name, value});
    }
    net::Task<tl::expected<std::string_view, upstream::Fault>> read_some() override {
      if (owner.before_read) owner.before_read();
      if (at < script.pieces.size()) co_return std::string_view(script.pieces[at++]);
      if (script.broken_by) co_return tl::unexpected(upstream::Fault{*script.broken_by, ""});
      co_return std::string_view();
    }
    Script script;
    ScriptedUpstream& owner;
    std::size_t at = 0;
  };
};

/// Keeps committed rows, and notes how many bytes the caller had when each was committed.
class RowKeeper final : public trace::Recorder {
 public:
  RowKeeper(store::TraceStore& unused, net::Loop& loop) : Recorder(unused, loop) {}

  Result<IntentSlot> begin(const Intent& intent) override {
    intents.push_back(intent);
    return static_cast<IntentSlot>(intents.size());
  }
  void amend(IntentSlot slot, const Intent& intent, std::string_view upstream_id) override {
    if (slot == 0) return;
    intents[slot - 1] = intent;
    upstream_ids.emplace_back(upstream_id);
  }
  bool spend_is_durable() const override { return durable; }
  net::Task<void> commit(CommitRecord record, Millis) override {
    keep(std::move(record));
    co_return;
  }
  void note(CommitRecord record) override { keep(std::move(record)); }

  std::vector<Intent> intents;
  std::vector<IntentSlot> released;
  std::vector<std::string> upstream_ids;
  bool durable = true;
  std::vector<TraceRow> rows;
  std::vector<std::string> seen_at_commit;
  std::function<std::string()> caller_has;

 private:
  void keep(CommitRecord record) {
    if (record.intent != 0) released.push_back(record.intent);
    rows.push_back(std::move(record.row));
    if (caller_has) seen_at_commit.push_back(caller_has());
  }
};

/// A caller in memory: what it sent, and all it was given.
class MemoryExchange final : public http::Exchange {
 public:
  MemoryExchange(net::Loop& loop, std::string path, std::string body)
      : loop_(loop), path_(std::move(path)), body_(std::move(body)), started_(loop.now()) {
    head_.method = "POST";
    head_.target = path_;
    head_.path = path_;
  }

  http::RequestHead& request() { return head_; }

  net::Loop& loop() override { return loop_; }
  const http::RequestHead& head() const override { return head_; }
  SteadyTime started() const override { return started_; }
  net::Task<std::optional<std::string_view>> read_body() override { co_return body_; }

  net::Task<bool> reply(const http::AnswerHead& answer, std::string_view bytes) override {
    note_head(answer);
    got += bytes;
    ended = true;
    co_return !caller_left;
  }
  net::Task<bool> start(const http::AnswerHead& answer, bool) override {
    prepare(answer);
    co_return !caller_left;
  }
  void prepare(const http::AnswerHead& answer) override {
    if (!head_sent_) note_head(answer);
  }
  net::Task<bool> write(std::string_view bytes) override {
    got += bytes;
    co_return !caller_left;
  }
  net::Task<bool> write(std::span<const std::string_view> pieces) override {
    for (const std::string_view piece : pieces) got += piece;
    co_return !caller_left;
  }
  net::Task<bool> finish(std::string_view last) override {
    got += last;
    ended = true;
    co_return !caller_left;
  }
  void abort() override { aborted = true; }
  void try_write(std::string_view bytes) override { got += bytes; }
  bool head_sent() const override { return head_sent_; }
  std::uint64_t bytes_sent() const override { return got.size(); }
  net::StopSignal& gone() override { return gone_; }

  std::string field(std::string_view name) const {
    for (const auto& [known, value] : fields) {
      if (known == name) return value;
    }
    return "";
  }

  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string got;
  bool ended = false;
  bool aborted = false;
  bool caller_left = false;

 private:
  void note_head(const http::AnswerHead& answer) {
    head_sent_ = true;
    status = answer.status;
    fields.clear();
    for (const http::Field& field : answer.fields) fields.emplace_back(field.name, field.value);
  }

  net::Loop& loop_;
  std::string path_, body_;
  http::RequestHead head_;
  SteadyTime started_;
  net::StopSignal gone_;
  bool head_sent_ = false;
};

}  // namespace routerone::test
