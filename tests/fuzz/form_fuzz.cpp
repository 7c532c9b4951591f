// Forms of whatever bytes: they are read or refused, every part lies in the body and is bounded as
// it says, and what is written again from the parts reads the same.
#include <algorithm>
#include <array>
#include <string>

#include "daemon/dialect/multipart.h"
#include "tests/fuzz/bytes.h"

using namespace routerone;

namespace {

constexpr std::array<std::string_view, 16> words = {
    "--b",
    "--",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    "Content-Disposition: form-data; name=\"model\"\r\n\r\n",
    "Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n",
    "content-disposition:form-data;name=a",
    "Content-Length: 3\r\n",
    "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n",
    "\r\n--b--\r\n",
    "\"",
    "\\",
    ";",
    "name*=utf-8''x"};

void check(std::string_view body) {
  const auto form = dialect::read_form("multipart/form-data; boundary=b", body);
  if (!form) return fuzz::require(!form.error().message.empty(), "a refusal says why");
  std::string again;
  for (const dialect::FormPart& part : form->parts) {
    fuzz::require(part.value.data() >= body.data() &&
                      part.value.data() + part.value.size() <= body.data() + body.size(),
                  "a value lies in the body");
    fuzz::require(part.value.find("--b") == std::string_view::npos, "no value holds the boundary");
    fuzz::require(!part.name.empty(), "every part has a name");
    again.append("--b\r\nContent-Disposition: form-data; name=\"").append(part.name);
    again.append(part.file ? "\"; filename=\"\"\r\n\r\n" : "\"\r\n\r\n").append(part.value);
    again.append("\r\n");
  }
  again.append("--b--");
  const auto same = dialect::read_form("multipart/form-data; boundary=b", again);
  fuzz::require(same && same->parts.size() == form->parts.size(), "the parts are a form");
  for (std::size_t i = 0; i < form->parts.size(); ++i) {
    const dialect::FormPart &one = form->parts[i], &other = same->parts[i];
    fuzz::require(one.name == other.name && one.value == other.value && one.file == other.file,
                  "a part written again reads the same");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size, words);
  check(input.text());
  const auto odd = dialect::read_form(input.text(), "--b\r\n\r\n\r\n--b--");  // as a Content-Type
  fuzz::require(!odd, "a part without a name is none");
  return 0;
}
