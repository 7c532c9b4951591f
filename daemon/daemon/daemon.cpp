#include "daemon/daemon/daemon.h"

#include <unistd.h>

#include <algorithm>
#include <latch>
#include <optional>

#include "common/platform/files.h"
#include "daemon/admission/admission.h"
#include "daemon/control/control_plane.h"
#include "daemon/daemon/health_keeper.h"
#include "daemon/daemon/prober.h"
#include "daemon/daemon/process.h"
#include "daemon/daemon/workers.h"
#include "daemon/listener/acceptor.h"
#include "daemon/observe/log.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/store/control_store.h"
#include "daemon/upstream/client.h"

namespace routerone {
namespace {

constexpr std::size_t most_loops = 4;
constexpr Millis drain_time{30'000};
constexpr Millis last_breath{2'000};
constexpr Millis drain_look{20};
constexpr std::chrono::hours remembered_spend{33 * 24};  ///< The longest window, and a day.

std::vector<ListenAddress> addresses_of(const DaemonOptions& options) {
  std::vector<ListenAddress> addresses = options.listen;
  if (addresses.empty()) addresses.push_back({"", default_port});
  if (addresses.size() == 1 && addresses.front().host.empty()) {
    const std::uint16_t port = addresses.front().port;
    addresses = {{"127.0.0.1", port}, {"::1", port}};
  }
  return addresses;
}

}  // namespace

struct Daemon::Impl {
  explicit Impl(DaemonOptions given)
      : options(std::move(given)),
        files(options.paths.control_file(), options.paths.pepper(), options.paths.secrets_dir()),
        started(clock.wall()) {}
  ~Impl();

  Status open();
  Status open_log();
  Status open_store();
  void make_workers();
  void equip_workers(const Settings& settings);
  Status start_control();
  void start_listening();
  void publish(const std::shared_ptr<const Snapshot>& snapshot);
  control::DaemonStatus status() const;
  void on_each_loop(const std::function<void(Worker&)>& work);
  void drain();
  bool wait_until_idle(SteadyTime end);

  DaemonOptions options;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<Log> log;
  std::optional<FileLock> lock;
  store::ControlStore files;
  std::unique_ptr<store::TraceStore> traces;
  RouteState routes{clock, random};
  std::optional<HealthKeeper> health_keeper;
  admission::Admission admission{clock, [this](const std::string& what) { log->warn(what); }};
  auth::Proofs proofs{random, clock};
  std::atomic<std::uint64_t> requests{0};
  http::BodyBudget body_budget;
  std::unique_ptr<upstream::Shared> upstream_shared;
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<Acceptor> acceptor;
  std::optional<AccountDesk> account;
  std::unique_ptr<sandbox::Sandbox> sandbox;
  std::unique_ptr<control::ControlPlane> control;
  WallTime started;
};

Daemon::Daemon() = default;
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(DaemonOptions options) {
  harden_process();
  std::unique_ptr<Daemon> daemon(new Daemon);
  daemon->impl_ = std::make_unique<Impl>(std::move(options));
  TRY_STATUS(daemon->impl_->open());
  return daemon;
}

/// In this order: what can be refused first, what others need before them, the callers last.
Status Daemon::Impl::open() {
  TRY_STATUS(ensure_private_dir(options.paths.state_dir));
  TRY_STATUS(ensure_private_dir(options.paths.runtime_dir));
  TRY(auto held, FileLock::acquire(options.paths.lock_file()));
  lock.emplace(std::move(held));
  TRY_STATUS(open_log());
  make_workers();
  TRY(acceptor, Acceptor::bind(workers.front()->loop, addresses_of(options)));
  TRY(const ControlData data, files.load());
  TRY_STATUS(open_store());
  equip_workers(data.settings);
  TRY(sandbox, sandbox::Sandbox::start(workers.front()->loop, random));
  TRY_STATUS(start_control());
  start_listening();
  return {};
}

void Daemon::Impl::make_workers() {
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < std::min(cores, most_loops); ++i) {
    workers.push_back(std::make_unique<Worker>(clock, random));
  }
}

Status Daemon::Impl::open_log() {
  LogOptions wanted;
  wanted.level = options.log_level;
  wanted.format = options.log_format;
  TRY(log, Log::open(wanted));
  return {};
}

Status Daemon::Impl::open_store() {
  store::StoreOptions stored;
  stored.database = options.paths.database();
  stored.spend_floor = options.paths.spend_floor();
  stored.intents = options.paths.intents();
  stored.on_trouble = [this](const std::string& what) { log->warn(what); };
  TRY(traces, store::TraceStore::open(stored, clock));
  TRY(const auto minutes, traces->spend_since(clock.wall() - remembered_spend));
  admission.restore(minutes, traces->settled());
  account.emplace(admission, *traces);
  health_keeper.emplace(routes.health, options.paths.health(),
                        [this](const std::string& what) { log->warn(what); });
  return {};
}

void Daemon::Impl::equip_workers(const Settings& settings) {
  upstream_shared = std::make_unique<upstream::Shared>(clock);
  http::SessionOptions sessions;
  sessions.max_body = settings.max_body;
  sessions.body_budget = &body_budget;
  websocket::Options sockets;
  sockets.max_message = settings.max_body;
  sockets.budget = &body_budget;
  for (const auto& worker : workers) {
    worker->upstream = std::make_unique<upstream::Client>(worker->loop, *upstream_shared);
    if (options.record) {
      worker->recorder = std::make_unique<trace::Recorder>(*traces, worker->loop);
    } else {
      worker->recorder = std::make_unique<NoRecorder>(*traces, worker->loop);
    }
    worker->relay.emplace(*worker->upstream, *worker->recorder, routes, admission, worker->random,
                          requests);
    worker->door.emplace(*worker->relay, clock);
    worker->door->serve_account(*account);
    worker->door->serve_proofs(proofs);
    worker->door->serve_websocket(sockets);
    worker->door->serve_ports(acceptor->ports());
    worker->sessions.emplace(worker->loop, *worker->door, sessions);
    worker->thread = std::thread([&loop = worker->loop] { loop.run(); });
  }
}

Status Daemon::Impl::start_control() {
  control::Services services{.paths = options.paths,
                             .clock = clock,
                             .random = random,
                             .files = files,
                             .traces = *traces,
                             .admission = admission,
                             .proofs = proofs,
                             .health = routes.health,
                             .built_in = {sandbox->built_in()},
                             .publish = [this](const auto& snapshot) { publish(snapshot); },
                             .probe =
                                 [this](const control::ProbeRequest& request) {
                                   Worker& first = *workers.front();
                                   return probe(first.loop, *first.upstream, request);
                                 },
                             .status = [this] { return status(); },
                             .shutdown = [] { request_stop(); }};
  TRY(control, control::ControlPlane::start(std::move(services)));
  return {};
}

void Daemon::Impl::start_listening() {
  std::vector<Acceptor::Lane> lanes;
  for (const auto& worker : workers) lanes.push_back({&worker->loop, &*worker->sessions});
  std::latch done(1);
  workers.front()->loop.post([&] {
    acceptor->start(std::move(lanes));
    done.count_down();
  });
  done.wait();
  if (!acceptor->warning().empty()) log->warn(acceptor->warning());
  for (const std::string& address : acceptor->addresses()) {
    log->info("listening", {{"address", address}});
  }
}

/// Runs `work` on every loop and returns when all have done it.
void Daemon::Impl::on_each_loop(const std::function<void(Worker&)>& work) {
  std::latch done(static_cast<std::ptrdiff_t>(workers.size()));
  for (const auto& worker : workers) {
    worker->loop.post([&work, &done, &worker = *worker] {
      work(worker);
      done.count_down();
    });
  }
  done.wait();
}

void Daemon::Impl::publish(const std::shared_ptr<const Snapshot>& snapshot) {
  on_each_loop([&snapshot](Worker& worker) { worker.relay->use(snapshot); });
  traces->set_retention(snapshot->data.settings.retention_days,
                        snapshot->data.settings.retention_bytes);
}

control::DaemonStatus Daemon::Impl::status() const {
  control::DaemonStatus status;
  status.listening = acceptor->addresses();
  status.warning = acceptor->warning();
  status.started = started;
  status.pid = ::getpid();
  status.requests = requests.load();
  status.connections = acceptor->accepted();
  return status;
}

void Daemon::run() {
  wait_for_stop();
  impl_->log->info("stopping");
  impl_->drain();
}

/// No new connections; idle ones close; answers under way get their time.
void Daemon::Impl::drain() {
  on_each_loop([this](Worker& worker) {
    if (&worker == workers.front().get()) acceptor->stop();
    worker.sessions->drain();
  });
  if (wait_until_idle(clock.steady() + drain_time)) return;
  on_each_loop([](Worker& worker) { worker.sessions->close_all(); });
  wait_until_idle(clock.steady() + last_breath);
}

/// True once no session is left on any loop.
bool Daemon::Impl::wait_until_idle(SteadyTime end) {
  for (;;) {
    std::atomic<std::size_t> open{0};
    on_each_loop([&open](Worker& worker) { open += worker.sessions->count(); });
    if (open == 0) return true;
    if (clock.steady() >= end) return false;
    std::this_thread::sleep_for(drain_look);
  }
}

/// Against the order of opening: nobody may call what is gone.
Daemon::Impl::~Impl() {
  control.reset();
  if (sandbox) {
    on_each_loop([this](Worker& worker) {
      if (&worker == workers.front().get()) sandbox->stop();
    });
  }
  for (const auto& worker : workers) worker->loop.stop();
  for (const auto& worker : workers) {
    if (worker->thread.joinable()) worker->thread.join();
  }
  acceptor.reset();
  sandbox.reset();
  account.reset();
  traces.reset();           // its last callbacks post to the loops, which no longer run
  upstream_shared.reset();  // so do its last look-ups
  workers.clear();
}

}  // namespace routerone
