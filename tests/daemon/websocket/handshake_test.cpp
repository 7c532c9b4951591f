#include "daemon/websocket/handshake.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace routerone;
using namespace routerone::websocket;

namespace {

http::RequestHead opening() {
  http::RequestHead head;
  head.method = "GET";
  head.fields = {{"host", "127.0.0.1:1"},
                 {"upgrade", "websocket"},
                 {"connection", "keep-alive, Upgrade"},
                 {"sec-websocket-version", "13"},
                 {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return head;
}

void replace(http::RequestHead& head, std::string_view name, std::string_view value) {
  for (http::Field& field : head.fields) {
    if (field.name == name) field.value = value;
  }
}

}  // namespace

TEST_CASE("the key is answered as RFC 6455 shows it") {
  CHECK(is_asked_for(opening()));
  CHECK(accept_handshake(opening()).value() == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("an upgrade to something else asks for no WebSocket") {
  http::RequestHead head = opening();
  replace(head, "upgrade", "h2c");
  CHECK_FALSE(is_asked_for(head));
  replace(head, "upgrade", "h2c, WebSocket");
  CHECK(is_asked_for(head));
}

TEST_CASE("what is no opening handshake is told which header is at fault") {
  struct Row {
    std::string_view name, value, at;
  };
  const std::vector<Row> table = {
      {"connection", "keep-alive", "connection"},
      {"sec-websocket-key", "", "sec-websocket-key"},
      {"sec-websocket-key", "c2hvcnQ=", "sec-websocket-key"},
      {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ", "sec-websocket-key"},
      {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZR==", "sec-websocket-key"},
      {"sec-websocket-key", "dGhlIHNhbXBsZSBub25j!Q==", "sec-websocket-key"},
      {"sec-websocket-version", "8", "sec-websocket-version"},
      {"sec-websocket-version", "", "sec-websocket-version"},
  };
  for (const Row& row : table) {
    INFO(std::string(row.name), "=", std::string(row.value));
    http::RequestHead head = opening();
    replace(head, row.name, row.value);
    const auto accepted = accept_handshake(head);
    REQUIRE_FALSE(accepted);
    CHECK(accepted.error().field == row.at);
    CHECK(accepted.error().version == (row.at == "sec-websocket-version"));
  }
  http::RequestHead twice = opening();
  twice.fields.push_back({"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="});
  CHECK_FALSE(accept_handshake(twice));
  http::RequestHead post = opening();
  post.method = "POST";
  CHECK_FALSE(accept_handshake(post));
  http::RequestHead old = opening();
  old.minor_version = 0;
  CHECK_FALSE(accept_handshake(old));
}
