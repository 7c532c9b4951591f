#include "daemon/dialect/multipart.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace routerone;
using dialect::Form;
using dialect::FormPart;

namespace {

constexpr const char* type = "multipart/form-data; boundary=xYz";

/// A form of parts `head|value`, as a well-behaved program writes it.
std::string form_of(const std::vector<std::pair<std::string, std::string>>& parts,
                    std::string_view boundary = "xYz") {
  std::string body;
  for (const auto& [head, value] : parts) {
    body.append("--").append(boundary).append("\r\n").append(head).append("\r\n\r\n");
    body.append(value).append("\r\n");
  }
  return body.append("--").append(boundary).append("--\r\n");
}
std::string field(std::string_view name) {
  return "Content-Disposition: form-data; name=\"" + std::string(name) + "\"";
}

std::string why(std::string_view content_type, std::string_view body) {
  const auto form = dialect::read_form(content_type, body);
  return form ? "" : form.error().message;
}
std::string why(std::string_view body) { return why(type, body); }
bool says(const std::string& said, std::string_view words) {
  INFO(said);
  return said.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("fields and files are found where they stand, whatever bytes a file has") {
  const std::string junk("\0\xff\r\n\r\n--xY z\n--", 15);
  const std::string body =
      form_of({{field("model"), "whisper"},
               {field("file") + "; filename=\"a \\\"b\\\".mp3\"\r\nContent-Type: audio/mpeg", junk},
               {field("prompt"), ""}});
  const auto form = dialect::read_form(type, body);
  REQUIRE(form);
  REQUIRE(form->parts.size() == 3);
  CHECK(form->parts[0].name == "model");
  CHECK(form->parts[0].value == "whisper");
  CHECK(form->parts[0].value.data() - body.data() ==
        static_cast<std::ptrdiff_t>(body.find("whisper")));
  CHECK_FALSE(form->parts[0].file);
  CHECK(form->parts[1].file);
  CHECK(form->parts[1].value == junk);
  CHECK(form->parts[2].value.empty());
}

TEST_CASE("a boundary may be quoted, and may hold what only quotes allow") {
  const std::string body = form_of({{field("model"), "m"}}, "=_Part (7)?");
  CHECK(why("multipart/form-data; boundary=\"=_Part (7)?\"", body).empty());
  CHECK(why("Multipart/Form-Data ;charset=utf-8; Boundary=xYz;", form_of({{field("a"), ""}}))
            .empty());
  CHECK(why("multipart/form-data;boundary=----=_Part_1/2:3",
            form_of({{field("a"), ""}}, "----=_Part_1/2:3"))
            .empty());
}

TEST_CASE("a Content-Type without one certain boundary is refused") {
  const std::string body = form_of({{field("model"), "m"}});
  for (const char* wrong :
       {"multipart/form-data", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=xYz; boundary=xYz",
        "multipart/form-data; boundary=\"x\\Yz\"", "multipart/form-data; boundary=\"xYz",
        "multipart/form-data; boundary=xYz trailing", "multipart/form-data; boundary",
        "multipart/form-data; boundary=x,y", "multipart/form-data, boundary=xYz"}) {
    CAPTURE(wrong);
    CHECK(says(why(wrong, body), "boundar"));
  }
  const std::string endless(71, 'b');
  CHECK(says(why("multipart/form-data; boundary=" + endless, form_of({}, endless)), "boundary"));
}

TEST_CASE("a form that does not end with its boundary is refused") {
  const std::string body = form_of({{field("model"), "m"}});
  CHECK(why(body).empty());
  CHECK(why(body.substr(0, body.size() - 2)).empty());  // the last line end is optional
  for (std::size_t cut = 3; cut < body.size(); ++cut) {
    CHECK_FALSE(why(body.substr(0, body.size() - cut)).empty());
  }
  CHECK(says(why(body + "x"), "behind its end"));
  CHECK(says(why(body + body), "behind its end"));
  CHECK(why("\r\n" + body).empty());
  CHECK(says(why("preamble\r\n" + body), "begin"));
  CHECK(says(why(""), "begin"));
}

TEST_CASE("a boundary that some reader could see inside a part is refused") {
  for (const char* inside :
       {"--xYz", "a\r\n--xYzz", "a\n--xYz\nb", "a\r\n--xYz \r\nb", "a\r\n--xYz-\r\n", "a--xYz--"}) {
    CAPTURE(inside);
    CHECK_FALSE(why(form_of({{field("file"), inside}})).empty());
  }
  CHECK(says(why("--xYz\n" + field("model") + "\n\nm\n--xYz--\n"), "boundary"));
}

TEST_CASE("a part that two readers could name differently is refused") {
  for (const std::string& head : std::vector<std::string>{
           "Content-Type: text/plain",
           "Content-Disposition: form-data",
           "Content-Disposition: attachment; name=\"model\"",
           "Content-Disposition: form-data; name=\"a\"; name=\"model\"",
           "Content-Disposition: form-data; name=\"a\"; name*=utf-8''model",
           "Content-Disposition: form-data; name=\"mo\\del\"",
           "Content-Disposition: form-data; name=\"mo%64el\"",
           "Content-Disposition: form-data; name=\"model",
           "Content-Disposition: form-data; name=\"\"",
           "Content-Disposition: form-data name=\"model\"",
           field("a") + "\r\n" + field("model"),
           field("a") + "\r\n folded: x",
           field("a") + "\r\nno colon",
           field("a") + "\nX: y",
           field("a") + "\r\nX: y\rz",
           "Content-Disposition : form-data; name=\"model\"",
       }) {
    CAPTURE(head);
    CHECK_FALSE(why(form_of({{head, "v"}})).empty());
  }
  CHECK(why(form_of({{"content-disposition: Form-Data; Name=model", "v"}})).empty());
  CHECK_FALSE(why(form_of({{field("a") + "\r\nX: " + std::string(9'000, 'x'), "v"}})).empty());
}

TEST_CASE("a part may say its length, if that is true, and its encoding") {
  const auto read = [](const std::string& more) {
    const std::string body = form_of({{field("a") + more, "value"}});
    const auto form = dialect::read_form(type, body);
    if (!form) return form.error().message;
    return std::string(form->parts[0].length) + (form->parts[0].encoded ? " encoded" : "");
  };
  CHECK(read("\r\nContent-Length: 5") == "5");
  CHECK(says(read("\r\nContent-Length: 4"), "another length"));
  CHECK(says(read("\r\nContent-Length: 5x"), "another length"));
  CHECK(says(read("\r\nContent-Length: 5\r\nContent-Length: 5"), "in doubt"));
  CHECK(read("\r\ncontent-transfer-encoding: base64") == " encoded");
  CHECK(read("\r\nContent-Transfer-Encoding: binary\r\nContent-Type: text/plain") == "");
}

TEST_CASE("any form of any bytes is read back as it was written") {
  CHECK(rc::check([] {
    const auto any =
        rc::gen::container<std::string>(rc::gen::element('a', '\r', '\n', '-', 'x', 'Y', '\0'));
    const std::vector<std::string> values = {*any, *any};
    std::vector<std::pair<std::string, std::string>> parts;
    for (const std::string& value : values) parts.emplace_back(field("f"), value);
    const std::string body = form_of(parts);
    const auto form = dialect::read_form(type, body);
    RC_ASSERT(form.has_value());
    RC_ASSERT(form->parts.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) RC_ASSERT(form->parts[i].value == values[i]);
  }));
}

TEST_CASE("whatever is sent is read or refused, never beyond its end") {
  CHECK(rc::check([] {
    static const std::vector<std::string> words = {"--xYz",
                                                   "--",
                                                   "\r\n",
                                                   "\r\n\r\n",
                                                   "Content-Disposition: form-data; name=\"a\"",
                                                   "x",
                                                   "\"",
                                                   ";",
                                                   "\\",
                                                   "\n",
                                                   "Content-Length: 1"};
    std::string body;
    for (const std::size_t word :
         *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 11))) {
      body += words[word];
    }
    const std::string held = body;  // of its own size, for the checked builds
    const auto form = dialect::read_form(type, held);
    if (!form) return RC_ASSERT(!form.error().message.empty());
    for (const FormPart& part : form->parts) {
      RC_ASSERT(part.value.data() >= held.data());
      RC_ASSERT(part.value.data() + part.value.size() <= held.data() + held.size());
    }
  }));
}
