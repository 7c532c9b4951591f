#pragma once

#include <doctest/doctest.h>
#include <httplib.h>
#include <stdlib.h>

#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cli/commands/run.h"
#include "common/control/contract.h"
#include "common/json/json.h"
#include "tests/support/temp_dir.h"

namespace routerone::cli::test {

using routerone::test::TempDir;

/// What a run of the program left behind.
struct Ran {
  int code = 0;
  std::string out, err;
};

inline std::string content_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  char part[4096];
  for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, file)) > 0;)
    text.append(part, got);
  std::fclose(file);
  return text;
}

/// Runs the program with these words; both its outputs are plain files.
inline Ran run_cli(const std::vector<std::string>& words) {
  std::FILE* const out = std::tmpfile();
  std::FILE* const err = std::tmpfile();
  REQUIRE(out);
  REQUIRE(err);
  Ran ran;
  ran.code = run(words, out, err);
  ran.out = content_of(out);
  ran.err = content_of(err);
  return ran;
}

/// A home of our own, named by the environment as long as this lives.
class Home {
 public:
  Home() {
    ::setenv("ROUTERONE_HOME", dir_.path().c_str(), 1);
    for (const char* name : {"NO_COLOR", "CLICOLOR_FORCE", "ROUTERONE_LISTEN"}) ::unsetenv(name);
    std::filesystem::create_directories(socket().parent_path());
  }
  ~Home() { ::unsetenv("ROUTERONE_HOME"); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const std::filesystem::path& path() const { return dir_.path(); }
  std::filesystem::path socket() const { return dir_.path() / "run" / "control.sock"; }

 private:
  TempDir dir_;
};

/// A daemon on the home's real control socket that answers each path as it was told, and writes
/// down what it was asked.
class FakeDaemon {
 public:
  struct Answer {
    int status = 200;
    std::string body;
  };

  explicit FakeDaemon(const Home& home) {
    server_.set_address_family(AF_UNIX);
    server_.Post("/.*", [this](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard hold(mutex_);
      asked_.emplace_back(request.path, request.body);
      const auto found = answers_.find(request.path);
      const Answer none{404, control::write_error({ErrorKind::not_found, "no such call", ""})};
      const Answer& answer = found == answers_.end() ? none : found->second;
      response.status = answer.status;
      response.set_header(control::contract_field, std::to_string(control::contract_version));
      response.set_content(answer.body, "application/json");
    });
    REQUIRE(server_.bind_to_port(home.socket().string(), 80));
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~FakeDaemon() {
    server_.stop();
    thread_.join();
  }
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;

  void answer(const std::string& path, std::string body) {
    const std::lock_guard hold(mutex_);
    answers_[path] = {200, std::move(body)};
  }
  void refuse(const std::string& path, const Error& error) {
    const std::lock_guard hold(mutex_);
    answers_[path] = {control::status_of(error.kind), control::write_error(error)};
  }
  /// The body of the latest call of `path`; null if there was none.
  Json asked(const std::string& path) const {
    const std::lock_guard hold(mutex_);
    for (auto call = asked_.rbegin(); call != asked_.rend(); ++call)
      if (call->first == path) return Json::parse(call->second);
    return nullptr;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::vector<std::pair<std::string, std::string>> asked_;
  httplib::Server server_;
  std::thread thread_;
};

}  // namespace routerone::cli::test
