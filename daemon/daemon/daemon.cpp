#include "daemon/daemon/daemon.h"

#include <unistd.h>

#include <algorithm>
#include <latch>
#include <optional>

#include "common/platform/files.h"
#include "common/platform/memory.h"
#include "daemon/admission/admission.h"
#include "daemon/control/control_plane.h"
#include "daemon/control/request_counts.h"
#include "daemon/daemon/health_keeper.h"
#include "daemon/daemon/heartbeat.h"
#include "daemon/daemon/prober.h"
#include "daemon/daemon/process.h"
#include "daemon/daemon/workers.h"
#include "daemon/listener/acceptor.h"
#include "daemon/observe/log.h"
#include "daemon/observe/log_file.h"
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

}  // namespace

struct Daemon::Impl {
  explicit Impl(DaemonOptions given)
      : options(std::move(given)),
        notifier(options.manager.notify_socket),
        files(options.paths.control_file(), options.paths.pepper(), options.paths.secrets_dir()),
        started(clock.wall()) {}
  ~Impl();

  Status open();
  Status open_log();
  Status open_port();
  Status open_store();
  void make_workers();
  void equip_workers(const Settings& settings);
  Status start_control();
  void start_listening();
  void publish(const std::shared_ptr<const Snapshot>& snapshot);
  control::DaemonStatus status() const;
  void watch_loops();
  void on_each_loop(const std::function<void(Worker&)>& work);
  void drain();
  bool wait_until_idle(SteadyTime end);

  DaemonOptions options;
  SystemClock clock;
  SystemRandom random;
  ServiceNotifier notifier;
  std::unique_ptr<Log> log;
  std::optional<FileLock> lock;
  store::ControlStore files;
  control::RequestCounts counts;  // told by the store's writer
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
  std::optional<PageDesk> pages;
  std::unique_ptr<sandbox::Sandbox> sandbox;
  std::unique_ptr<control::ControlPlane> control;
  std::optional<Heartbeat> heartbeat;
  std::atomic<bool> draining{false};
  WallTime started;
};

Daemon::Daemon() = default;
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(DaemonOptions options) {
  harden_process();
  std::unique_ptr<Daemon> daemon(new Daemon);
  daemon->impl_ = std::make_unique<Impl>(std::move(options));
  TRY_STATUS(daemon->impl_->open());
  daemon->impl_->notifier.ready("answers requests");
  return daemon;
}

/// In this order: what can be refused first, what others need before them, the callers last.
Status Daemon::Impl::open() {
  TRY_STATUS(ensure_private_dir(options.paths.state_dir));
  if (options.log_to_file) TRY_STATUS(log_in_place_of_stderr(options.paths.log_file()));
  TRY_STATUS(ensure_private_dir(options.paths.runtime_dir));
  TRY(auto held, FileLock::acquire(options.paths.lock_file()));
  lock.emplace(std::move(held));
  TRY_STATUS(open_log());
  make_workers();
  TRY_STATUS(open_port());
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
  if (options.log_to_file) wanted.file = options.paths.log_file();
  TRY(log, Log::open(wanted));
  log->info("starting", {{"version", ROUTERONE_VERSION}, {"pid", std::to_string(::getpid())}});
  return {};
}

Status Daemon::Impl::open_port() {
  TRY(auto sockets, passed_sockets(options.manager.sockets));
  net::Loop& loop = workers.front()->loop;
  if (sockets.empty()) {
    TRY(acceptor, Acceptor::bind(loop, options.listen));
  } else {
    TRY(acceptor, Acceptor::adopt(loop, std::move(sockets)));
  }
  return {};
}

Status Daemon::Impl::open_store() {
  store::StoreOptions stored;
  stored.database = options.paths.database();
  stored.spend_floor = options.paths.spend_floor();
  stored.intents = options.paths.intents();
  stored.on_trouble = [this](const std::string& what) { log->warn(what); };
  stored.on_row = [this](const TraceRow& row) { counts.count(row); };
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
  pages.emplace(acceptor->ports().front(), [this] {
    return control ? control->models_page() : nullptr;  // made before the first request comes
  });
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
    worker->door->serve_pages(*pages);
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
                             .shutdown = [] { request_stop(); },
                             .counts = &counts,
                             .metrics_at = options.metrics};
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
  status.draining = draining;
  status.manager = options.manager.started_us ? "systemd" : "";
  status.memory = resident_memory();
  return status;
}

void Daemon::run() {
  impl_->watch_loops();
  wait_for_stop();
  impl_->log->info("stopping");
  impl_->notifier.stopping("answers under way may end");
  impl_->drain();
}

void Daemon::Impl::watch_loops() {
  if (!options.manager.watchdog) return;
  std::vector<net::Loop*> loops;
  for (const auto& worker : workers) loops.push_back(&worker->loop);
  heartbeat.emplace(std::move(loops), *options.manager.watchdog / 3, [this] { notifier.alive(); });
}

/// No new connections; idle ones close; answers under way get their time.
void Daemon::Impl::drain() {
  draining = true;
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
  if (pages) pages->close();
  heartbeat.reset();
  if (traces) traces->stop_backing_up();  // a call that waits for it would hold the next line up
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
  pages.reset();
  traces.reset();           // its last callbacks post to the loops, which no longer run
  upstream_shared.reset();  // so do its last look-ups
  workers.clear();
}

}  // namespace routerone
