#include "daemon/dialect/carrier.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "daemon/dialect/base64.h"
#include "daemon/dialect/digest.h"

namespace routerone {
namespace {

using chat::Thinking;

Thinking state_of(std::string origin, std::string state) {
  Thinking out;
  out.origin = std::move(origin);
  out.state = std::move(state);
  return out;
}

TEST_CASE("state comes out of a carrier as it went in, and with its maker") {
  for (const char* origin : {"anthropic", "openai-responses", "openai-chat", "gemini"}) {
    const std::string carried = dialect::write_carrier(state_of(origin, R"({"b":1,"a":"é"})"));
    CHECK(carried.starts_with("r1."));
    const auto back = dialect::read_carrier(carried);
    REQUIRE(back);
    CHECK(back->origin == origin);
    CHECK(back->state == R"({"b":1,"a":"é"})");
    CHECK(dialect::owns(origin, *back));
    CHECK_FALSE(dialect::owns("another", *back));
  }
}

TEST_CASE("a carrier is an array of the one block, for those who read it elsewhere") {
  const std::string carried = dialect::write_carrier(state_of("anthropic", "{}"));
  CHECK(carried == "r1.m." + dialect::to_base64url("[{}]"));
}

TEST_CASE("nothing is carried that nobody owns") {
  CHECK(dialect::write_carrier(state_of("anthropic", "")).empty());
  CHECK(dialect::write_carrier(state_of("", "{}")).empty());
}

TEST_CASE("what is no carrier or is damaged is nobody's state, but known for one") {
  CHECK_FALSE(dialect::read_carrier("EqQBCkYICxgC"));
  CHECK_FALSE(dialect::is_carrier("EqQBCkYICxgC"));
  CHECK_FALSE(dialect::read_carrier(""));
  const std::string carried = dialect::write_carrier(state_of("anthropic", R"({"a":"bcdef"})"));
  CHECK_FALSE(dialect::read_carrier(carried.substr(0, carried.size() - 3)));
  CHECK(dialect::is_carrier(carried.substr(0, carried.size() - 3)));
  CHECK_FALSE(dialect::read_carrier("r1.z.W3t9XQ"));
  CHECK_FALSE(dialect::read_carrier("r1.m.W3t9XQ!"));
}

TEST_CASE("only the holder of a signature is taken for one") {
  chat::ToolCall call;
  call.signature = "c2ln";
  CHECK(dialect::held_signature(dialect::signature_holder(call)) == "c2ln");
  CHECK(dialect::held_signature(state_of("anthropic", R"({"thoughtSignature":"x"})")).empty());
  CHECK(dialect::held_signature(state_of("gemini", R"({"thoughtSignature":"x","b":1})")).empty());
}

TEST_CASE("base64 in either alphabet gives back what went in") {
  CHECK(rc::check([](const std::string& bytes) {
    RC_ASSERT(dialect::from_base64(dialect::to_base64(bytes)) == bytes);
    RC_ASSERT(dialect::from_base64(dialect::to_base64url(bytes)) == bytes);
  }));
  CHECK(dialect::to_base64("any carnal pleas") == "YW55IGNhcm5hbCBwbGVhcw==");
  CHECK(dialect::to_base64("\xfb\xff") == "+/8=");
  CHECK(dialect::to_base64url("\xfb\xff") == "-_8");
  CHECK(dialect::from_base64("YW\n 55") == "any");
  CHECK_FALSE(dialect::from_base64("YW5$"));
  CHECK_FALSE(dialect::from_base64("YQ==YQ"));
  CHECK_FALSE(dialect::from_base64("Y"));
}

TEST_CASE("a digest is SHA-256 as it is published") {
  CHECK(dialect::digest_hex("", 64) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(dialect::digest_hex("abc", 64) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(dialect::digest_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 64) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(dialect::digest_hex(std::string(1'000'000, 'a'), 64) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(dialect::digest_hex("abc", 10) == "ba7816bf8f");
}

}  // namespace
}  // namespace routerone
