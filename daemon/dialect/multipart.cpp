#include "daemon/dialect/multipart.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t longest_boundary = 70;  // RFC 2046, 5.1.1
constexpr std::size_t longest_head = 8 << 10;
constexpr std::size_t most_parts = 1'000;

tl::unexpected<Refusal> refuse(std::string message, std::string_view param = {}) {
  return tl::unexpected<Refusal>(Refusal{RefusalKind::bad_request,
                                         "the form cannot be read: " + std::move(message),
                                         std::string(param),
                                         {}});
}

bool is_alphanumeric(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_token(char c) {
  return is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// `name=value` pairs behind a media type or a disposition.
class Parameters {
 public:
  explicit Parameters(std::string_view text) : rest_(text) {}

  struct One {
    std::string_view name, value;
    bool quoted = false;
  };
  /// nullopt: there are no more, or, if failed(), the rest is none.
  std::optional<One> next() {
    skip_blanks();
    if (rest_.empty()) return std::nullopt;
    if (!take(';')) return fail();
    skip_blanks();
    if (rest_.empty()) return std::nullopt;  // a semicolon too many means nothing to anybody
    One one;
    one.name = word([](char c) { return is_token(c); });
    if (one.name.empty() || !take('=')) return fail();
    one.quoted = take('"');
    if (!one.quoted) {
      one.value = word([](char c) { return is_token(c) || c == '=' || c == '/' || c == ':'; });
      return one;
    }
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2U : 1U;
    if (end >= rest_.size()) return fail();
    one.value = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return one;
  }
  bool failed() const { return failed_; }

 private:
  std::optional<One> fail() {
    failed_ = true;
    return std::nullopt;
  }
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_[0])) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  template <class Fits>
  std::string_view word(Fits fits) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), fits);
    const std::string_view found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(found.size());
    return found;
  }

  std::string_view rest_;
  bool failed_ = false;
};

std::string_view before_parameters(std::string_view value) {
  return trim(value.substr(0, value.find(';')));
}
Parameters parameters_of(std::string_view value) {
  const std::size_t at = value.find(';');
  return Parameters(at == std::string_view::npos ? std::string_view() : value.substr(at));
}

bool may_bound(std::string_view boundary) {
  static constexpr std::string_view others = "'()+_,-./:=? ";
  return !boundary.empty() && boundary.size() <= longest_boundary && boundary.back() != ' ' &&
         std::all_of(boundary.begin(), boundary.end(), [](char c) {
           return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
         });
}

tl::expected<std::string_view, Refusal> boundary_of(std::string_view content_type) {
  std::optional<std::string_view> boundary;
  Parameters parameters = parameters_of(content_type);
  while (const auto one = parameters.next()) {
    if (!iequals(one->name, "boundary")) continue;
    if (boundary) return refuse("its Content-Type names two boundaries", "content-type");
    boundary = one->value;
  }
  if (parameters.failed() || !boundary || !may_bound(*boundary)) {
    return refuse("its Content-Type must name its boundary", "content-type");
  }
  return *boundary;
}

/// Could some reader take the name for another than it is?
bool is_plain_name(std::string_view name) {
  return !name.empty() && std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\\' || c == '%' || c == '\x7f';
  });
}

std::optional<std::string_view> refuse_disposition(std::string_view value, FormPart& part) {
  if (!iequals(before_parameters(value), "form-data")) return "a part is not form-data";
  Parameters parameters = parameters_of(value);
  bool named = false;
  while (const auto one = parameters.next()) {
    if (iequals(one->name, "name*")) return "a part's name is encoded";
    if (istarts_with(one->name, "filename")) part.file = true;
    if (!iequals(one->name, "name")) continue;
    if (std::exchange(named, true)) return "a part has two names";
    part.name = one->value;
  }
  if (parameters.failed()) return "a part's Content-Disposition is malformed";
  if (!named || !is_plain_name(part.name)) return "a part has no plain name";
  return std::nullopt;
}

bool is_as_it_is(std::string_view encoding) {
  return iequals(encoding, "binary") || iequals(encoding, "8bit") || iequals(encoding, "7bit");
}

/// One line of a part's head.
std::optional<std::string_view> refuse_field(std::string_view line, bool& disposed,
                                             FormPart& part) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, std::min(colon, line.size()));
  const bool control = std::any_of(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
  if (colon == std::string_view::npos || name.empty() || control ||
      !std::all_of(name.begin(), name.end(), is_token)) {
    return "a part's head is malformed";
  }
  const std::string_view value = trim(line.substr(colon + 1));
  if (iequals(name, "content-length")) {
    if (!part.length.empty() || value.empty()) return "a part's length is in doubt";
    part.length = value;
  }
  if (iequals(name, "content-transfer-encoding")) part.encoded = !is_as_it_is(value);
  if (!iequals(name, "content-disposition")) return std::nullopt;
  if (std::exchange(disposed, true)) return "a part has two Content-Dispositions";
  return refuse_disposition(value, part);
}

/// What stands between two boundaries: head, empty line, value.
tl::expected<FormPart, Refusal> read_part(std::string_view text) {
  FormPart part;
  bool disposed = false;
  const std::string_view start = text.substr(0, longest_head);
  for (std::size_t at = 0;;) {
    const std::size_t end = start.find(line_end, at);
    if (end == std::string_view::npos) return refuse("a part's head does not end");
    if (end == at) {
      part.value = text.substr(end + line_end.size());
      break;
    }
    const auto wrong = refuse_field(start.substr(at, end - at), disposed, part);
    if (wrong) return refuse(std::string(*wrong));
    at = end + line_end.size();
  }
  if (!disposed) return refuse("a part has no Content-Disposition");
  if (!part.length.empty() && parse_uint(part.length) != part.value.size()) {
    return refuse("a part is of another length than it says");
  }
  return part;
}

}  // namespace

bool is_form(std::string_view content_type) {
  return iequals(before_parameters(content_type), "multipart/form-data");
}

tl::expected<Form, Refusal> read_form(std::string_view content_type, std::string_view body) {
  const auto boundary = boundary_of(content_type);
  if (!boundary) return tl::unexpected<Refusal>(boundary.error());
  const std::string mark = "--" + std::string(*boundary);
  if (body.starts_with(line_end)) body.remove_prefix(line_end.size());
  if (!body.starts_with(mark)) return refuse("it does not begin with its boundary");
  Form form;
  for (;;) {
    body.remove_prefix(mark.size());
    if (body == "--" || body == "--\r\n") return form;
    if (!body.starts_with(line_end)) {
      return refuse(body.starts_with("--") ? "something stands behind its end"
                                           : "its boundary is followed by something else");
    }
    const std::size_t next = body.find(mark, line_end.size());
    if (next == std::string_view::npos) return refuse("its final boundary is missing");
    if (next < 2 * line_end.size() || body.substr(next - line_end.size(), 2) != line_end) {
      return refuse("its boundary stands inside a part");
    }
    if (form.parts.size() == most_parts) return refuse("it has too many parts");
    const std::size_t size = next - 2 * line_end.size();
    auto part = read_part(body.substr(line_end.size(), size));
    if (!part) return tl::unexpected<Refusal>(part.error());
    form.parts.push_back(*part);
    body.remove_prefix(next);
  }
}

}  // namespace routerone::dialect
