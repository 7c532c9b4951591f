#include "daemon/dialect/openai_chat/dialect.h"

#include <array>

#include "daemon/dialect/cost_note.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/envelope_scan.h"
#include "daemon/dialect/header_names.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/model_list.h"
#include "daemon/dialect/openai_chat/chunk.h"
#include "daemon/dialect/openai_chat/demand.h"
#include "daemon/dialect/openai_chat/stream.h"
#include "daemon/dialect/openai_chat/translation.h"
#include "daemon/dialect/openai_refusal.h"
#include "daemon/dialect/rates.h"
#include "daemon/dialect/text_find.h"
#include "daemon/dialect/usage_openai.h"
#include "daemon/dialect/whole_answer.h"

namespace routerone::dialect {
namespace {

constexpr std::array operation_list = {
    Operation{"chat", "/v1/chat/completions", "/chat/completions", OperationKind::generate},
    Operation{"completions", "/v1/completions", "/completions", OperationKind::generate},
    Operation{"embeddings", "/v1/embeddings", "/embeddings", OperationKind::embed},
};
constexpr std::array<std::string_view, 3> path_word_list = {"/chat/", "/completions",
                                                            "/embeddings"};

constexpr std::string_view newer_cap = "max_completion_tokens";

bool is_legacy(const Operation& operation) { return operation.name == "completions"; }

EnvelopeNames names_of(const Operation& operation) {
  EnvelopeNames names;
  names.streams = operation.kind != OperationKind::embed;
  if (!names.streams) return names;
  names.caps = {"max_tokens", is_legacy(operation) ? "" : newer_cap};
  names.session = "prompt_cache_key";
  names.read_session = session_string;
  names.asks_usage = true;
  return names;
}

class OpenAiChat final : public Dialect {
 public:
  std::string_view id() const override { return "openai-chat"; }
  std::span<const Operation> operations() const override { return operation_list; }
  std::span<const std::string_view> path_words() const override { return path_word_list; }

  tl::expected<Envelope, Refusal> read_envelope(const Operation& operation,
                                                std::string_view body) const override {
    return scan_envelope(names_of(operation), body);
  }

  tl::expected<Demand, Refusal> measure(const Operation& operation,
                                        std::string_view body) const override {
    return openai_chat::measure(operation, body);
  }

  std::vector<Splice> write_cap(const Operation& operation, std::string_view body, std::int64_t cap,
                                const Quirks& quirks) const override {
    const bool newer = quirks.max_completion_tokens && !is_legacy(operation);
    return replace_caps(names_of(operation), body, cap, newer ? newer_cap : "");
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

  Verdict judge(const Operation& operation, int status, http::Fields fields,
                std::string_view body) const override {
    AnswerNames names;
    names.required = operation.kind == OperationKind::embed ? "data" : "choices";
    names.extra = {"service_tier", "", ""};
    names.read_usage = read_openai_usage;
    JudgedAnswer judged = judge_answer(names, status, fields, body);
    Reading& reading = judged.verdict.reading;
    if (operation.kind == OperationKind::generate) {
      reading.finish_reason =
          openai_chat::finish_word(find_text(judged.required.value, "\"finish_reason\""));
    }
    if (reading.usage.service_tier.empty()) {
      reading.usage.service_tier = tier_word(as_string(judged.extra[0].value).value_or(""));
    }
    return std::move(judged.verdict);
  }

  Usage read_usage(std::string_view json) const override {
    return read_object(json, read_openai_usage);
  }

  std::unique_ptr<StreamScanner> scan_stream(const Operation& operation,
                                             bool usage_asked_by_us) const override {
    return std::make_unique<openai_chat::Stream>(is_legacy(operation), usage_asked_by_us);
  }

  WrittenRefusal write_refusal(const Refusal& refusal, std::string_view,
                               std::string_view program) const override {
    return write_openai_refusal(refusal, OpenAiForm::chat, program);
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

  std::string write_trial(std::string_view model) const override {
    return R"({"model":)" + json_quoted(model) +
           R"(,"max_tokens":1,"messages":[{"role":"user","content":"hi"}]})";
  }

  const Translation* translation() const override { return &openai_chat_translation(); }
};

}  // namespace

const Dialect& openai_chat_dialect() {
  static const OpenAiChat dialect;
  return dialect;
}

}  // namespace routerone::dialect
