#include "tests/cli/commands/golden.h"

#include <doctest/doctest.h>

#include "cli/terminal/table.h"
#include "cli/terminal/width.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
namespace path = control::path;

/// A plain one, one that failed in several ways, and one of wide characters and of harm.
constexpr const char* traces = R"json([
  {"schema":1,"id":"01a1fc7e-a805-7b00-8000-000000000001","time":"2026-11-20T11:59:18.000000Z",
   "key":"ci","project":"default","client":"codex_cli/0.169","session":"s-1",
   "dialect":"openai-responses","operation":"responses","stream":true,
   "requested_model":"gpt-5","model":"openai/gpt-5","provider":"openai",
   "upstream_model":"gpt-5-2025-08-07","input_tokens":51200,"cache_read_tokens":40000,
   "cache_write_tokens":0,"output_tokens":200,"reasoning_tokens":64,"usage_source":"upstream",
   "cost_usd":"0.004200","cost_picousd":4200000000,"price_source":"catalog","latency_ms":1180.4,
   "ttft_ms":310.2,"overhead_us":84,"status":200,"finish_reason":"stop","error":null,
   "state":"completed","route":"primary","fallback":null,"clamped":null,
   "attempts":[{"provider":"openai","account":null,"upstream_model":"gpt-5-2025-08-07",
     "status":200,"error":null,"code":null,"latency_ms":1180.1,"cost_usd":null}],
   "routing":null,"upstream_request_id":"req_1","bytes_in":2048,"bytes_out":9120},
  {"schema":1,"id":"01a1fc7e-a805-7b00-8000-000000000002","time":"2026-11-20T09:00:00.000000Z",
   "key":"a-laptop-with-a-long-name","project":"web","client":"claude-cli/2.1","session":null,
   "dialect":"anthropic","operation":"messages","stream":false,
   "requested_model":"claude-sonnet-4-5","model":"anthropic/claude-sonnet-4.5",
   "provider":"openrouter","upstream_model":"anthropic/claude-sonnet-4.5","input_tokens":null,
   "cache_read_tokens":null,"cache_write_tokens":null,"output_tokens":null,
   "reasoning_tokens":null,"usage_source":null,"cost_usd":null,"cost_picousd":null,
   "price_source":"unknown","latency_ms":31250.0,"ttft_ms":null,"overhead_us":120,"status":503,
   "finish_reason":null,"error":"overloaded","state":"upstream_failed","route":"fallback",
   "fallback":{"from":"anthropic","reason":"rate_limited"},"clamped":4096,
   "attempts":[{"provider":"anthropic","account":"second","upstream_model":"claude-sonnet-4-5",
      "status":429,"error":"rate_limited","code":"rate_limit_error","latency_ms":250.0,
      "cost_usd":"0.000120"},
     {"provider":"openrouter","account":null,"upstream_model":"anthropic/claude-sonnet-4.5",
      "status":503,"error":"overloaded","code":null,"latency_ms":31000.0,"cost_usd":null}],
   "routing":null,"upstream_request_id":null,"bytes_in":512,"bytes_out":90},
  {"schema":1,"id":"01a1fc7e-a805-7b00-8000-000000000003","time":"2026-11-13T12:00:00.000000Z",
   "key":"鍵-\u202e\u001b[31mred","project":"e\u0301te\u0301","client":"\u65e5\u672c\u8a9e",
   "session":"\ud83d\ude00\ud83d\ude00","dialect":"gemini","operation":"generateContent",
   "stream":false,"requested_model":"mybox/\u6a21\u578b\u6a21\u578b\u6a21\u578b:70b",
   "model":"mybox/\u6a21\u578b\u6a21\u578b\u6a21\u578b:70b","provider":"mybox\n\u200b",
   "upstream_model":"m","input_tokens":9,"cache_read_tokens":0,"cache_write_tokens":0,
   "output_tokens":1234567,"reasoning_tokens":0,"usage_source":"estimate",
   "cost_usd":"12.500000","cost_picousd":12500000000000,"price_source":"override",
   "latency_ms":125000.0,"ttft_ms":84.0,"overhead_us":9,"status":200,"finish_reason":"stop",
   "error":null,"state":"client_gone","route":"auto","fallback":null,"clamped":null,
   "attempts":[],"routing":null,"upstream_request_id":null,"bytes_in":1,"bytes_out":2}])json";

constexpr const char* usage_lines = R"json([
  {"schema":1,"model":"anthropic/claude-sonnet-4.5","requests":1240,"errors":12,
   "input_tokens":4500000,"cache_read_tokens":45000000,"cache_write_tokens":120000,
   "output_tokens":800000,"cost_usd":"42.123456789012","cost_picousd":42123456789012,
   "unknown_cost_requests":0,"error_share":0.00967,"cache_hit_share":0.906,"p50_ms":1200.5,
   "p95_ms":8400.0,"parts":[{"cost_picousd":0},{"cost_picousd":1},{"cost_picousd":4},
   {"cost_picousd":9},{"cost_picousd":5},{"cost_picousd":2}]},
  {"schema":1,"model":"openai/gpt-5","requests":310,"errors":40,"input_tokens":900000,
   "cache_read_tokens":0,"cache_write_tokens":0,"output_tokens":100000,"cost_usd":"3.500000",
   "cost_picousd":3500000000000,"unknown_cost_requests":2,"error_share":0.129,
   "cache_hit_share":0,"p50_ms":900,"p95_ms":61000,"parts":[{"cost_picousd":3},
   {"cost_picousd":0},{"cost_picousd":0},{"cost_picousd":0},{"cost_picousd":1},
   {"cost_picousd":0}]},
  {"schema":1,"model":"mybox/\u6a21\u578b\ud83d\ude00-a-name-that-is-far-too-long-for-most","requests":1,
   "errors":0,"input_tokens":9,"cache_read_tokens":0,"cache_write_tokens":0,"output_tokens":1,
   "cost_usd":"0.000000","cost_picousd":0,"unknown_cost_requests":0,"error_share":0,
   "cache_hit_share":null,"p50_ms":null,"p95_ms":null,"parts":[]}])json";

constexpr const char* providers = R"json([
  {"schema":1,"id":"openai","added":true,"enabled":true,"dialects":["openai-chat"],
   "key_from":"env:OPENAI_API_KEY","auth":"bearer","priority":0,"weight":1,"warnings":[],
   "health":{"state":"ok","since":null}},
  {"schema":1,"id":"anthropic","added":true,"enabled":true,"dialects":["anthropic"],
   "key_from":"file:/keys/\u9375","auth":"x-api-key","priority":0,"weight":1,"warnings":[],
   "more_keys":[{"name":"second","key_from":"env:B"}],
   "health":{"state":"cooling","why":"rate_limited","since":"2026-11-20T11:59:00Z",
     "next_probe":"2026-11-20T12:00:42Z","targets":3,"affected":1}},
  {"schema":1,"id":"old","added":true,"enabled":false,"dialects":[],"warnings":["/v1 is missing"],
   "health":{"state":"open","why":"unreachable","since":"2026-11-20T10:00:00Z",
     "next_probe":"2026-11-20T12:05:00Z","targets":1,"affected":1}}])json";

constexpr const char* budgets = R"json([
  {"schema":1,"scope":"wallet","limit":{"usd":"20.000000","every":"month","warn_percent":80},
   "spent_usd":"5.000000","running_usd":"1.000000","reserved_usd":"1.000000","left_usd":"14.000000",
   "used_percent":30,"resets":"2026-12-01T00:00:00.000000Z","balance_usd":"40.000000"},
  {"schema":1,"scope":"key:\u9375","limit":{"usd":"1.000000","every":"total"},
   "spent_usd":"1.000000","running_usd":"0.000000","reserved_usd":"0.000000","left_usd":"0.000000",
   "used_percent":100,"resets":null}])json";

constexpr const char* keys = R"json([
  {"schema":1,"name":"a-laptop-with-a-long-name","kind":"key","state":"active","hint":"sk-rk-3fQa",
   "project":"default","models":["openai/*"],"providers":[],"created":"2026-11-13T12:00:00.000000Z",
   "expires":null,"spent_usd":"12.500000"},
  {"schema":1,"name":"\u9375","kind":"run","state":"expired","hint":"sk-rk-9zZz","project":"web",
   "models":[],"providers":["openai","mybox"],"created":"2026-11-19T12:00:00.000000Z",
   "expires":"2026-11-20T11:00:00.000000Z","spent_usd":"0.004200"}])json";

constexpr const char* projects = R"json([
  {"schema":1,"name":"default","keys":["a-laptop-with-a-long-name","ci","nightly"],
   "max_spend":null,"budget":{},"spent_usd":"12.500000"},
  {"schema":1,"name":"web","keys":["\u9375"],"max_spend":{"usd":"10.000000","every":"day",
   "rolling":false,"timezone":"Europe/Berlin","warn_percent":80},
   "budget":{"left_usd":"9.995800"},"spent_usd":"0.004200"}])json";

constexpr const char* models = R"json([
  {"schema":1,"id":"openai/gpt-4.1-nano-2025-04-14","name":"GPT-4.1 nano","lab":"openai",
   "alias_of":null,"released":"2025-04-14","context":1047576,"max_output":32768,
   "providers":["openai","azure","openrouter"],"price":{"input":"0.1","output":"0.4"},
   "price_source":"catalog"},
  {"schema":1,"id":"fast","name":"\u6a21\u578b","lab":"mybox","alias_of":"mybox/\u6a21\u578b",
   "released":null,"context":null,"max_output":null,"providers":["mybox"],"price":null,
   "price_source":"unknown"}])json";

constexpr const char* decision = R"json({"schema":1,"model":"auto","weights_from":"project",
  "weights":{"latency":0.5,"cost":0.3,"quality":0.2},"sticky":"openai/gpt-5","as_good":1,
  "candidates":[
    {"provider":"openai","model":"openai/gpt-5","target":"openai/gpt-5","score":0.912,
     "latency_ms":310.0,"cost":0.0042,"quality":0.9,"health":1.0,"tier":0,"state":"ok",
     "failure_share":0.02,"headroom":0.75,"in_flight":3,
     "terms":{"latency":0.45,"cost":0.28,"quality":0.18}},
    {"provider":"mybox","model":"mybox/\u6a21\u578b","target":"mybox/\u6a21\u578b","score":0.4,
     "latency_ms":null,"cost":null,"quality":0.1,"health":0.4,"tier":1,"out":false,
     "last_resort":true,"state":"cooling","why":"rate_limited","ready_in_s":42,"failure_share":1,
     "headroom":0,"in_flight":0,"terms":{"latency":0.1,"cost":0.2,"quality":0.1}}],
  "excluded":[{"model":"anthropic/claude-sonnet-4.5","provider":"anthropic",
    "reason":"no_tools","words":"it takes no tools"}]})json";

std::string trace_with_decision() {
  Json trace = Json::parse(traces)[1];
  trace["routing"] = Json::parse(decision);
  return trace.dump();
}

struct Case {
  std::string name;
  std::vector<std::string> words;
  std::map<std::string, std::string> answers;
};

std::string list_of(const char* traces_json) {
  return R"({"schema":1,"cursor":77,"looked_to":"2026-11-13T12:00:00.000000Z","traces":)" +
         std::string(traces_json) + "}";
}

std::vector<Case> all_cases() {
  return {
      {"traces-list", {"traces", "list", "status>=200"}, {{path::trace_page, list_of(traces)}}},
      {"traces-list-wide",
       {"traces", "list", "-w", "--limit", "3"},
       {{path::trace_page, list_of(traces)}}},
      {"traces-show", {"traces", "show", "01a1"}, {{path::trace_show, trace_with_decision()}}},
      {"traces-tail",
       {"traces", "tail", "--limit", "3"},
       {{path::trace_tail,
         R"({"schema":1,"sequence":3,"waited":true,"traces":)" + std::string(traces) + "}"}}},
      {"usage", {"usage", "--by", "model"}, {{path::usage, usage_lines}}},
      {"providers-list", {"providers", "list"}, {{path::provider_list, providers}}},
      {"budgets-show", {"budgets", "show"}, {{path::budget_list, budgets}}},
      {"keys-list", {"keys", "list"}, {{path::key_list, keys}}},
      {"projects-list", {"projects", "list"}, {{path::project_list, projects}}},
      {"models-list", {"models", "list"}, {{path::model_list, models}}},
      {"routes-explain", {"routes", "explain", "auto"}, {{path::route_explain, decision}}},
      {"statusline",
       {"statusline", "--session", "s-1"},
       {{path::statusline, R"({"schema":1,"session_cost_usd":"0.420000","today_usd":"3.100000",
         "left_usd":"6.900000","left_scope":"key:ci","model":"openai/gpt-5"})"}}},
      {"statusline-down", {"statusline", "--session", "s-1"}, {}},
  };
}

TEST_CASE("what is seen of each command is what was seen before, at every width and in a pipe") {
  for (const Case& one : all_cases()) {
    const Home home;
    std::string all;
    {
      std::optional<FakeDaemon> daemon;
      if (!one.answers.empty()) daemon.emplace(home);
      for (const auto& [path, body] : one.answers) daemon->answer(path, body);
      for (const test::Look& look : test::all_looks())
        all += "== " + look.name + "\n" + test::readable(test::seen_by(look, one.words));
    }
    CAPTURE(one.name);
    const std::string difference = test::golden_difference(one.name, all);
    CHECK_MESSAGE(difference.empty(), difference);
  }
  test::set_environment({});
}

TEST_CASE("a table fits each width it is shown at, whatever is in it") {
  for (const auto& [words, path, body] :
       {std::tuple{std::vector<std::string>{"traces", "list"}, path::trace_page, list_of(traces)},
        {{"usage"}, path::usage, usage_lines},
        {{"providers", "list"}, path::provider_list, providers},
        {{"keys", "list"}, path::key_list, keys},
        {{"projects", "list"}, path::project_list, projects},
        {{"budgets", "show"}, path::budget_list, budgets}}) {
    const Home home;
    FakeDaemon daemon(home);
    daemon.answer(path, body);
    for (unsigned short columns = 40; columns <= 200;
         columns = static_cast<unsigned short>(columns + 20)) {
      const std::string text = test::seen_by({"", columns, {{"NO_COLOR", "1"}}}, words);
      for (const std::string_view line : split(text, '\n')) {
        // From here on notes, which a terminal folds.
        if (line.starts_with("looked for") || line.starts_with("prepaid balance")) break;
        if (line.starts_with("+ ")) break;
        CAPTURE(columns);
        CAPTURE(std::string(line));
        CHECK(shown_width(line.substr(0, line.find('\r'))) <= columns);
      }
    }
  }
  test::set_environment({});
}

}  // namespace
}  // namespace routerone::cli
