#include "daemon/daemon/prober.h"

#include <future>
#include <memory>

namespace routerone {
namespace {

constexpr std::size_t most_bytes = 64 << 10;
constexpr upstream::Timeouts patience{Millis(5'000), Millis(10'000), Millis(10'000),
                                      Millis(10'000)};

/// Lives until the call is over, however long the waiting thread does.
struct Call {
  control::ProbeRequest request;
  net::StopSignal never;
  std::promise<control::ProbeAnswer> answer;
};

net::Task<void> run(net::Loop& loop, upstream::Upstream& upstream, std::shared_ptr<Call> call) {
  const SteadyTime began = loop.now();
  std::vector<http::Field> fields;
  for (const auto& [name, value] : call->request.fields) fields.push_back({name, value});
  std::vector<std::string_view> body;
  if (!call->request.body.empty()) body.push_back(call->request.body);
  const upstream::Request request{*call->request.endpoint, call->request.method, call->request.path,
                                  fields, body};
  control::ProbeAnswer answer;
  const auto failed = [&answer](const upstream::Fault& fault) {
    answer.fault = upstream::to_string(fault.kind);
    answer.detail = fault.detail;
  };
  upstream::Sent sent = co_await upstream.send(request, patience, call->never);
  if (!sent) {
    failed(sent.error());
  } else {
    answer.status = (*sent)->status;
    while (answer.body.size() < most_bytes) {
      const auto bytes = co_await (*sent)->read_some();
      if (!bytes) failed(bytes.error());
      if (!bytes || bytes->empty()) break;
      answer.body.append(bytes->substr(0, most_bytes - answer.body.size()));
    }
  }
  answer.latency = std::chrono::duration_cast<Millis>(loop.now() - began);
  call->answer.set_value(std::move(answer));
}

}  // namespace

control::ProbeAnswer probe(net::Loop& loop, upstream::Upstream& upstream,
                           const control::ProbeRequest& request) {
  auto call = std::make_shared<Call>();
  call->request = request;
  std::future<control::ProbeAnswer> answer = call->answer.get_future();
  loop.post([&loop, &upstream, call] { loop.spawn(run(loop, upstream, call)); });
  return answer.get();
}

}  // namespace routerone
