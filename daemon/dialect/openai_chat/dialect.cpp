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
#include "daemon/dialect/openai_chat/media_answer.h"
#include "daemon/dialect/openai_chat/media_request.h"
#include "daemon/dialect/openai_chat/media_stream.h"
#include "daemon/dialect/openai_chat/media_usage.h"
#include "daemon/dialect/openai_chat/rerank.h"
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
    Operation{"moderations", "/v1/moderations", "/moderations", OperationKind::embed},
    Operation{"rerank", "/v1/rerank", "/rerank", OperationKind::embed},
    Operation{"images", "/v1/images/generations", "/images/generations", OperationKind::media},
    Operation{"image_edits", "/v1/images/edits", "/images/edits", OperationKind::media, true},
    Operation{"image_variations", "/v1/images/variations", "/images/variations",
              OperationKind::media, true},
    Operation{"speech", "/v1/audio/speech", "/audio/speech", OperationKind::media},
    Operation{"transcriptions", "/v1/audio/transcriptions", "/audio/transcriptions",
              OperationKind::media, true},
    Operation{"translations", "/v1/audio/translations", "/audio/translations", OperationKind::media,
              true},
};
constexpr std::array<std::string_view, 7> path_word_list = {
    "/chat/", "/completions", "/embeddings", "/moderations", "/rerank", "/images/", "/audio/"};

constexpr std::string_view newer_cap = "max_completion_tokens";

bool is_legacy(const Operation& operation) { return operation.name == "completions"; }
bool is_media(const Operation& operation) { return operation.kind == OperationKind::media; }
bool is_rerank(const Operation& operation) { return operation.name == "rerank"; }

EnvelopeNames names_of(const Operation& operation) {
  EnvelopeNames names;
  names.streams = operation.kind == OperationKind::generate;
  if (!names.streams) return names;
  names.caps = {"max_tokens", is_legacy(operation) ? "" : newer_cap};
  names.sessions = {"prompt_cache_key", "session_id"};  // OpenRouter has the other.
  names.read_session = session_string;
  names.turns = "messages";
  names.asks_usage = true;
  return names;
}

AnswerNames answer_names(const Operation& operation) {
  AnswerNames names;
  names.required = "choices";
  names.extra = {"service_tier", "", ""};
  names.read_usage = read_openai_usage;
  if (operation.kind != OperationKind::embed) return names;
  names.required = operation.name == "embeddings" ? "data" : "results";
  if (is_rerank(operation)) names.or_else = "data";
  names.extra[1] = "meta";
  names.read_usage = openai_chat::read_reading_usage;
  return names;
}

class OpenAiChat final : public Dialect {
 public:
  std::string_view id() const override { return "openai-chat"; }
  std::span<const Operation> operations() const override { return operation_list; }
  std::span<const std::string_view> path_words() const override { return path_word_list; }

  tl::expected<Envelope, Refusal> read_envelope(const Operation& operation,
                                                std::string_view body) const override {
    if (is_media(operation)) return openai_chat::read_media_envelope(operation, body);
    return scan_envelope(names_of(operation), body);
  }
  tl::expected<Envelope, Refusal> read_form_envelope(const Operation& operation, const Form& form,
                                                     std::string_view body) const override {
    return openai_chat::read_media_form(operation, form, body);
  }

  tl::expected<Demand, Refusal> measure(const Operation& operation,
                                        std::string_view body) const override {
    if (is_media(operation)) return openai_chat::measure_media(operation, body);
    if (is_rerank(operation)) return openai_chat::measure_rerank(body);
    return openai_chat::measure(operation, body);
  }
  Demand measure_form(const Operation& operation, const Form& form) const override {
    return openai_chat::measure_media_form(operation, form);
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
    if (is_media(operation)) return openai_chat::judge_media(operation, status, fields, body);
    JudgedAnswer judged = judge_answer(answer_names(operation), status, fields, body);
    Reading& reading = judged.verdict.reading;
    if (operation.kind == OperationKind::generate) {
      reading.finish_reason =
          openai_chat::finish_word(find_text(judged.required.value, "\"finish_reason\""));
    }
    if (is_rerank(operation)) openai_chat::read_rerank_meta(judged.extra[1].value, reading.usage);
    if (reading.usage.service_tier.empty()) {
      reading.usage.service_tier = tier_word(as_string(judged.extra[0].value).value_or(""));
    }
    return std::move(judged.verdict);
  }

  AnswerForm answer_form(const Operation& operation, const Envelope& asked,
                         http::Fields fields) const override {
    if (is_media(operation)) return openai_chat::media_answer_form(operation, asked, fields);
    return Dialect::answer_form(operation, asked, fields);
  }

  Usage read_usage(std::string_view json) const override {
    return read_object(json, read_openai_usage);
  }

  std::unique_ptr<StreamScanner> scan_stream(const Operation& operation,
                                             bool usage_asked_by_us) const override {
    if (is_media(operation)) {
      return std::make_unique<openai_chat::MediaStream>(openai_chat::media_usage_reader(operation));
    }
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
