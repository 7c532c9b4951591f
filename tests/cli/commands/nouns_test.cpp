#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <fstream>

#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::Ran;
using test::run_cli;
using Strings = std::vector<std::string>;
namespace path = control::path;

TEST_CASE("a filter, a limit and groups go to the daemon as they were typed") {
  const Home home;
  FakeDaemon daemon(home);
  for (const char* each : {path::usage, path::model_list}) daemon.answer(each, "[]");
  daemon.answer(path::trace_page, R"({"schema":1,"traces":[],"cursor":null})");
  CHECK(run_cli({"traces", "list", "status>=400", "model=a/*", "--limit", "7"}).code == 0);
  CHECK(daemon.asked(path::trace_page) ==
        Json::parse(R"({"terms":["status>=400","model=a/*"],"limit":7,"oldest_first":false,
                        "patience_ms":250})"));
  CHECK(run_cli({"usage", "key=ci", "--by", "model,day", "--since", "7d"}).code == 0);
  CHECK(daemon.asked(path::usage) ==
        Json::parse(R"({"by":["model","day"],"terms":["key=ci","since=7d"],"parts":0})"));
  CHECK(run_cli({"models", "list", "--search", "gpt", "--all"}).code == 0);
  CHECK(daemon.asked(path::model_list) == Json::parse(R"({"search":"gpt","all":true})"));
}

TEST_CASE("an alias, a fallback chain and a price are set or taken away, never both") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::model_alias, R"({"schema":1,"alias":"fast","model":"a/b"})");
  daemon.answer(path::route_fallback, R"({"schema":1,"model":"a/b","chain":["c","d"]})");
  daemon.answer(path::model_price, R"({"schema":1,"model":"a/b","price_source":"override"})");
  CHECK(run_cli({"models", "alias", "fast"}).code == 2);
  CHECK(run_cli({"models", "alias", "fast", "a/b", "--remove"}).code == 2);
  CHECK(run_cli({"routes", "fallback", "a/b"}).code == 2);
  CHECK(run_cli({"routes", "fallback", "a/b", "c", "--clear"}).code == 2);
  CHECK(run_cli({"models", "price", "a/b"}).code == 2);
  CHECK(run_cli({"models", "price", "a/b", "--input", "3", "--clear"}).code == 2);
  for (const char* each : {path::model_alias, path::route_fallback, path::model_price})
    CHECK(daemon.asked(each).is_null());

  CHECK(run_cli({"models", "alias", "fast", "a/b"}).code == 0);
  CHECK(daemon.asked(path::model_alias)["model"] == "a/b");
  CHECK(run_cli({"routes", "fallback", "a/b", "c, d"}).code == 0);
  CHECK(daemon.asked(path::route_fallback)["chain"] == Json::parse(R"(["c","d"])"));
  CHECK(run_cli({"models", "price", "a/b", "--input", "3", "--cache-read", "0.3"}).code == 0);
  CHECK(Json::parse(daemon.asked(path::model_price)["price"].get<std::string>()) ==
        Json::parse(R"({"input":"3","cache_read":"0.3"})"));
}

TEST_CASE("a newer catalog is named by its whole path, and taken away only by saying so") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::model_update, R"({"schema":1,"generated":"2099-01-01",
    "models_added":["a/1","a/2","a/3","a/4","a/5","a/6"]})");
  CHECK(run_cli({"models", "update"}).code == 2);
  CHECK(run_cli({"models", "update", "--file", "x", "--clear"}).code == 2);
  CHECK(daemon.asked(path::model_update).is_null());
  const Ran ran = run_cli({"models", "update", "--file", "new.json"});
  CHECK(ran.code == 0);
  CHECK(ran.err.find("6 models added: a/1, a/2, a/3, a/4, a/5, ..") != std::string::npos);
  const std::string file = daemon.asked(path::model_update)["file"];
  CHECK(file.starts_with("/"));
  CHECK(file.ends_with("/new.json"));
  CHECK(run_cli({"models", "update", "--clear"}).code == 0);
  CHECK(daemon.asked(path::model_update)["file"] == "");
}

TEST_CASE("a price from a file goes to the daemon byte for byte") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::model_price, "{}");
  const std::string text = "{\"input\": 1.50,\n \"tiers\": []}\n";
  std::ofstream(home.path() / "price.json") << text;
  CHECK(run_cli({"models", "price", "m", "--from", (home.path() / "price.json").string()}).code ==
        0);
  CHECK(daemon.asked(path::model_price)["price"] == text);
  CHECK(run_cli({"models", "price", "m", "--from", "/no/such/file"}).code == 2);
}

TEST_CASE("a provider's key comes from where it is said, and is no argument") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::provider_describe, R"({"schema":1,"id":"p","known":false,"env":[]})");
  daemon.answer(path::provider_add, R"({"schema":1,"id":"p","enabled":true})");
  ::setenv("ROUTERONE_TEST_KEY", "k-123", 1);
  const Ran ran = run_cli({"providers",
                           "add",
                           "p",
                           "--base-url",
                           "http://127.0.0.1:1/v1",
                           "--key-from",
                           "env:ROUTERONE_TEST_KEY",
                           "--header",
                           "X-A: b c",
                           "--header",
                           "X-B:d",
                           "--set",
                           "REGION=eu",
                           "--priority",
                           "-1",
                           "--weight",
                           "3",
                           "--ca-file",
                           "ca.pem",
                           "--proxy",
                           "socks5://127.0.0.1:1"});
  ::unsetenv("ROUTERONE_TEST_KEY");
  CHECK(ran.code == 0);
  CHECK((ran.out + ran.err).find("k-123") == std::string::npos);
  const Json asked = daemon.asked(path::provider_add);
  CHECK(asked["key"] == "k-123");
  CHECK(asked["key_from"] == "env:ROUTERONE_TEST_KEY");
  CHECK(asked["headers"] == Json::parse(R"([["X-A","b c"],["X-B","d"]])"));
  CHECK(asked["variables"] == Json::parse(R"([["REGION","eu"]])"));
  CHECK(asked["priority"] == -1);
  CHECK(asked["weight"] == 3);
  CHECK(asked["ca_file"].get<std::string>().starts_with("/"));
  CHECK(asked["proxy"] == "socks5://127.0.0.1:1");
}

TEST_CASE("a key given as an argument is refused without being repeated") {
  const Home home;
  FakeDaemon daemon(home);
  const Ran ran = run_cli({"providers", "add", "p", "--key-from", "sk-proj-abcdef"});
  CHECK(ran.code == 2);
  CHECK(ran.err.find("sk-proj") == std::string::npos);
  CHECK(daemon.asked(path::provider_add).is_null());
}

TEST_CASE("where nothing is said, the variable that the provider's programs read is taken") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::provider_describe,
                R"({"schema":1,"id":"p","known":true,"auth":"bearer",
                    "env":["ROUTERONE_TEST_A","ROUTERONE_TEST_B"]})");
  daemon.answer(path::provider_add, R"({"schema":1,"id":"p","enabled":true})");
  ::setenv("ROUTERONE_TEST_B", "k-b", 1);
  const Ran ran = run_cli({"providers", "add", "p"});
  ::unsetenv("ROUTERONE_TEST_B");
  CHECK(ran.code == 0);
  CHECK(ran.err.find("$ROUTERONE_TEST_B") != std::string::npos);
  CHECK(daemon.asked(path::provider_add)["key_from"] == "env:ROUTERONE_TEST_B");
}

TEST_CASE("a provider without auth, or one that will be refused, needs no key") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::provider_add, R"({"schema":1,"id":"p","enabled":true})");
  for (const char* known : {R"({"known":true,"auth":"none","env":["PATH"]})",
                            R"({"known":true,"auth":"sigv4","env":["PATH"],"unsupported":"no"})",
                            R"({"known":false,"env":["PATH"]})"}) {
    daemon.answer(path::provider_describe, known);
    CHECK(run_cli({"providers", "add", "p"}).code == 0);
    CHECK_FALSE(daemon.asked(path::provider_add).contains("key"));
  }
}

TEST_CASE("a provider that does not work is exit 7, with what is wrong and what mends it") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::provider_test, R"({"schema":1,"id":"p","ok":false,"checks":[
    {"dialect":"a","path":"/x","ok":true,"latency_ms":3,"message":"","hint":""},
    {"dialect":"b","path":"/y","ok":false,"latency_ms":5,"message":"bad key","hint":"mend it"}]})");
  const Ran ran = run_cli({"providers", "test", "p", "--model", "m"});
  CHECK(ran.code == 7);
  CHECK(ran.err == "routerone: p does not work: bad key\nhint: mend it\n");
  CHECK(ran.out == "a\t/x\tok\t3\t\nb\t/y\tfailed\t5\tbad key\n");
  CHECK(daemon.asked(path::provider_test) == Json::parse(R"({"id":"p","model":"m"})"));
  CHECK(run_cli({"providers", "test", "p", "--json"}).code == 7);
  daemon.answer(path::provider_test, R"({"schema":1,"id":"p","ok":true,"checks":[]})");
  CHECK(run_cli({"providers", "test", "p"}).code == 0);
  CHECK(run_cli({"providers", "test", "p", "--json"}).code == 0);
}

TEST_CASE("a slip in a pair or a number names its option") {
  const Home home;
  FakeDaemon daemon(home);
  for (const Strings& said : {Strings{"--header", "no colon"},
                              {"--set", "=x"},
                              {"--weight", "0"},
                              {"--priority", "high"}}) {
    Strings words = {"providers", "update", "p"};
    words.insert(words.end(), said.begin(), said.end());
    const Ran ran = run_cli(words);
    CHECK(ran.code == 2);
    CHECK(ran.err.find(said.front()) != std::string::npos);
  }
  CHECK(run_cli({"providers", "update", "p"}).code == 2);
  CHECK(daemon.asked(path::provider_update).is_null());
}

TEST_CASE("a catalog provider that cannot be added is listed with the reason") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::provider_list, R"([
    {"id":"a","enabled":true,"dialects":["d"],"auth":"bearer","priority":0,"weight":1,
     "key_from":"env:A","built_in":false,"warnings":["/v1 is missing"]},
    {"id":"b","added":false,"dialects":["d"],"auth":"sigv4","unsupported":"it signs requests"},
    {"id":"c","added":false,"dialects":["d"],"auth":"bearer","unsupported":null}])");
  const Ran ran = run_cli({"providers", "list", "--all"});
  CHECK(ran.out ==
        "a\tenabled\t\t\td\tenv:A\t/v1 is missing\tbearer\t0\t1\n"
        "b\tunsupported\t\t\td\t\tit signs requests\tsigv4\t\t\n"
        "c\tnot added\t\t\td\t\t\tbearer\t\t\n");
}

TEST_CASE("an unknown cost is shown as unknown or empty, never as 0") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::trace_page, R"({"traces":[{"id":"01a1fc7e-a805-7b00-8000-000000000000",
    "time":"2026-11-20T12:00:00.000000Z","key":"ci","model":"a/b","status":200,
    "cost_usd":null,"input_tokens":null,"output_tokens":3,"latency_ms":12.5,"state":"completed",
    "provider":"p","route":"primary"}]})");
  CHECK(run_cli({"traces", "list"}).out ==
        "2026-11-20T12:00:00.000000Z\t01a1fc7e-a805-7b00-8000-000000000000\tci\ta/b\t200\t\t12.5\t"
        "\t3\tp\tcompleted\tprimary\n");
}

TEST_CASE("a tail asks on from where the last answer ended, and goes when its daemon has gone") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.refuse(path::trace_tail, {ErrorKind::unavailable, "stopping", ""});
  CHECK(run_cli({"traces", "tail", "key=ci", "--json"}).code == 75);
  const Json asked = daemon.asked(path::trace_tail);
  CHECK(asked["terms"] == Json::parse(R"(["key=ci"])"));
  CHECK_FALSE(asked.contains("after"));
}

TEST_CASE("whatever an answer holds, printing it for a person ends well") {
  const Home home;
  FakeDaemon daemon(home);
  const std::vector<std::pair<Strings, const char*>> all = {
      {{"status"}, path::status},
      {{"keys", "create", "n"}, path::key_create},
      {{"keys", "list"}, path::key_list},
      {{"keys", "show", "n"}, path::key_show},
      {{"projects", "list"}, path::project_list},
      {{"projects", "show", "p"}, path::project_show},
      {{"budgets", "show"}, path::budget_list},
      {{"budgets", "show", "wallet"}, path::budget_show},
      {{"budgets", "topup", "1"}, path::budget_topup},
      {{"budgets", "reconcile", "--provider", "p"}, path::budget_reconcile},
      {{"providers", "list"}, path::provider_list},
      {{"providers", "show", "p"}, path::provider_show},
      {{"models", "list"}, path::model_list},
      {{"models", "show", "m"}, path::model_show},
      {{"routes", "show"}, path::route_show},
      {{"traces", "list"}, path::trace_page},
      {{"traces", "show", "t"}, path::trace_show},
      {{"usage", "--by", "model"}, path::usage}};
  const bool held = rc::check("any answer", [&] {
    const auto value = *rc::gen::element<std::string>(
        "null", "7", "-1.5", "true", "\"text\"", "[]", "{}", "[1,null,\"a\"]", "[{\"price\":3}]",
        R"({"price":3,"offers":[7],"attempts":[[]],"checks":5,"endpoints":"x","headers":[1]})");
    const auto field = *rc::gen::element<std::string>(
        "name", "models", "listening", "store", "price", "offers", "attempts", "fallback", "stream",
        "enabled", "added", "headers", "endpoints", "warnings", "status", "latency_ms", "cost_usd",
        "aliases", "fallbacks", "created", "model", "built_in", "id", "max_spend", "budget",
        "limit", "topups", "balance_usd", "changed", "unknown", "used_percent", "left_usd",
        "wallet");
    const auto shape = *rc::gen::inRange(0, 3);
    const std::string object = "{\"" + field + "\":" + value + "}";
    const std::string answer = shape == 0 ? value : shape == 1 ? object : "[" + object + "]";
    for (const auto& [words, where] : all) {
      daemon.answer(where, answer);
      RC_ASSERT(run_cli(words).code == 0);
    }
  });
  CHECK(held);
}

}  // namespace
}  // namespace routerone::cli
