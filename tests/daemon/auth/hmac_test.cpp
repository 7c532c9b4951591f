#include "daemon/auth/hmac.h"

#include <doctest/doctest.h>

#include <string>

#include "common/core/text.h"

namespace routerone {
namespace {

std::string sign(std::string_view key, std::string_view text) {
  return to_hex(auth::HmacKey(key).sign(text));
}

TEST_CASE("the HMAC is that of RFC 4231") {
  CHECK(sign(std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(sign("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(sign(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("one key signs many texts, each as if it were the only one") {
  const auth::HmacKey key("Jefe");
  const auto first = key.sign("a");
  CHECK(key.sign("b") != first);
  CHECK(key.sign("a") == first);
  CHECK(to_hex(key.sign("what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace routerone
