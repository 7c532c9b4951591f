// The part of `gather` that asks the daemon, and looks at the ports it should have.
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "cli/commands/doctor_gather.h"
#include "cli/commands/port_proof.h"
#include "cli/commands/views.h"
#include "common/config/listen.h"
#include "common/platform/descriptor.h"
#include "common/platform/port_holder.h"

namespace routerone::cli {
namespace {

using control::Client;

constexpr Millis patience{5'000};
constexpr Millis patience_with_checkup{8'000};  // it reads the database
constexpr int patience_with_connect_ms = 1'000;

DaemonFindings::State state_of(const Result<Json>& status) {
  if (status) return DaemonFindings::State::answers;
  if (status.error().kind == ErrorKind::not_running) return DaemonFindings::State::absent;
  if (status.error().kind == ErrorKind::unauthorized) return DaemonFindings::State::foreign;
  return DaemonFindings::State::silent;
}

/// Asks one thing after the other, and nothing more of a daemon that has once left us waiting.
class Asker {
 public:
  explicit Asker(const Client& client) : client_(client) {}

  Result<Json> ask(Millis limit, const std::function<Result<Json>(const Client&)>& call) {
    auto answer =
        gone_ ? std::nullopt : within(limit, [call, client = client_] { return call(client); });
    gone_ = !answer;
    if (answer) return *std::move(answer);
    return fail(ErrorKind::unavailable,
                fmt::format("the daemon takes calls and does not answer within {} s",
                            limit.count() / 1'000));
  }
  Json ask_for(const std::function<Result<Json>(const Client&)>& call) {
    return ask(patience, call).value_or(Json());
  }

 private:
  const Client& client_;
  bool gone_ = false;
};

bool anybody_at(const std::string& host, std::uint16_t port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  const Descriptor made(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0));
  int failed = made ? 0 : -1;
  if (made && ::connect(made.get(), found->ai_addr, found->ai_addrlen) != 0) {
    pollfd wait{made.get(), POLLOUT, 0};
    socklen_t size = sizeof failed;
    if (::poll(&wait, 1, patience_with_connect_ms) != 1 ||
        ::getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &failed, &size) != 0)
      failed = -1;
  }
  ::freeaddrinfo(found);
  return failed == 0;
}

/// Without a daemon: does another have the place it would take?
void look_for_takers(const Paths& paths, PortFindings& found) {
  for (const ListenAddress& at : choose_addresses(paths, {}).value_or(ListenAddresses{})) {
    if (at.port == 0 || look_at_port(at.host, at.port) != PortState::taken) continue;
    const PortHolder holder = find_port_holder(at.host, at.port);
    if (holder.program == "systemd") continue;  // it holds the port for the daemon it is to start
    found.taken.push_back(fmt::format("{} by {}", to_text(at), describe(holder)));
  }
}

/// `localhost` is [::1] first for many programs: who is there gets requests meant for us.
void look_for_strangers(const std::vector<std::string>& listening, PortFindings& found) {
  for (const std::string& address : listening) {
    const auto at = parse_listen_address(address);
    if (!at || at->host.find(':') != std::string::npos) continue;
    const std::string other = to_text({"::1", at->port});
    if (std::find(listening.begin(), listening.end(), other) == listening.end() &&
        anybody_at("::1", at->port))
      found.strangers.push_back(other);
  }
}

}  // namespace

DaemonFindings gather_daemon(const Client& client) {
  DaemonFindings found;
  Asker asker(client);
  const auto status = asker.ask(patience, [](const Client& c) { return c.status(); });
  found.state = state_of(status);
  if (!status) {
    found.why = status.error();
    return found;
  }
  found.status = *status;
  found.keys = asker.ask_for([](const Client& c) { return c.list_keys(true); });
  found.providers = asker.ask_for([](const Client& c) { return c.list_providers(false); });
  found.budgets = asker.ask_for([](const Client& c) { return c.list_budgets(); });
  found.newest = asker.ask_for([](const Client& c) { return c.list_traces({{}, 1}); });
  found.usage = asker.ask_for([](const Client& c) {
    control::UsageWish wish;
    wish.by = {"model"};
    wish.terms = {"since=7d"};
    return c.usage(wish);
  });
  // Last, because its questions for the ports are soon too old.
  found.checkup = asker.ask(patience_with_checkup, [](const Client& c) { return c.checkup(); })
                      .value_or(Json());
  return found;
}

PortFindings gather_ports(const Paths& paths, const DaemonFindings& daemon) {
  PortFindings found;
  if (daemon.state == DaemonFindings::State::absent) look_for_takers(paths, found);
  for (const Json& proof : part_of(daemon.checkup, "proofs")) {
    const std::string address = text_of(proof, "address"), question = text_of(proof, "question"),
                      answer = text_of(proof, "answer");
    const auto proved = within(patience, [=]() -> Result<Json> {
      TRY_STATUS(prove_port(address, question, answer));
      return Json();
    });
    const std::string trouble = !proved    ? "nobody answers there in time"
                                : !*proved ? proved->error().message
                                           : "";
    found.proved.push_back({address, trouble});
  }
  look_for_strangers(strings_of(daemon.status, "listening"), found);
  return found;
}

}  // namespace routerone::cli
