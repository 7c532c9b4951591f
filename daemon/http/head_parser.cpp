#include "daemon/http/head_parser.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"

namespace routerone::http {
namespace {

constexpr std::size_t longest_length = 18;  // decimal digits that cannot overflow

constexpr std::array<bool, 256> token_table = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return token_table[static_cast<unsigned char>(c)];
  });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// field-vchar, obs-text, space and tab: no control character, so no CR, LF or NUL.
bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

ProtocolFault malformed(std::string message) {
  return {ProtocolError::malformed, 400, std::move(message)};
}

/// Takes lines off a head, CRLF and nothing else.
class Lines {
 public:
  explicit Lines(std::string_view head) : rest_(head) {}

  /// nullopt: a line without CRLF, or with a CR or LF inside.
  std::optional<std::string_view> next() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos || end == 0 || rest_[end - 1] != '\r') return std::nullopt;
    const std::string_view line = rest_.substr(0, end - 1);
    if (line.find('\r') != std::string_view::npos) return std::nullopt;
    rest_.remove_prefix(end + 1);
    return line;
  }

 private:
  std::string_view rest_;
};

struct FieldBlock {
  std::vector<Field> fields;
  Framing framing;
  bool close = false, keep_alive = false, expects = false;
  std::string_view expectation;
  int hosts = 0;
};

using Checked = tl::expected<void, ProtocolFault>;

Checked read_length(FieldBlock& block, std::string_view value) {
  const bool digits = !value.empty() && value.size() <= longest_length &&
                      std::all_of(value.begin(), value.end(), is_digit);
  if (!digits) return tl::unexpected(malformed("Content-Length is not one decimal number"));
  if (block.framing.content_length) {
    return tl::unexpected(malformed("Content-Length is given twice"));
  }
  block.framing.content_length = parse_uint(value);
  return {};
}

Checked read_special(FieldBlock& block, const Field& field) {
  if (iequals(field.name, "content-length")) return read_length(block, field.value);
  if (iequals(field.name, "transfer-encoding")) {
    if (block.framing.chunked || !iequals(field.value, "chunked")) {
      return tl::unexpected(malformed("Transfer-Encoding must be chunked, once"));
    }
    block.framing.chunked = true;
  } else if (iequals(field.name, "host")) {
    ++block.hosts;
  } else if (iequals(field.name, "connection")) {
    for (const std::string_view option : split(field.value, ',')) {
      block.close |= iequals(trim(option), "close");
      block.keep_alive |= iequals(trim(option), "keep-alive");
    }
  } else if (iequals(field.name, "expect")) {
    block.expects = true;
    block.expectation = field.value;
  }
  return {};
}

/// The lines from the first field to the empty one.
tl::expected<FieldBlock, ProtocolFault> read_fields(Lines& lines, std::size_t max_fields) {
  FieldBlock block;
  block.fields.reserve(24);
  for (;;) {
    const auto line = lines.next();
    if (!line) return tl::unexpected(malformed("a header line does not end in CRLF"));
    if (line->empty()) break;
    if (line->front() == ' ' || line->front() == '\t') {
      return tl::unexpected(malformed("a header is folded over lines"));
    }
    const std::size_t colon = line->find(':');
    if (colon == std::string_view::npos || !is_token(line->substr(0, colon))) {
      return tl::unexpected(malformed("a header's name is not valid"));
    }
    const Field field{line->substr(0, colon), trim(line->substr(colon + 1))};
    if (!is_value(field.value)) {
      return tl::unexpected(malformed("a header's value has control characters"));
    }
    if (block.fields.size() == max_fields) {
      return tl::unexpected(
          ProtocolFault{ProtocolError::head_too_large, 431, "there are too many headers"});
    }
    block.fields.push_back(field);
    if (const auto checked = read_special(block, field); !checked) {
      return tl::unexpected(checked.error());
    }
  }
  if (block.framing.chunked && block.framing.content_length) {
    return tl::unexpected(malformed("Content-Length and Transfer-Encoding are both given"));
  }
  return block;
}

tl::expected<int, ProtocolFault> read_version(std::string_view text) {
  const bool shaped = text.size() == 8 && text.substr(0, 5) == "HTTP/" && is_digit(text[5]) &&
                      text[6] == '.' && is_digit(text[7]);
  if (!shaped) return tl::unexpected(malformed("the start line has no HTTP version"));
  if (text[5] != '1' || text[7] > '1') {
    return tl::unexpected(
        ProtocolFault{ProtocolError::version, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here"});
  }
  return text[7] - '0';
}

/// `/path?query` of visible ASCII.
bool is_origin_form(std::string_view target) {
  return !target.empty() && target.front() == '/' &&
         std::all_of(target.begin(), target.end(),
                     [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

Checked read_request_line(std::string_view line, RequestHead& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last == first) {
    return tl::unexpected(malformed("the request line is not METHOD TARGET VERSION"));
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  if (!is_token(head.method)) return tl::unexpected(malformed("the method is not valid"));
  if (!is_origin_form(head.target)) {
    return tl::unexpected(malformed("the request target is not a plain path"));
  }
  const auto version = read_version(line.substr(last + 1));
  if (!version) return tl::unexpected(version.error());
  head.minor_version = *version;
  const std::size_t question = head.target.find('?');
  head.path = head.target.substr(0, question);
  if (question != std::string_view::npos) head.query = head.target.substr(question + 1);
  return {};
}

}  // namespace

std::size_t head_size(std::string_view buffer, std::size_t from) {
  for (std::size_t at = buffer.find('\n', from); at != std::string_view::npos;
       at = buffer.find('\n', at + 1)) {
    const std::string_view before = buffer.substr(0, at);
    if (!before.ends_with('\r') || before.ends_with("\r\n\r")) return at + 1;
  }
  return 0;
}

tl::expected<ParsedRequest, ProtocolFault> parse_request_head(std::string_view head,
                                                              std::size_t max_fields) {
  ParsedRequest request;
  Lines lines(head);
  const auto line = lines.next();
  if (!line) return tl::unexpected(malformed("the request line does not end in CRLF"));
  if (auto read = read_request_line(*line, request.head); !read) {
    return tl::unexpected(read.error());
  }
  auto block = read_fields(lines, max_fields);
  if (!block) return tl::unexpected(block.error());
  const bool old = request.head.minor_version == 0;
  if (block->hosts > 1 || (block->hosts == 0 && !old)) {
    return tl::unexpected(malformed("there must be exactly one Host header"));
  }
  if (old && block->framing.chunked) {
    return tl::unexpected(malformed("HTTP/1.0 has no Transfer-Encoding"));
  }
  if (block->expects && !iequals(block->expectation, "100-continue")) {
    return tl::unexpected(
        ProtocolFault{ProtocolError::expectation, 417, "only Expect: 100-continue can be met"});
  }
  request.head.fields = std::move(block->fields);
  request.framing = block->framing;
  request.expects_continue = block->expects && !old;
  request.keep_alive = !block->close && (!old || block->keep_alive);
  return request;
}

tl::expected<ParsedResponse, ProtocolFault> parse_response_head(std::string_view head,
                                                                std::size_t max_fields) {
  ParsedResponse response;
  Lines lines(head);
  const auto line = lines.next();
  if (!line || line->size() < 12 || (*line)[8] != ' ' || !is_value(*line)) {
    return tl::unexpected(malformed("the status line is not valid"));
  }
  const auto version = read_version(line->substr(0, 8));
  if (!version) return tl::unexpected(version.error());
  const std::string_view code = line->substr(9, 3);
  const bool shaped = std::all_of(code.begin(), code.end(), is_digit) && code[0] != '0' &&
                      (line->size() == 12 || (*line)[12] == ' ');
  if (!shaped) return tl::unexpected(malformed("the status code is not valid"));
  response.status = static_cast<int>(*parse_uint(code));
  response.minor_version = *version;
  auto block = read_fields(lines, max_fields);
  if (!block) return tl::unexpected(block.error());
  response.fields = std::move(block->fields);
  response.framing = block->framing;
  response.keep_alive = !block->close && (*version == 1 || block->keep_alive);
  return response;
}

}  // namespace routerone::http
