#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "daemon/dialect/registry.h"

namespace routerone {
namespace {

const dialect::Operation& operation_of(const dialect::Dialect& dialect, std::string_view name) {
  for (const dialect::Operation& one : dialect.operations()) {
    if (one.name == name) return one;
  }
  return dialect.operations()[0];
}

tl::expected<Demand, Refusal> measured(std::string_view body, std::string_view id = "openai-chat",
                                       std::string_view operation = "") {
  const dialect::Dialect& dialect = *dialect::find(id);
  const dialect::Operation& what = operation_of(dialect, operation);
  REQUIRE(dialect.read_envelope(what, body));
  return dialect.measure(what, body);
}

Demand demand(std::string_view body, std::string_view id = "openai-chat",
              std::string_view operation = "") {
  const auto found = measured(body, id, operation);
  REQUIRE(found);
  return *found;
}

std::string chat(const std::string& part) {
  return R"({"model":"m","messages":[{"role":"user","content":[)" + part + "]}]}";
}
std::string messages(const std::string& block) {
  return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[)" + block + "]}]}";
}
std::string responses(const std::string& part) {
  return R"({"model":"m","input":[{"type":"message","role":"user","content":[)" + part + "]}]}";
}

/// 3 x 2 pixels, as far as its header goes.
const std::string png = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFN";

TEST_CASE("plain requests are their size in bytes, whatever dialect they are in") {
  for (const char* id : {"openai-chat", "openai-responses", "anthropic"}) {
    const std::string body =
        R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}],"input":"x"})";
    const Demand found = demand(body, id);
    CHECK(found.text_bytes == static_cast<std::int64_t>(body.size()));
    CHECK(found.images.empty());
    CHECK(found.refers_to.empty());
    CHECK(found.unbounded_tool.empty());
    CHECK(found.choices == 1);
  }
}

TEST_CASE("an image inside a request counts by its pixels, not by its base64") {
  const std::string url = "data:image/png;base64," + png;
  for (const auto& [body, id] :
       {std::pair{chat(R"({"type":"image_url","image_url":{"url":")" + url + R"("}})"),
                  "openai-chat"},
        std::pair{chat(R"({"image_url":")" + url + R"("})"), "openai-chat"},
        std::pair{responses(R"({"type":"input_image","image_url":")" + url + R"("})"),
                  "openai-responses"},
        std::pair{
            messages(
                R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":")" +
                png + R"("}})"),
            "anthropic"}}) {
    CAPTURE(body);
    const Demand found = demand(body, id);
    REQUIRE(found.images.size() == 1);
    CHECK(found.images[0].width == 3);
    CHECK(found.images[0].height == 2);
    CHECK_FALSE(found.images[0].low_detail);
    CHECK(found.text_bytes < static_cast<std::int64_t>(body.size() - png.size()));
    CHECK(found.refers_to.empty());
  }
}

TEST_CASE("images in what tools gave back are found too") {
  const std::string url = R"("data:image/png;base64,)" + png + '"';
  const std::string source =
      R"({"type":"base64","media_type":"image/png","data":")" + png + R"("})";
  CHECK(demand(messages(R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"image",)"
                        R"("source":)" +
                        source + "}]}"),
               "anthropic")
            .images.size() == 1);
  CHECK(demand(R"({"model":"m","input":[{"type":"function_call_output","call_id":"c","output":[)"
               R"({"type":"input_image","image_url":)" +
                   url + "}]}]}",
               "openai-responses")
            .images.size() == 1);
  CHECK(demand(R"({"model":"m","messages":[{"role":"tool","content":[{"type":"image_url",)"
               R"("image_url":{"url":)" +
               url + R"(,"detail":"low"}}]}]})")
            .images.at(0)
            .low_detail);
}

TEST_CASE("what looks like an image but is a tool's argument stays text") {
  const std::string body = messages(
      R"({"type":"tool_use","id":"t","name":"f","input":{"type":"image","source":{"type":"base64","data":")" +
      std::string(4000, 'A') + R"("}}})");
  const Demand found = demand(body, "anthropic");
  CHECK(found.images.empty());
  CHECK(found.text_bytes == static_cast<std::int64_t>(body.size()));
}

TEST_CASE("what only the provider has is named") {
  const auto chat_refers = [](const std::string& part) { return demand(chat(part)).refers_to; };
  CHECK(chat_refers(R"({"type":"image_url","image_url":{"url":"https://x/y.png"}})") ==
        "image_url");
  CHECK(chat_refers(R"({"type":"image_url","image_url":"https://x/y.png"})") == "image_url");
  CHECK(chat_refers(R"({"type":"file","file":{"file_id":"f-1"}})") == "file_id");
  CHECK(chat_refers(R"({"type":"video_url","video_url":{"url":"https://x"}})") == "video_url");
  CHECK(chat_refers(R"({"type":"hologram","data":"AAAA"})") == "content");
  CHECK(chat_refers(R"({"type":"image_url"})") == "content");
  const auto item = [](const std::string& one) {
    return demand(R"({"model":"m","input":[)" + one + "]}", "openai-responses").refers_to;
  };
  CHECK(item(R"({"type":"item_reference","id":"msg_1"})") == "input");
  CHECK(item(R"({"role":"user","content":[{"type":"input_image","file_id":"f"}]})") == "file_id");
  CHECK(item(R"({"role":"user","content":[{"type":"input_file","file_url":"https://x"}]})") ==
        "file_url");
  CHECK(item(R"({"type":"reasoning","summary":[],"encrypted_content":"AAAA"})").empty());
  const auto field = [](const std::string& one) {
    return demand(R"({"model":"m","input":"x",)" + one + "}", "openai-responses").refers_to;
  };
  CHECK(field(R"("previous_response_id":"resp_1")") == "previous_response_id");
  CHECK(field(R"("previous_response_id":null)").empty());
  CHECK(field(R"("conversation":{"id":"c"})") == "conversation");
  CHECK(field(R"("prompt":{"id":"p"})") == "prompt");
  CHECK(field(R"("reasoning":{"mode":"pro"})") == "reasoning.mode");
  const auto block = [](const std::string& one) {
    return demand(messages(one), "anthropic").refers_to;
  };
  CHECK(block(R"({"type":"image","source":{"type":"url","url":"https://x"}})") == "source");
  CHECK(block(R"({"type":"document","source":{"type":"file","file_id":"f"}})") == "source");
  CHECK(block(R"({"type":"container_upload","file_id":"f"})") == "content");
  CHECK(block(R"({"type":"document","source":{"type":"text","data":"all of it"}})").empty());
  CHECK(demand(R"({"model":"m","max_tokens":1,"messages":[],"container":"c"})", "anthropic")
            .refers_to == "container");
  const auto in_thread = [](std::string_view thread) {
    return demand(
               R"({"model":"m","max_tokens":1,"messages":[],"thread":)" + std::string(thread) + "}",
               "anthropic")
        .refers_to;
  };
  CHECK(in_thread(R"({"type":"continue","previous_message_id":"msg_1"})") == "thread");
  CHECK(in_thread(R"({"type":"create"})").empty());
  CHECK(demand(R"({"model":"m","input":[{"image_url":"https://x"}]})", "openai-chat", "embeddings")
            .refers_to == "input");
}

TEST_CASE("no spelling of a type or a name hides what is referred to") {
  CHECK(demand(chat(R"({"typ\u0065":"imag\u0065_url","im\u0061ge_url":{"url":"https://x"}})"))
            .refers_to == "image_url");
  CHECK(demand(chat(R"({"t\u0079pe":"input_image","file_\u0069d":"f"})")).refers_to == "file_id");
  for (
      const char* part :
      {R"({"type":"image_url","type":"text","text":"x"})",
       R"({"type":"image_url","image_url":{"url":"https://x","url":"data:image/png;base64,AAAA"}})",
       R"({"type":"image_url","Image_URL":{"url":"https://x"},"text":"x"})",
       R"({"TYPE":"image_url","IMAGE_URL":{"url":"https://x"}})"}) {
    CAPTURE(part);
    CHECK_FALSE(measured(chat(part)));
  }
  // The Kelvin sign and the long s fold to letters for some readers.
  CHECK_FALSE(
      measured(chat("{\"image\xC5\xBF\":1,\"type\":\"text\",\"image_url\":\"x\",\"Type\":1}")));
}

TEST_CASE("what decides about money may stand once, in one spelling") {
  for (const auto& [members, id] :
       {std::pair{R"("n":1,"n":5)", "openai-chat"}, std::pair{R"("n":1,"N":5)", "openai-chat"},
        std::pair{R"("\u006e":9,"n":1)", "openai-chat"},
        std::pair{R"("tools":[],"tools":[{"type":"web_search"}])", "openai-chat"},
        std::pair{R"("web_search_options":null,"web_search_options":{})", "openai-chat"},
        std::pair{R"("background":false,"background":true)", "openai-responses"},
        std::pair{R"("previous_response_id":null,"Previous_Response_Id":"r")", "openai-responses"},
        std::pair{R"("thinking":{"budget_tokens":1,"budget_tokens":9999})", "anthropic"},
        std::pair{R"("thinking":null,"thinking":{"budget_tokens":9})", "anthropic"},
        std::pair{R"("speed":"standard","speed":"fast")", "anthropic"},
        std::pair{R"("tools":[{"type":"web_search_20250305","max_uses":1,"max_uses":99}])",
                  "anthropic"}}) {
    CAPTURE(members);
    const std::string body = "{\"model\":\"m\"," + std::string(members) + "}";
    const auto found = measured(body, id);
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == RefusalKind::bad_request);
    CHECK_FALSE(found.error().param.empty());
  }
}

TEST_CASE("every choice and every prompt is an answer that is paid for") {
  const auto choices = [](const std::string& members, std::string_view operation = "") {
    return demand("{\"model\":\"m\"," + members + "}", "openai-chat", operation).choices;
  };
  CHECK(choices(R"("n":4)") == 4);
  CHECK(choices(R"("n":null)") == 1);
  CHECK(choices(R"("n":0)") == 1);
  CHECK(choices(R"("n":2,"best_of":5,"prompt":"x")", "completions") == 5);
  CHECK(choices(R"("n":2,"prompt":["a","b","c"])", "completions") == 6);
  CHECK(choices(R"("prompt":[1,2,3])", "completions") == 1);
  CHECK(choices(R"("prompt":[[1,2],[3]])", "completions") == 2);
  CHECK_FALSE(measured(R"({"model":"m","n":"4"})"));
  CHECK_FALSE(measured(R"({"model":"m","n":-4})"));
}

TEST_CASE("the cap, the thinking budget, the tier and background are read") {
  CHECK(demand(R"({"model":"m","max_completion_tokens":7})").output_cap == 7);
  CHECK(demand(R"({"model":"m","max_output_tokens":8})", "openai-responses").output_cap == 8);
  CHECK_FALSE(demand(R"({"model":"m","max_tokens":null})").output_cap);
  const Demand claude = demand(
      R"({"model":"m","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":4000},"speed":"fast"})",
      "anthropic");
  CHECK(claude.output_cap == 9000);
  CHECK(claude.thinking_budget == 4000);
  CHECK(claude.service_tier == "fast");
  CHECK(demand(R"({"model":"m","service_tier":"priority"})").service_tier == "priority");
  CHECK(demand(R"({"model":"m","background":true})", "openai-responses").background);
  CHECK_FALSE(demand(R"({"model":"m","background":false})", "openai-responses").background);
  CHECK(demand(R"({"model":"m","reasoning":{"max_tokens":300}})").thinking_budget == 300);
}

TEST_CASE("server tools are bounded by their uses, or not at all") {
  const auto tools = [](const std::string& list, std::string_view id,
                        const std::string& more = "") {
    return demand(R"({"model":"m","tools":[)" + list + "]" + more + "}", id);
  };
  const Demand twice =
      tools(R"({"type":"web_search_20250305","name":"web_search","max_uses":2})", "anthropic");
  CHECK(twice.web_searches == 2);
  CHECK(twice.server_turns == 2);
  CHECK(twice.server_results > 0);
  CHECK(twice.unbounded_tool.empty());
  CHECK(tools(R"({"type":"web_fetch_20250910","max_uses":1})", "anthropic").refers_to ==
        "web_fetch");
  CHECK(tools(R"({"type":"web_fetch_20250910","max_uses":1,"max_content_tokens":8})", "anthropic")
            .refers_to.empty());
  for (const char* tool : {R"({"type":"web_search_20250305","max_uses":null})",
                           R"({"type":"code_execution_20260120"})", R"({"type":"mcp_toolset"})",
                           R"({"type":"\u0077eb_search_20250305"})"}) {
    CAPTURE(tool);
    CHECK_FALSE(tools(tool, "anthropic").unbounded_tool.empty());
  }
  for (const char* tool : {R"({"type":"web_search"})", R"({"type":"file_search"})",
                           R"({"type":"code_interpreter","container":{"type":"auto"}})",
                           R"({"type":"computer_use_preview"})", R"({"type":"image_generation"})",
                           R"({"type":"mcp","server_url":"https://x"})",
                           R"({"type":"shell","environment":{"type":"container_auto"}})",
                           R"({"type":"namespace","tools":[{"type":"web_search"}]})"}) {
    CAPTURE(tool);
    CHECK_FALSE(tools(tool, "openai-responses").unbounded_tool.empty());
  }
  const Demand capped =
      tools(R"({"type":"web_search"})", "openai-responses", R"(,"max_tool_calls":3)");
  CHECK(capped.web_searches == 3);
  CHECK(capped.unbounded_tool.empty());
  CHECK(demand(R"({"model":"m","input":[{"type":"additional_tools","role":"developer","tools":[)"
               R"({"type":"web_search"}]}]})",
               "openai-responses")
            .unbounded_tool == "web_search");
  CHECK(demand(R"({"model":"m","web_search_options":{"search_context_size":"low"}})")
            .unbounded_tool == "web_search_options");
  CHECK(demand(R"({"model":"m","models":["a","b"]})").unbounded_tool == "models");
  CHECK(demand(R"({"model":"m","models":[]})").unbounded_tool.empty());
}

TEST_CASE("tools that the caller runs cost no more than their description") {
  for (const char* id : {"openai-chat", "openai-responses", "anthropic"}) {
    const std::string body =
        R"({"model":"m","tools":[{"type":"function","function":{"name":"f"}},{"type":"custom"},{"name":"g"}]})";
    if (std::string_view(id) == "anthropic") continue;
    CHECK(demand(body, id).unbounded_tool.empty());
  }
  CHECK(demand(R"({"model":"m","tools":[{"name":"g","input_schema":{}},{"type":"custom"}]})",
               "anthropic")
            .unbounded_tool.empty());
  CHECK(demand(R"({"model":"m","tools":[{"type":"bash_20250124"},{"type":"computer_20250124"}]})",
               "anthropic")
            .built_in_tools == 2);
  CHECK(demand(R"({"model":"m","tools":[{"type":"local_shell"},{"type":"apply_patch"},)"
               R"({"type":"tool_search","execution":"client"},{"type":"shell"}]})",
               "openai-responses")
            .built_in_tools == 3);
}

TEST_CASE(
    "files count by their pages, and as the whole context if nothing tells how much they hold") {
  const auto file = [](const std::string& data) {
    return demand(chat(R"({"type":"file","file":{"file_data":")" + data + R"("}})"));
  };
  // %PDF-1.4 << /Type /Pages /Count 3 >>
  const Demand pdf =
      file("data:application/pdf;base64,JVBERi0xLjQKPDwgL1R5cGUgL1BhZ2VzIC9Db3VudCAzID4+");
  CHECK(pdf.document_pages == 3);
  CHECK(pdf.refers_to.empty());
  // Plain words in base64 stay text, byte for byte.
  const Demand words = file("data:text/plain;base64,cGxhaW4gd29yZHM=");
  CHECK(words.document_pages == 0);
  CHECK(words.refers_to.empty());
  // PK\3\4: packed.
  CHECK(file("data:application/zip;base64,UEsDBBQAAAA=").refers_to == "file_data");
  const Demand sound = demand(chat(R"({"type":"input_audio","input_audio":{"data":")" +
                                   std::string(4000, 'A') + R"(","format":"mp3"}})"));
  CHECK(sound.audio_bytes == 3000);
  CHECK(sound.text_bytes < 1000);
}

rc::Gen<std::string> some_part() {
  return rc::gen::element<std::string>(
      R"({"type":"text","text":"hello"})",
      R"({"type":"image_url","image_url":{"url":"https://x"}})",
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}})",
      R"({"type":"input_audio","input_audio":{"data":"AAAAAAAA"}})", R"({"type":"strange"})",
      R"({"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0xLjQK"}})");
}

TEST_CASE("a longer conversation never demands less") {
  CHECK(rc::check([] {
    const auto parts = *rc::gen::container<std::vector<std::string>>(some_part());
    std::string inside = R"({"type":"text","text":"start"})";
    Demand before = demand(chat(inside));
    for (const std::string& part : parts) {
      inside += "," + part;
      const Demand after = demand(chat(inside));
      RC_ASSERT(after.text_bytes >= before.text_bytes);
      RC_ASSERT(after.images.size() >= before.images.size());
      RC_ASSERT(after.audio_bytes >= before.audio_bytes);
      RC_ASSERT(after.document_pages >= before.document_pages);
      RC_ASSERT(before.refers_to.empty() || !after.refers_to.empty());
      before = after;
    }
  }));
}

}  // namespace
}  // namespace routerone
