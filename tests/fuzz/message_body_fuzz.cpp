// Messages of a conversation: what is made of any JSON object is a JSON object, without the members
// that only the connection knows, streamed, and with what was said before in front of its input.
#include <array>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/openai_responses/message_body.h"
#include "tests/fuzz/bytes.h"

namespace fuzz = routerone::fuzz;
using namespace routerone::dialect;

namespace {

const std::array<std::string_view, 16> words = {"{\"type\":\"response.create\"",
                                                "\"generate\":false",
                                                "\"previous_response_id\":\"r\"",
                                                "\"previous_response_id\":null",
                                                "\"input\":[",
                                                "\"input\":\"x\"",
                                                "\"stream\":false",
                                                "\"store\":false",
                                                "\"ty\\u0070e\":1",
                                                "\"a\":{\"type\":1,\"input\":[]}",
                                                "\"b\":\"\\\"input\\\":[\"",
                                                "{}",
                                                "]",
                                                "}",
                                                ",",
                                                " "};
constexpr std::array<std::string_view, 5> names = {"type", "generate", "previous_response_id",
                                                   "stream", "input"};

void check(const std::string& message, std::string_view before) {
  const auto read = openai_responses::read_message(message);
  if (!read || !read->parsed) return;
  const std::string body = openai_responses::write_body(message, *read, before);
  const auto members = pick(body, names);
  fuzz::require(members.has_value(), "the body is a JSON object");
  for (std::size_t i = 0; i < 3; ++i) {
    fuzz::require(!(*members)[i].there(), "the connection's own members are gone");
  }
  fuzz::require((*members)[3].times == 1 && (*members)[3].value == "true", "it is streamed");
  fuzz::require((*members)[4].times <= 1, "there is one input");
  if (before.empty()) return;
  fuzz::require((*members)[4].value.starts_with("[" + std::string(before)),
                "what was said before comes first");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size, words);
  for (const std::string_view before : {"", R"({"n":1.0},[2])"}) check(input.text(), before);
  return 0;
}
