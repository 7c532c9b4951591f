#include "daemon/dialect/anthropic/dialect.h"

#include <array>

#include "common/core/text.h"
#include "daemon/dialect/anthropic/demand.h"
#include "daemon/dialect/anthropic/session.h"
#include "daemon/dialect/anthropic/stream.h"
#include "daemon/dialect/anthropic/translation.h"
#include "daemon/dialect/anthropic/usage.h"
#include "daemon/dialect/anthropic/words.h"
#include "daemon/dialect/cost_note.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/envelope_scan.h"
#include "daemon/dialect/header_names.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/model_list.h"
#include "daemon/dialect/rates.h"
#include "daemon/dialect/refusal_words.h"
#include "daemon/dialect/whole_answer.h"

namespace routerone::dialect {
namespace {

constexpr std::array operation_list = {
    Operation{"messages", "/v1/messages", "/messages", OperationKind::generate},
    Operation{"count_tokens", "/v1/messages/count_tokens", "/messages/count_tokens",
              OperationKind::count},
};
constexpr std::array<std::string_view, 1> path_word_list = {"/messages"};

/// The set of betas changes with every release: forwarded, never chosen from.
constexpr std::array<std::string_view, 3> request_names = {"anthropic-", "x-app", "x-claude-"};
constexpr std::array<std::string_view, 1> response_names = {"anthropic-"};

EnvelopeNames names_of(const Operation& operation) {
  EnvelopeNames names;
  names.sessions[0] = "metadata";
  names.read_session = anthropic::session_of_metadata;
  names.streams = operation.kind == OperationKind::generate;
  if (!names.streams) return names;
  names.caps = {"max_tokens", ""};
  names.system = "system";
  names.turns = "messages";
  return names;
}

class Anthropic final : public Dialect {
 public:
  std::string_view id() const override { return "anthropic"; }
  std::span<const Operation> operations() const override { return operation_list; }
  std::span<const std::string_view> path_words() const override { return path_word_list; }
  bool is_spoken_in(http::Fields fields, std::string_view) const override {
    return http::find(fields, "anthropic-version").has_value();
  }

  tl::expected<Envelope, Refusal> read_envelope(const Operation& operation,
                                                std::string_view body) const override {
    return scan_envelope(names_of(operation), body);
  }

  tl::expected<Demand, Refusal> measure(const Operation&, std::string_view body) const override {
    return anthropic::measure(body);
  }

  std::vector<Splice> write_cap(const Operation& operation, std::string_view body, std::int64_t cap,
                                const Quirks&) const override {
    return replace_caps(names_of(operation), body, cap, "");
  }

  std::optional<Splice> write_cost(const Operation&, std::string_view body,
                                   Money cost) const override {
    static constexpr std::array<std::string_view, 1> path = {"usage"};
    return note_cost(body, path, cost);
  }

  std::vector<std::pair<std::string, std::string>> write_rates(const RateState& state,
                                                               WallTime now) const override {
    return write_anthropic_rates(state, now);
  }

  Verdict judge(const Operation& operation, int status, http::Fields fields,
                std::string_view body) const override {
    AnswerNames names;
    const bool counts = operation.kind == OperationKind::count;
    names.required = counts ? "input_tokens" : "content";
    names.extra = {"stop_reason", "", ""};
    if (!counts) names.read_usage = anthropic::read_usage;
    JudgedAnswer judged = judge_answer(names, status, fields, body);
    judged.verdict.reading.finish_reason =
        anthropic::finish_word(as_string(judged.extra[0].value).value_or(""));
    return std::move(judged.verdict);
  }

  Usage read_usage(std::string_view json) const override {
    return read_object(json, anthropic::read_usage);
  }

  std::unique_ptr<StreamScanner> scan_stream(const Operation&, bool) const override {
    return std::make_unique<anthropic::Stream>();
  }

  WrittenRefusal write_refusal(const Refusal& refusal, std::string_view trace_id,
                               std::string_view) const override {
    const anthropic::RefusalWords words = anthropic::refusal_words(refusal.kind);
    WrittenRefusal written;
    written.status = words.status;
    written.fields = fields_of(refusal);
    written.body = "{\"type\":\"error\",\"error\":" + anthropic::error_object(refusal, words.type) +
                   ",\"request_id\":" + json_quoted(trace_id) + "}";
    return written;
  }

  bool forwards_request_header(std::string_view name) const override {
    return forwards_any_request_header(name) || lists(request_names, name);
  }
  bool forwards_response_header(std::string_view name) const override {
    return forwards_any_response_header(name) || lists(response_names, name);
  }

  std::string write_model_list(std::span<const ListedModel> models) const override {
    return write_anthropic_models(models);
  }
  std::string write_model(const ListedModel& model) const override {
    return write_anthropic_model(model);
  }

  std::string write_trial(std::string_view model) const override {
    return R"({"model":)" + json_quoted(model) +
           R"(,"max_tokens":1,"messages":[{"role":"user","content":"hi"}]})";
  }

  const Translation* translation() const override { return &anthropic::message_translation(); }
};

}  // namespace

const Dialect& anthropic_dialect() {
  static const Anthropic dialect;
  return dialect;
}

}  // namespace routerone::dialect
