#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/json/json.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/splice.h"
#include "daemon/dialect/translation.h"

namespace routerone {
namespace {

using dialect::Envelope;
using Names = std::vector<std::string>;

constexpr const char* speakers[] = {"openai-chat", "openai-responses", "anthropic"};

tl::expected<Envelope, Refusal> read(std::string_view body, std::string_view id = "openai-chat") {
  const dialect::Dialect& found = *dialect::find(id);
  return found.read_envelope(found.operations()[0], body);
}

RouteWords words_of(std::string_view body) {
  const auto envelope = read(body);
  REQUIRE_MESSAGE(envelope, body);
  return envelope->routes;
}

/// With this as the value of `provider`.
std::string asking(std::string_view provider) {
  return "{\"model\":\"m\",\"provider\":" + std::string(provider) + "}";
}

std::string spliced(std::string_view body, std::vector<dialect::Splice> splices) {
  std::stable_sort(splices.begin(), splices.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  std::size_t from = 0;
  for (const dialect::Splice& splice : splices) {
    REQUIRE(splice.at >= from);
    from = splice.at + splice.removed;
    REQUIRE(from <= body.size());
  }
  std::string out;
  for (const std::string_view piece : dialect::splice(body, splices)) out += piece;
  return out;
}

/// For a target that understands none of these words.
std::vector<dialect::Splice> all_of(const Envelope& envelope) {
  auto all = envelope.without_models;
  all.insert(all.end(), envelope.without_routes.begin(), envelope.without_routes.end());
  return all;
}

std::string without(std::string_view body) { return spliced(body, all_of(*read(body))); }

TEST_CASE("OpenRouter's words are read from the bodies of the three dialects that it speaks") {
  const std::string body =
      R"({"model":"a/m","models":["a/m2","b/n"],"provider":{"order":["deepinfra/turbo","openai"],)"
      R"("only":["openai"],"ignore":["azure"],"allow_fallbacks":false,"sort":"throughput",)"
      R"("max_price":{"prompt":1.5,"completion":"0.25","request":0,"image":null},)"
      R"("data_collection":"deny","zdr":true,"quantizations":["fp8"],"require_parameters":true}})";
  RouteWords wanted;
  wanted.models = {"a/m2", "b/n"};
  wanted.order = {"deepinfra/turbo", "openai"};
  wanted.only = {"openai"};
  wanted.ignore = {"azure"};
  wanted.allow_fallbacks = false;
  wanted.sort = RouteWords::Sort::throughput;
  wanted.max_prompt = 1'500'000;
  wanted.max_completion = 250'000;
  wanted.no_collection = wanted.zero_retention = wanted.require_parameters = true;
  wanted.quantizations = {"fp8"};
  for (const char* speaker : speakers) {
    CAPTURE(speaker);
    const auto envelope = read(body, speaker);
    REQUIRE(envelope);
    CHECK(envelope->routes == wanted);
    CHECK(spliced(body, all_of(*envelope)) == R"({"model":"a/m"})");
  }
}

TEST_CASE("a body without these words says nothing about routes, and nothing is taken out of it") {
  const auto envelope = read(R"({"model":"m","messages":[{"provider":{"only":["x"]}}]})");
  CHECK(envelope->routes == RouteWords{});
  CHECK(all_of(*envelope).empty());
}

TEST_CASE("what stands deeper in the body is not read as a word of ours") {
  const std::string body =
      R"({"model":"m","metadata":{"models":["x"],"provider":{"only":[1]},"route":"fallback"},)"
      R"("messages":[{"content":"\",\"provider\":{\"only\":[\"x\"]}"}]})";
  CHECK(words_of(body) == RouteWords{});
  CHECK(without(body) == body);
}

TEST_CASE(
    "a target that understands these words keeps them, but for the models, tried one by one") {
  const std::string body =
      R"({"models":["n"],"model":"m","provider":{"zdr":true},"route":"fallback"})";
  const auto envelope = read(body);
  REQUIRE(envelope);
  CHECK(spliced(body, envelope->without_models) == R"({"model":"m","provider":{"zdr":true}})");
}

TEST_CASE("lists of providers are made void, and the rest of what provider says stays") {
  const std::string body =
      R"({"models":["n"],"model":"m","provider":{"only" : ["a"],"zdr":true,"order":["a","b"]}})";
  const auto envelope = read(body);
  REQUIRE(envelope);
  auto changes = envelope->without_models;
  for (const auto& splice : envelope->without_providers) changes.push_back(splice);
  CHECK(spliced(body, changes) ==
        R"({"model":"m","provider":{"only" : null,"zdr":true,"order":null}})");
  CHECK(read(asking(R"({"zdr":true})"))->without_providers.empty());
}

TEST_CASE("null says nothing, and is taken out all the same") {
  CHECK(words_of(asking("null")) == RouteWords{});
  CHECK(words_of(asking(R"({"order":null,"only":null,"allow_fallbacks":null,"sort":null,)"
                        R"("max_price":null,"data_collection":null,"zdr":null})")) == RouteWords{});
  CHECK(without(R"({"models":null,"model":"m","provider":null})") == R"({"model":"m"})");
}

TEST_CASE("members of provider that we do not know are passed over") {
  CHECK(words_of(asking(R"({"preferred_max_latency":{"p90":1},"only":["a"],"x":[[]]})")).only ==
        Names{"a"});
}

TEST_CASE("a sort is a word or an object that has it") {
  const auto sort = [](std::string_view value) {
    return words_of(asking("{\"sort\":" + std::string(value) + "}")).sort;
  };
  CHECK(sort("\"price\"") == RouteWords::Sort::price);
  CHECK(sort("\"latency\"") == RouteWords::Sort::latency);
  CHECK(sort(R"({"by":"throughput","partition":"none"})") == RouteWords::Sort::throughput);
  CHECK(sort(R"({"by":null})") == RouteWords::Sort::none);
  CHECK(sort("{}") == RouteWords::Sort::none);
  CHECK(sort("\"exacto\"") == RouteWords::Sort::none);
}

TEST_CASE("prices a million tokens become picodollars a token without a rounding upwards") {
  const auto most = [](std::string_view price) {
    return words_of(asking("{\"max_price\":{\"prompt\":" + std::string(price) + "}}")).max_prompt;
  };
  CHECK(most("3") == 3'000'000);
  CHECK(most("0") == 0);
  CHECK(most("0.1") == 100'000);
  CHECK(most("\"0.000001\"") == 1);
  CHECK(most("1e-7") == 0);
  CHECK(most("0.0000019") == 1);
  CHECK(most("2.5e1") == 25'000'000);
  CHECK_FALSE(most("null"));
}

TEST_CASE("a value of the wrong kind is refused by its name, with what it must be") {
  struct Case {
    const char *body, *param, *message;
  };
  for (const auto& [body, param, message] : std::initializer_list<Case>{
           {R"({"model":"m","models":"a"})", "models",
            "'models' must be an array of strings that are not empty"},
           {R"({"model":"m","models":["a",1]})", "models",
            "'models' must be an array of strings that are not empty"},
           {R"({"model":"m","models":["a",""]})", "models",
            "'models' must be an array of strings that are not empty"},
           {R"({"model":"m","provider":["a"]})", "provider",
            R"('provider' must be an object, such as {"order": ["openai"]})"},
           {R"({"model":"m","provider":{"order":"a"}})", "provider.order",
            "'provider.order' must be an array of strings that are not empty"},
           {R"({"model":"m","provider":{"only":[{}]}})", "provider.only",
            "'provider.only' must be an array of strings that are not empty"},
           {R"({"model":"m","provider":{"ignore":{}}})", "provider.ignore",
            "'provider.ignore' must be an array of strings that are not empty"},
           {R"({"model":"m","provider":{"quantizations":3}})", "provider.quantizations",
            "'provider.quantizations' must be an array of strings that are not empty"},
           {R"({"model":"m","provider":{"allow_fallbacks":"no"}})", "provider.allow_fallbacks",
            "'provider.allow_fallbacks' must be true or false"},
           {R"({"model":"m","provider":{"zdr":1}})", "provider.zdr",
            "'provider.zdr' must be true or false"},
           {R"({"model":"m","provider":{"require_parameters":[]}})", "provider.require_parameters",
            "'provider.require_parameters' must be true or false"},
           {R"({"model":"m","provider":{"sort":"cheap"}})", "provider.sort",
            R"('provider.sort' must be "price", "throughput" or "latency")"},
           {R"({"model":"m","provider":{"sort":{"by":1}}})", "provider.sort.by",
            R"('provider.sort.by' must be "price", "throughput" or "latency")"},
           {R"({"model":"m","provider":{"data_collection":true}})", "provider.data_collection",
            R"('provider.data_collection' must be "allow" or "deny")"},
           {R"({"model":"m","provider":{"max_price":3}})", "provider.max_price",
            "'provider.max_price' must be an object"},
           {R"({"model":"m","provider":{"max_price":{"prompt":-1}}})", "provider.max_price.prompt",
            "'provider.max_price.prompt' must be US dollars, such as 3 or \"0.25\", with at most "
            "12 decimals"},
           {R"({"model":"m","provider":{"max_price":{"image":"dear"}}})",
            "provider.max_price.image",
            "'provider.max_price.image' must be US dollars, such as 3 or \"0.25\", with at most "
            "12 decimals"}}) {
    const auto envelope = read(body);
    REQUIRE_FALSE_MESSAGE(envelope.has_value(), body);
    CHECK(envelope.error().kind == RefusalKind::bad_request);
    CHECK(envelope.error().param == param);
    CHECK(envelope.error().message == message);
  }
}

TEST_CASE("these words too may stand once, in one spelling") {
  for (const char* body :
       {R"({"model":"m","models":["a"],"models":["b"]})", R"({"model":"m","Models":["a"]})",
        R"({"model":"m","provider":{},"provid\u0065r":{"only":["x"]}})",
        R"({"model":"m","provider":{"only":["a"],"only":["b"]}})",
        R"({"model":"m","provider":{"only":["a"],"ONLY":["b"]}})",
        R"({"model":"m","provider":{"max_price":{"prompt":1,"prompt":2}}})"}) {
    CAPTURE(body);
    CHECK_FALSE(read(body));
  }
}

TEST_CASE("a list that no caller writes is refused before anybody walks through it") {
  std::string list = "\"a\"";
  for (int i = 1; i < 128; ++i) list += ",\"a\"";
  CHECK(words_of("{\"model\":\"m\",\"models\":[" + list + "]}").models.size() == 128);
  const auto longer = read("{\"model\":\"m\",\"models\":[" + list + ",\"a\"]}");
  REQUIRE_FALSE(longer);
  CHECK(longer.error().message == "'models' names more than 128");
}

TEST_CASE("a provider that is a string is another program's word and stays where it is") {
  const std::string body = R"({"provider":"bing","model":"m","models":["n"]})";
  CHECK(words_of(body).models == Names{"n"});
  CHECK(without(body) == R"({"provider":"bing","model":"m"})");
}

TEST_CASE("a route goes only where it says what models does anyway") {
  CHECK(without(R"({"model":"m","route":"fallback"})") == R"({"model":"m"})");
  CHECK(without(R"({"model":"m","route":"sort"})") == R"({"model":"m","route":"sort"})");
  CHECK(without(R"({"model":"m","transforms":["middle-out"]})") ==
        R"({"model":"m","transforms":["middle-out"]})");
}

TEST_CASE("without a model the first of models is it, and stands where the model's name is put") {
  for (const std::string body :
       {R"({"models":["a\/m","b"],"messages":[]})", R"({"x":1, "model\u0073" : [ "a/m" , "b" ] })",
        R"({"provider":{"zdr":true},"models":["a/m","b"],"route":"fallback"})"}) {
    CAPTURE(body);
    const auto envelope = read(body);
    REQUIRE(envelope);
    CHECK(envelope->model == "a/m");
    CHECK(envelope->routes.models == Names{"b"});
    const dialect::Splice name{envelope->model_at, envelope->model_size, "\"up\""};
    auto listless = envelope->without_models;
    listless.push_back(name);
    Json kept = Json::parse(body);
    kept.erase("models");
    kept.erase("route");
    kept["model"] = "up";
    CHECK(nlohmann::json(Json::parse(spliced(body, listless))) == nlohmann::json(kept));
    auto changes = all_of(*envelope);
    changes.push_back(name);
    const Json sent = Json::parse(spliced(body, changes));
    CHECK(sent.at("model") == "up");
    for (const char* gone : {"models", "provider", "route"}) CHECK_FALSE(sent.contains(gone));
  }
  for (const char* body :
       {R"({"models":[]})", R"({"models":null})", R"({"model":"","models":["a"]})"}) {
    CAPTURE(body);
    REQUIRE_FALSE(read(body));
    CHECK(read(body).error().param == "model");
  }
}

TEST_CASE("a stream and its cap are written beside models as they are beside a model") {
  const std::string body = R"({"models":["a","b"],"stream":true,"usage":{"include":true}})";
  const auto envelope = read(body);
  REQUIRE(envelope);
  auto changes = all_of(*envelope);
  changes.push_back({envelope->model_at, envelope->model_size, "\"up\""});
  changes.push_back(*envelope->ask_usage);
  changes.push_back(*envelope->asks_cost);
  const dialect::Dialect& chat = *dialect::find("openai-chat");
  for (auto& splice : chat.write_cap(chat.operations()[0], body, 9, {})) changes.push_back(splice);
  CHECK(Json::parse(spliced(body, changes)) == Json({{"stream_options", {{"include_usage", true}}},
                                                     {"max_tokens", 9},
                                                     {"model", "up"},
                                                     {"stream", true}}));
}

/// One member as text.
struct Drawn {
  std::string name, text;
};

std::string any_space() { return *rc::gen::element<std::string>("", "", " ", "\n\t", "  \r\n"); }

std::string spelled(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) {
    constexpr std::string_view hex = "0123456789abcdef";
    if (*rc::gen::inRange(0, 6) == 0) {
      out += "\\u00";
      out += hex[static_cast<std::size_t>(c) / 16];
      out += hex[static_cast<std::size_t>(c) % 16];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

Drawn member(const std::string& name, const std::string& value) {
  return {name, spelled(name) + any_space() + ":" + any_space() + value};
}

std::vector<Drawn> any_members() {
  std::vector<Drawn> members = {member("model", "\"m\"")};
  const auto maybe = [&members](const std::string& name, const std::string& value) {
    if (*rc::gen::arbitrary<bool>()) members.push_back(member(name, value));
  };
  maybe("models", *rc::gen::element<std::string>("[]", "null", "[\"a,b\" , \"c\\\"]}\"]"));
  maybe("provider", *rc::gen::element<std::string>("{}", "null", "{ \"only\":[\"a\"],\"x\":{}}"));
  maybe("route", "\"fallback\"");
  maybe("usage", "{\"include\":true}");
  maybe("messages", R"([{"content":"\",\"provider\":{},\\"}])");
  maybe("metadata", R"({"models":["x"],"provider":{"order":[]},"route":"fallback"})");
  maybe("x", *rc::gen::element<std::string>("1", "\"model\"", "[]", "\"\xc3\xa9\""));
  for (std::size_t i = members.size() - 1; i > 0; --i) {
    std::swap(members[i], members[*rc::gen::inRange<std::size_t>(0, i + 1)]);
  }
  return members;
}

TEST_CASE("without the words a body is the same but for them, whatever stands around them") {
  CHECK(rc::check([] {
    const auto members = any_members();
    std::string body = any_space() + "{" + any_space();
    for (const Drawn& each : members) {
      body += (&each == members.data() ? "" : "," + any_space()) + each.text + any_space();
    }
    body += "}" + any_space();
    const auto envelope = read(body);
    RC_ASSERT(envelope.has_value());
    // Who else understands which of them is decided elsewhere, one by one.
    std::vector<dialect::Splice> changes;
    const auto choose = [&](std::initializer_list<const char*> names,
                            const std::vector<dialect::Splice>& splices) {
      const bool gone = *rc::gen::arbitrary<bool>();
      if (gone) changes.insert(changes.end(), splices.begin(), splices.end());
      return gone ? Names(names.begin(), names.end()) : Names{};
    };
    Names gone = choose({"models", "route"}, envelope->without_models);
    for (const std::string& name : choose({"provider"}, envelope->without_routes)) {
      gone.push_back(name);
    }
    if (envelope->asks_cost) {
      for (const std::string& name : choose({"usage"}, {*envelope->asks_cost})) {
        gone.push_back(name);
      }
    }
    const std::string after = spliced(body, changes);

    Json expected = Json::parse(body);
    std::size_t from = 0;
    for (const Drawn& each : members) {
      if (std::find(gone.begin(), gone.end(), each.name) != gone.end()) {
        expected.erase(each.name);
      } else {
        from = after.find(each.text, from);
        RC_ASSERT(from != std::string::npos);
        from += each.text.size();
      }
    }
    RC_ASSERT(Json::parse(after) == expected);
    RC_ASSERT(read(after).has_value());
  }));
}

TEST_CASE("a translated request neither carries these words nor lists them as dropped") {
  const std::string words =
      R"(,"models":["b"],"provider":{"sort":"price"},"route":"fallback","nobody_knows":1})";
  const std::string says =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}])";
  const std::pair<std::string, std::string> asked[] = {
      {"openai-chat", says + words},
      {"anthropic", says + words},
      {"openai-responses", R"({"model":"m","input":"hi")" + words}};
  for (const auto& [speaker, body] : asked) {
    CAPTURE(speaker);
    const dialect::Dialect& from = *dialect::find(speaker);
    const dialect::Operation& operation = from.operations()[0];
    const auto request = from.translation()->read_request(operation, operation.path, body);
    REQUIRE(request);
    CHECK(request->hints == Names{"nobody_knows"});
  }
}

TEST_CASE("a request that names only models is translated like any other") {
  const dialect::Dialect& chat = *dialect::find("openai-chat");
  const auto request = chat.translation()->read_request(
      chat.operations()[0], chat.operations()[0].path,
      R"({"models":["m"],"messages":[{"role":"user","content":"hi"}]})");
  REQUIRE(request);
  CHECK(request->hints.empty());
}

TEST_CASE("another program's provider is told as dropped where it cannot go along") {
  const dialect::Dialect& chat = *dialect::find("openai-chat");
  const auto request = chat.translation()->read_request(
      chat.operations()[0], chat.operations()[0].path,
      R"({"model":"m","provider":"bing","messages":[{"role":"user","content":"hi"}]})");
  REQUIRE(request);
  CHECK(request->hints == Names{"provider"});
}

}  // namespace
}  // namespace routerone
