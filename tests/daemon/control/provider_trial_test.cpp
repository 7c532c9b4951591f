#include <doctest/doctest.h>

#include "tests/daemon/control/plane_fixture.h"
#include "tests/daemon/control/provider_wishes.h"

namespace routerone {
namespace {

using control::ProbeAnswer;
using control::ProbeRequest;
using test::custom;
using test::fault_of;
using test::PlaneWorld;
using test::says;
using test::secret;

/// What `providers test` says when each call is answered by `answer`.
Json tried(PlaneWorld& world, std::function<ProbeAnswer(const ProbeRequest&)> answer,
           const std::string& model = "") {
  world.probe_answer = std::move(answer);
  const auto result = world.client.test_provider({"mine", model});
  REQUIRE_MESSAGE(result, fault_of(result));
  return *result;
}

ProbeAnswer answered(int status, std::string body) {
  ProbeAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

TEST_CASE("a test of a provider makes real calls and finds nothing wrong where nothing is") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("mine", "https://mine.test/v1")));
  const Json result = tried(
      world, [](const ProbeRequest&) { return answered(200, R"({"data":[]})"); }, "m1");
  CHECK(result["ok"] == true);
  CHECK(result["id"] == "mine");
  const auto probed = world.probed();
  REQUIRE(probed.size() == 2);
  CHECK(probed[0].method == "GET");
  CHECK(probed[0].path == "/models");
  CHECK(probed[0].endpoint->credential->reveal() == secret);
  CHECK(probed[1].method == "POST");
  CHECK(probed[1].path == "/chat/completions");
  CHECK(says(probed[1].body, "\"m1\""));
}

TEST_CASE("a test says what is wrong with a key, a host or a certificate, and what mends it") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("mine", "https://mine.test/v1")));
  const auto said = [&](ProbeAnswer answer) {
    const Json result = tried(world, [answer](const ProbeRequest&) { return answer; });
    CHECK(result["ok"] == false);
    return result["checks"].dump();
  };
  CHECK(says(said(answered(401, R"({"error":{"message":"bad pk-secret-echo"}})")),
             "refused the key"));
  for (const auto& [fault, words] :
       std::vector<std::pair<const char*, const char*>>{{"dns", "was not found"},
                                                        {"connect_refused", "nothing listens"},
                                                        {"tls_certificate", "--ca-file"},
                                                        {"connect_timeout", "does not answer"}}) {
    CAPTURE(fault);
    ProbeAnswer broken;
    broken.fault = fault;
    CHECK(says(said(broken), words));
  }
}

TEST_CASE("a test repeats nothing of what a provider said") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("mine", "https://mine.test/v1")));
  for (const int status : {200, 400, 401, 403, 404, 429, 500}) {
    CAPTURE(status);
    const Json result = tried(world, [status](const ProbeRequest&) {
      return answered(status, R"({"error":{"message":"canary-7781","code":"canary-7781"}})");
    });
    CHECK_FALSE(says(result.dump(), "canary-7781"));
  }
}

TEST_CASE("a wrong path is told with the slip that made it") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("mine", "https://mine.test")));
  const Json result =
      tried(world, [](const ProbeRequest&) { return answered(404, "<html>not here</html>"); });
  CHECK(result["ok"] == false);
  CHECK(says(result["checks"].dump(), "https://mine.test/v1"));
  CHECK(fault_of(world.client.test_provider({"nobody", ""})).starts_with("not_found"));
}

}  // namespace
}  // namespace routerone
