// What a connection reads: heads of both sides and the chunked coding. However the bytes arrive,
// the same is understood; and what is understood cannot be understood in another way.
#include <algorithm>
#include <array>

#include "daemon/http/chunked.h"
#include "daemon/http/head_parser.h"
#include "tests/fuzz/bytes.h"

using namespace routerone;
using namespace routerone::http;

namespace {

constexpr std::array<std::string_view, 34> words = {"\r\n",
                                                    "\r\n\r\n",
                                                    "GET / HTTP/1.1\r\n",
                                                    "Host: h\r\n",
                                                    "HTTP/1.1 200 OK\r\n",
                                                    "Content-Length: 3\r\n",
                                                    "Transfer-Encoding: chunked\r\n",
                                                    "Connection: close\r\n",
                                                    "Expect: 100-continue\r\n",
                                                    "POST /v1/x?y=z HTTP/1.1\r\nHost: h\r\n",
                                                    "HTTP/1.0",
                                                    "HTTP/2.0",
                                                    "Content-Length",
                                                    "Transfer-Encoding",
                                                    ": ",
                                                    "chunked",
                                                    "gzip, chunked",
                                                    "0\r\n\r\n",
                                                    "3\r\nabc\r\n",
                                                    "a\r\n0123456789\r\n",
                                                    "ffffffffffffffff",
                                                    ";a=\"b\"",
                                                    "X-Trailer: y\r\n",
                                                    "HTTP/1.1 100 Continue\r\n\r\n",
                                                    "\n",
                                                    "\r",
                                                    "\n\n",
                                                    "\r\n ",
                                                    "\xff",
                                                    "Connection: keep-alive\r\n",
                                                    " ",
                                                    "\t",
                                                    "/",
                                                    "18446744073709551616"};

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

std::size_t head_size_in_steps(fuzz::Input& input) {
  const std::string& text = input.text();
  for (std::size_t looked = 0; looked < text.size();) {
    const std::size_t upto = std::min(text.size(), looked + input.step());
    const std::size_t size = head_size(std::string_view(text).substr(0, upto), looked);
    if (size > 0) return size;
    looked = upto;
  }
  return 0;
}

void check_fields(const std::vector<Field>& fields, const Framing& framing, std::string_view head) {
  fuzz::require(fields.size() <= 100, "at most a hundred fields");
  fuzz::require(!(framing.chunked && framing.content_length), "one framing");
  constexpr std::string_view forbidden("\r\n\0", 3);
  for (const Field& field : fields) {
    fuzz::require(!field.name.empty(), "a field has a name");
    fuzz::require(inside(field.name, head) && inside(field.value, head), "views into the head");
    fuzz::require(field.name.find_first_of(": \t\r\n") == field.name.npos, "a name is a token");
    fuzz::require(field.value.find_first_of(forbidden) == field.value.npos, "a value is a line");
  }
  const bool length_given = find(fields, "content-length").has_value();
  fuzz::require(length_given == framing.content_length.has_value(), "a length is never ignored");
  const bool coding_given = find(fields, "transfer-encoding").has_value();
  fuzz::require(coding_given == framing.chunked, "a coding is never ignored");
}

void check_heads(std::string_view head) {
  if (const auto request = parse_request_head(head, 100)) {
    const RequestHead& read = request->head;
    fuzz::require(read.target.starts_with('/') && inside(read.target, head), "origin form");
    fuzz::require(read.target.starts_with(read.path), "a path is the start of its target");
    fuzz::require(read.target.ends_with(read.query), "a query is the end of its target");
    check_fields(read.fields, request->framing, head);
  }
  if (const auto response = parse_response_head(head, 100)) {
    fuzz::require(response->status >= 100 && response->status <= 999, "a status has three digits");
    check_fields(response->fields, response->framing, head);
  }
}

struct Decoded {
  ChunkedDecoder::State state = ChunkedDecoder::State::more;
  std::string body;
  std::size_t consumed = 0;
};

Decoded decode(std::string_view text, fuzz::Input* steps) {
  ChunkedDecoder decoder;
  Decoded result;
  std::size_t upto = 0;
  while (upto < text.size() && result.state == ChunkedDecoder::State::more) {
    upto = steps == nullptr ? text.size() : std::min(text.size(), upto + steps->step());
    do {
      const auto step = decoder.next(text.substr(result.consumed, upto - result.consumed));
      result.consumed += step.consumed;
      fuzz::require(result.consumed <= upto, "no more is consumed than there is");
      result.body.append(step.data);
      result.state = step.state;
    } while (result.state == ChunkedDecoder::State::data);
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size, words);
  const std::string_view text = input.text();
  const std::size_t at_once = head_size(text, 0);
  fuzz::require(head_size_in_steps(input) == at_once, "a head ends where it ends");
  if (at_once > 0) check_heads(text.substr(0, at_once));
  check_heads(text);

  const Decoded whole = decode(text, nullptr);
  const Decoded stepped = decode(text, &input);
  fuzz::require(whole.state == stepped.state, "a body is as sound however it arrives");
  fuzz::require(whole.body == stepped.body, "a body is the same however it arrives");
  const bool done = whole.state == ChunkedDecoder::State::done;
  fuzz::require(!done || whole.consumed == stepped.consumed, "a body ends where it ends");
  return 0;
}
