#include "daemon/dialect/whole_answer.h"

#include "common/core/text.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/retry_after.h"
#include "daemon/dialect/text_find.h"

namespace routerone::dialect {
namespace {

enum Member : std::size_t { error, object, type, usage, model, required, or_else, extra };
constexpr std::size_t member_count = extra + 3;

/// An error body is small; of a larger one only its status counts.
constexpr std::size_t longest_error = 64 << 10;

void read_refusal(int status, http::Fields fields, std::string_view body, Verdict& verdict) {
  const Dom document(body.substr(0, longest_error));
  const auto words = document.ok() ? read_error(document.root()) : std::nullopt;
  const bool success = status >= 200 && status < 300;
  if (success) {
    verdict.failure = words ? failure_of(*words) : FailureClass::bad_answer;
  } else {
    verdict.failure = failure_of(status, words.value_or(ErrorWords{}));
  }
  verdict.retry_after = retry_after(fields);
  if (!verdict.retry_after && words && verdict.failure == FailureClass::rate_limited) {
    verdict.retry_after = retry_after_in_words(words->message);
  }
}

bool is_error(const std::array<Picked, member_count>& members) {
  return (members[error].there() && !is_null(members[error].value)) ||
         members[object].value == "\"error\"" || members[type].value == "\"error\"";
}

}  // namespace

JudgedAnswer judge_answer(const AnswerNames& names, int status, http::Fields fields,
                          std::string_view body) {
  JudgedAnswer out;
  if (status < 200 || status > 299) {
    read_refusal(status, fields, body, out.verdict);
    return out;
  }
  const std::array<std::string_view, member_count> wanted = {
      "error",        "object",      "type",         names.usage,    names.model,
      names.required, names.or_else, names.extra[0], names.extra[1], names.extra[2]};
  const auto members = pick(body, wanted);
  std::optional<std::string_view> counted;
  if (!members) {
    out.verdict.failure = FailureClass::bad_answer;
    counted = find_usage(body, names.usage);  // The kept end of an answer too long to hold.
  } else {
    const bool there = (*members)[required].there() || (*members)[or_else].there();
    const bool answer = there && !is_error(*members);
    if (!answer) read_refusal(status, fields, body, out.verdict);
    out.required = (*members)[required];
    for (std::size_t i = 0; i < out.extra.size(); ++i) out.extra[i] = (*members)[extra + i];
    out.verdict.reading.model = printable(as_string((*members)[model].value).value_or(""), 128);
    counted = (*members)[usage].value;
  }
  if (counted && names.read_usage != nullptr && counted->starts_with('{')) {
    const Dom document(*counted);
    if (document.ok()) out.verdict.reading.usage = names.read_usage(document.root());
  }
  return out;
}

}  // namespace routerone::dialect
