// Mistakes that other relays have made; see tests/pitfalls.md.
#include <doctest/doctest.h>

#include "daemon/relay/relay.h"
#include "tests/support/relay_fixture.h"

namespace routerone {
namespace {

using test::RelayFixture;

TEST_CASE_FIXTURE(RelayFixture,
                  "a stream is known by its events, whatever its type is said to be") {
  const std::string events =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},"
      "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  for (const char* type : {"text/plain", "application/json", "application/octet-stream"}) {
    upstream.scripts = {{{}, 200, {{"content-type", type}}, {events}, {}}};
    const Seen seen =
        ask("/v1/chat/completions", R"({"model":"lab/m","stream":true,"messages":[]})");
    CHECK(seen.status == 200);
    CHECK(seen.got == events);
    CHECK(seen.field("content-type").starts_with("text/event-stream"));
    CHECK(rows().back().state == FinalState::completed);
  }
}

TEST_CASE_FIXTURE(RelayFixture, "a packed request is refused in clear words, unsent") {
  more_fields = {{"content-encoding", "zstd"}};
  const Seen seen = ask("/v1/responses", "\x28\xb5\x2f\xfd");
  CHECK(seen.status == 415);
  CHECK(seen.got.find("Content-Encoding") != std::string::npos);
  CHECK(upstream.asked.empty());
}

}  // namespace
}  // namespace routerone
