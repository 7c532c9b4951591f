#include "daemon/dialect/openai_chat/media_answer.h"

#include "common/core/text.h"
#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/openai_chat/media_request.h"
#include "daemon/dialect/openai_chat/media_usage.h"
#include "daemon/dialect/whole_answer.h"

namespace routerone::dialect::openai_chat {
namespace {

std::string_view media_type(http::Fields fields) {
  const std::string_view type = http::find(fields, "content-type").value_or("");
  return trim(type.substr(0, type.find(';')));
}

bool is_sound(std::string_view type) {
  return istarts_with(type, "audio/") || iequals(type, "application/octet-stream");
}

/// Not JSON. Silence has an empty transcript; of anything else nothing is no answer.
FailureClass judge_plain(const Operation& operation, http::Fields fields, std::string_view body) {
  const std::string_view type = media_type(fields);
  const bool transcript = operation.name != "speech" && istarts_with(type, "text/");
  const bool page =
      iequals(type, "text/html") || istarts_with(body, "<!doctype") || istarts_with(body, "<html");
  const bool there = !body.empty() || transcript;
  return there && !page ? FailureClass::none : FailureClass::bad_answer;
}

std::int64_t elements_of(std::string_view array) {
  std::int64_t count = 0;
  for_each_element(array, [&count](std::string_view) { ++count; });
  return count;
}

}  // namespace

UsageReader media_usage_reader(const Operation& operation) {
  if (makes_images(operation)) return read_image_usage;
  return operation.name == "speech" ? read_speech_usage : read_transcript_usage;
}

Verdict judge_media(const Operation& operation, int status, http::Fields fields,
                    std::string_view body) {
  const bool images = makes_images(operation);
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  const bool json = first != std::string_view::npos && body[first] == '{';
  if (status >= 200 && status <= 299 && !images && !json) {
    Verdict verdict;
    verdict.failure = judge_plain(operation, fields, body);
    return verdict;
  }
  AnswerNames names;
  names.required = images ? "data" : operation.name == "speech" ? "audio" : "text";
  names.read_usage = media_usage_reader(operation);
  JudgedAnswer judged = judge_answer(names, status, fields, body);
  if (images && judged.required.there()) {
    judged.verdict.reading.usage.images_made = elements_of(judged.required.value);
  }
  return std::move(judged.verdict);
}

AnswerForm media_answer_form(const Operation& operation, const Envelope& asked,
                             http::Fields fields) {
  const std::string_view type = media_type(fields);
  if (asked.stream && iequals(type, "text/event-stream")) return AnswerForm::events;
  if (operation.name == "speech" && is_sound(type)) return AnswerForm::bytes;
  return AnswerForm::whole;
}

}  // namespace routerone::dialect::openai_chat
