#include "daemon/dialect/openai_responses/dialect.h"

#include <array>

#include "daemon/dialect/cost_note.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/envelope_scan.h"
#include "daemon/dialect/header_names.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/model_list.h"
#include "daemon/dialect/openai_refusal.h"
#include "daemon/dialect/openai_responses/conversation.h"
#include "daemon/dialect/openai_responses/demand.h"
#include "daemon/dialect/openai_responses/reading.h"
#include "daemon/dialect/openai_responses/stream.h"
#include "daemon/dialect/openai_responses/translation.h"
#include "daemon/dialect/rates.h"
#include "daemon/dialect/text_find.h"
#include "daemon/dialect/usage_openai.h"
#include "daemon/dialect/whole_answer.h"

namespace routerone::dialect {
namespace {

constexpr std::array operation_list = {
    Operation{"responses", "/v1/responses", "/responses", OperationKind::generate},
};
constexpr std::array<std::string_view, 1> path_word_list = {"/responses"};

EnvelopeNames envelope_names() {
  EnvelopeNames names;
  names.caps = {"max_output_tokens", ""};
  names.sessions = {"prompt_cache_key", "conversation"};
  names.read_session = session_string;
  names.system = "instructions";
  names.turns = "input";
  return names;
}

/// The text search is only a first look: a tree is built where it finds something.
std::optional<std::int64_t> searches_in(std::string_view output) {
  if (find_text(output, "\"type\"").empty() ||
      output.find("\"web_search_call\"") == std::string_view::npos) {
    return std::nullopt;
  }
  const Dom document("{\"output\":" + std::string(output) + "}");
  if (!document.ok()) return std::nullopt;
  return openai_responses::read_response(document.root()).usage.web_searches;
}

class OpenAiResponses final : public Dialect {
 public:
  std::string_view id() const override { return "openai-responses"; }
  std::span<const Operation> operations() const override { return operation_list; }
  std::span<const std::string_view> path_words() const override { return path_word_list; }

  tl::expected<Envelope, Refusal> read_envelope(const Operation&,
                                                std::string_view body) const override {
    return scan_envelope(envelope_names(), body);
  }

  tl::expected<Demand, Refusal> measure(const Operation&, std::string_view body) const override {
    return openai_responses::measure(body);
  }

  std::vector<Splice> write_cap(const Operation&, std::string_view body, std::int64_t cap,
                                const Quirks&) const override {
    return replace_caps(envelope_names(), body, cap, "");
  }

  std::optional<Splice> write_cost(const Operation&, std::string_view body,
                                   Money cost) const override {
    static constexpr std::array<std::string_view, 1> path = {"usage"};
    return note_cost(body, path, cost);
  }

  std::vector<std::pair<std::string, std::string>> write_rates(const RateState& state,
                                                               WallTime) const override {
    return write_openai_rates(state);
  }

  Verdict judge(const Operation&, int status, http::Fields fields,
                std::string_view body) const override {
    AnswerNames names;
    names.required = "output";
    names.extra = {"status", "incomplete_details", "service_tier"};
    names.read_usage = read_openai_usage;
    JudgedAnswer judged = judge_answer(names, status, fields, body);
    Verdict& verdict = judged.verdict;
    const std::string said = as_string(judged.extra[0].value).value_or("");
    verdict.reading.finish_reason =
        openai_responses::finish_word(said, find_text(judged.extra[1].value, "\"reason\""));
    if (said == "failed" && verdict.failure == FailureClass::none) {
      verdict.failure = FailureClass::server_error;
    }
    Usage& usage = verdict.reading.usage;
    if (usage.service_tier.empty()) {
      usage.service_tier = tier_word(as_string(judged.extra[2].value).value_or(""));
    }
    usage.web_searches = searches_in(judged.required.value);
    return std::move(verdict);
  }

  Usage read_usage(std::string_view json) const override {
    return read_object(json, read_openai_usage);
  }

  std::unique_ptr<StreamScanner> scan_stream(const Operation&, bool) const override {
    return std::make_unique<openai_responses::Stream>();
  }

  WrittenRefusal write_refusal(const Refusal& refusal, std::string_view,
                               std::string_view program) const override {
    return write_openai_refusal(refusal, OpenAiForm::responses, program);
  }

  bool forwards_request_header(std::string_view name) const override {
    return forwards_openai_request_header(name);
  }
  bool forwards_response_header(std::string_view name) const override {
    return forwards_openai_response_header(name);
  }

  std::string write_model_list(std::span<const ListedModel> models) const override {
    return write_openai_models(models);
  }
  std::string write_model(const ListedModel& model) const override {
    return write_openai_model(model);
  }

  std::unique_ptr<Conversation> converse(const Operation&, std::size_t most_kept) const override {
    return openai_responses::converse(most_kept);
  }

  std::string write_trial(std::string_view model) const override {
    // 16 is the least that it takes.
    return R"({"model":)" + json_quoted(model) +
           R"(,"max_output_tokens":16,"store":false,"input":"hi"})";
  }

  const Translation* translation() const override { return &openai_responses_translation(); }
};

}  // namespace

const Dialect& openai_responses_dialect() {
  static const OpenAiResponses dialect;
  return dialect;
}

}  // namespace routerone::dialect
