#include "daemon/dialect/gemini/dialect.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"
#include "daemon/dialect/cost_note.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/gemini/chunk.h"
#include "daemon/dialect/gemini/demand.h"
#include "daemon/dialect/gemini/envelope.h"
#include "daemon/dialect/gemini/model_list.h"
#include "daemon/dialect/gemini/stream.h"
#include "daemon/dialect/gemini/translation.h"
#include "daemon/dialect/gemini/usage.h"
#include "daemon/dialect/gemini/words.h"
#include "daemon/dialect/header_names.h"
#include "daemon/dialect/operation_path.h"
#include "daemon/dialect/refusal_words.h"
#include "daemon/dialect/text_find.h"
#include "daemon/dialect/whole_answer.h"

namespace routerone::dialect {
namespace {

constexpr std::string_view whole_path = "/models/{model}:generateContent";
constexpr std::string_view stream_path = "/models/{model}:streamGenerateContent";
constexpr std::string_view count_path = "/models/{model}:countTokens";

/// The newest SDK says `/v1`, all others `/v1beta`; it is the same. One of them leaves out
/// `models/` where a model's name has a slash.
constexpr std::array operation_list = {
    Operation{"generate", "/v1beta/models/{model}:generateContent", whole_path,
              OperationKind::generate},
    Operation{"generate", "/v1beta/models/{model}:streamGenerateContent", stream_path,
              OperationKind::generate},
    Operation{"generate", "/v1/models/{model}:generateContent", whole_path,
              OperationKind::generate},
    Operation{"generate", "/v1/models/{model}:streamGenerateContent", stream_path,
              OperationKind::generate},
    Operation{"count_tokens", "/v1beta/models/{model}:countTokens", count_path,
              OperationKind::count},
    Operation{"count_tokens", "/v1/models/{model}:countTokens", count_path, OperationKind::count},
    Operation{"generate", "/v1beta/{model}:generateContent", whole_path, OperationKind::generate},
    Operation{"generate", "/v1beta/{model}:streamGenerateContent", stream_path,
              OperationKind::generate},
    Operation{"generate", "/v1/{model}:generateContent", whole_path, OperationKind::generate},
    Operation{"generate", "/v1/{model}:streamGenerateContent", stream_path,
              OperationKind::generate},
    Operation{"count_tokens", "/v1beta/{model}:countTokens", count_path, OperationKind::count},
    Operation{"count_tokens", "/v1/{model}:countTokens", count_path, OperationKind::count},
};

constexpr std::array<std::string_view, 5> path_word_list = {
    "/v1beta/", ":generateContent", ":streamGenerateContent", ":countTokens", ":embedContent"};
constexpr std::array<std::string_view, 2> model_path_list = {"/v1beta/models", "/v1/models"};

/// Not `x-goog-user-project`: whose quota is used is not the caller's to say.
constexpr std::array<std::string_view, 2> request_names = {"x-goog-api-client", "x-server-timeout"};
constexpr std::array<std::string_view, 2> response_names = {"server-timing", "x-gemini-"};

class Gemini final : public Dialect {
 public:
  std::string_view id() const override { return "gemini"; }
  std::span<const Operation> operations() const override { return operation_list; }
  std::span<const std::string_view> path_words() const override { return path_word_list; }
  std::span<const std::string_view> model_paths() const override { return model_path_list; }

  bool is_spoken_in(http::Fields fields, std::string_view query) const override {
    return http::find(fields, "x-goog-api-key") || http::find(fields, "x-goog-api-client") ||
           query.starts_with("key=") || query.find("&key=") != std::string_view::npos;
  }

  tl::expected<Envelope, Refusal> read_envelope(const Operation& operation,
                                                std::string_view body) const override {
    if (operation.kind == OperationKind::count) return gemini::read_object_only(body);
    return gemini::read_envelope(body);
  }

  void read_target(const Operation& operation, std::string_view path, std::string_view query,
                   Envelope& envelope) const override {
    envelope.model = model_in_path(operation, path);
    envelope.stream = operation.upstream_path == stream_path;
    const auto parameters = split(query, '&');
    const bool events = std::any_of(parameters.begin(), parameters.end(), [](auto parameter) {
      return parameter == "alt=sse" || parameter == "$alt=sse";
    });
    envelope.as_array = envelope.stream && !events;
  }

  tl::expected<Demand, Refusal> measure(const Operation&, std::string_view body) const override {
    return gemini::measure(body);
  }

  std::vector<Splice> write_cap(const Operation& operation, std::string_view body, std::int64_t cap,
                                const Quirks&) const override {
    if (operation.kind == OperationKind::count) return {};
    return gemini::write_cap(body, cap);
  }

  std::optional<Splice> write_cost(const Operation&, std::string_view body,
                                   Money cost) const override {
    static constexpr std::array<std::string_view, 1> path = {"usageMetadata"};
    return note_cost(body, path, cost);
  }

  const Translation* translation() const override { return &gemini::content_translation(); }

  /// Its clients read no rates.
  std::vector<std::pair<std::string, std::string>> write_rates(const RateState&,
                                                               WallTime) const override {
    return {};
  }

  Verdict judge(const Operation& operation, int status, http::Fields fields,
                std::string_view body) const override {
    const bool counts = operation.kind == OperationKind::count;
    AnswerNames names;
    names.required = counts ? "totalTokens" : "candidates";
    names.or_else = counts ? "" : "promptFeedback";
    names.extra = {"promptFeedback", "", ""};
    names.usage = usage_name();
    names.model = "modelVersion";
    if (!counts) names.read_usage = gemini::read_usage;
    JudgedAnswer judged = judge_answer(names, status, fields, body);
    Verdict& verdict = judged.verdict;
    if (verdict.failure != FailureClass::none && !verdict.retry_after) {
      verdict.retry_after = gemini::retry_delay(body);
    }
    const std::string_view candidates = judged.required.value;
    const std::string_view finish = find_text(candidates, "\"finishReason\"");
    verdict.reading.finish_reason = gemini::finish_word(
        finish.empty() ? find_text(judged.extra[0].value, "\"blockReason\"") : finish);
    verdict.reading.usage.web_searches = gemini::searches_in(candidates, verdict.reading.model);
    return std::move(verdict);
  }

  std::string_view usage_name() const override { return "usageMetadata"; }
  Usage read_usage(std::string_view json) const override {
    return read_object(json, gemini::read_usage);
  }

  /// Some of its readers drop what comes right behind a comment.
  std::string_view early_keepalive() const override { return {}; }

  std::unique_ptr<StreamScanner> scan_stream(const Operation&, bool) const override {
    return std::make_unique<gemini::Stream>();
  }

  WrittenRefusal write_refusal(const Refusal& refusal, std::string_view,
                               std::string_view) const override {
    WrittenRefusal written;
    written.status = gemini::refusal_words(refusal.kind).status;
    written.fields = fields_of(refusal);
    written.body = gemini::error_body(refusal);
    return written;
  }

  bool forwards_request_header(std::string_view name) const override {
    return forwards_any_request_header(name) || lists(request_names, name);
  }
  bool forwards_response_header(std::string_view name) const override {
    return forwards_any_response_header(name) || lists(response_names, name);
  }

  std::string write_model_list(std::span<const ListedModel> models) const override {
    return gemini::write_models(models);
  }
  std::string write_model(const ListedModel& model) const override {
    return gemini::write_model(model);
  }

  std::string write_trial(std::string_view) const override {
    return R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}],)"
           R"("generationConfig":{"maxOutputTokens":1}})";
  }
};

}  // namespace

const Dialect& gemini_dialect() {
  static const Gemini dialect;
  return dialect;
}

}  // namespace routerone::dialect
