#include "daemon/dialect/operation_path.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace routerone;
using dialect::fits;
using dialect::model_in_path;
using dialect::path_for;

namespace {

constexpr dialect::Operation named{"generate", "/v9/models/{model}:make", "/models/{model}:make"};
constexpr dialect::Operation plain{"chat", "/v1/chat", "/chat"};

}  // namespace

TEST_CASE("a path without a model stands for itself") {
  CHECK(fits(plain, "/v1/chat"));
  CHECK_FALSE(fits(plain, "/v1/chat/"));
  CHECK(model_in_path(plain, "/v1/chat").empty());
  CHECK(path_for(plain.upstream_path, "m") == "/chat");
}

TEST_CASE("the model stands in the path, slashes, colons and escapes included") {
  CHECK(model_in_path(named, "/v9/models/m-1:make") == "m-1");
  CHECK(model_in_path(named, "/v9/models/lab/m:x:make") == "lab/m:x");
  CHECK(model_in_path(named, "/v9/models/lab%2Fm:make") == "lab/m");
  CHECK_FALSE(fits(named, "/v9/models/:make"));
  CHECK_FALSE(fits(named, "/v9/models:make"));
  CHECK_FALSE(fits(named, "/v9/models/m:made"));
  CHECK_FALSE(fits(named, "/v8/models/m:make"));
}

TEST_CASE("nothing in a model's name leads out of its place") {
  CHECK(path_for(named.upstream_path, "m-1.5") == "/models/m-1.5:make");
  CHECK(path_for(named.upstream_path, "../x?a=b#c d") == "/models/..%2Fx%3Fa%3Db%23c%20d:make");
  rc::check("what a path is given is read from it again", [] {
    const auto model = *rc::gen::nonEmpty<std::string>();
    const std::string path = "/v9" + path_for(named.upstream_path, model);
    RC_ASSERT(model_in_path(named, path) == model);
    RC_ASSERT(path.find_first_of(" ?#\r\n") == std::string::npos);
  });
}
