#include "daemon/dialect/gemini/event_reader.h"

#include <algorithm>
#include <utility>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/digest.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/gemini/chunk.h"
#include "daemon/dialect/gemini/endings.h"
#include "daemon/dialect/gemini/grounding.h"
#include "daemon/dialect/gemini/part_reader.h"
#include "daemon/dialect/gemini/signatures.h"
#include "daemon/dialect/gemini/usage.h"
#include "daemon/dialect/json_text.h"

namespace routerone::dialect::gemini {

void ContentEvents::read(std::string_view, std::string_view data, std::vector<chat::Event>& out) {
  if (done_) return;
  out_ = &out;
  const Dom document(data);
  if (!document.ok() || !document.root().is_object()) return fail(FailureClass::bad_answer);
  const Element chunk = document.root();
  if (field(chunk, "error")) {
    const FailureClass failure = failure_of(read_error(chunk).value_or(ErrorWords{}));
    return fail(failure == FailureClass::bad_answer ? FailureClass::server_error : failure,
                retry_delay(data));
  }
  read_chunk(chunk);
}

void ContentEvents::end(std::vector<chat::Event>& out) {
  if (done_) return;
  out_ = &out;
  if (!finish_seen_) return fail(FailureClass::cut);
  close();
  const bool stopped =
      ending_.finish == chat::Finish::stop || ending_.finish == chat::Finish::unknown;
  if (stopped) ending_.finish = calls_ > 0 ? chat::Finish::tool_calls : chat::Finish::stop;
  out_->push_back(chat::Ended{ending_});
  done_ = true;
}

void ContentEvents::read_chunk(Element chunk) {
  if (const auto usage = field(chunk, "usageMetadata")) {
    const Usage read = read_usage(*usage);
    if (read.known() || !ending_.usage.known()) ending_.usage = read;
  }
  begin_answer(chunk);
  const auto candidates = field(chunk, "candidates");
  simdjson::dom::array list;
  if (candidates && candidates->get_array().get(list) == simdjson::SUCCESS) {
    for (const Element candidate : list) {
      if (count_member(candidate, "index").value_or(0) == 0) read_candidate(candidate);
    }
  }
  const auto feedback = field(chunk, "promptFeedback");
  if (feedback && !done_) read_feedback(*feedback);
}

void ContentEvents::begin_answer(Element chunk) {
  if (std::exchange(begun_, true)) return;
  const std::string_view id = text_field(chunk, "responseId");
  base_ = answer_base(id, "");
  out_->push_back(
      chat::Began{std::string(id), std::string(text_field(chunk, "modelVersion")), ending_.usage});
}

void ContentEvents::read_candidate(Element candidate) {
  const auto content = field(candidate, "content");
  const auto parts = content ? field(*content, "parts") : std::nullopt;
  simdjson::dom::array list;
  if (parts && parts->get_array().get(list) == simdjson::SUCCESS) {
    for (const Element part : list) {
      if (!done_) read_part(part);
    }
  }
  const auto grounding = field(candidate, "groundingMetadata");
  auto* text = grounding && open_ ? std::get_if<chat::Text>(&*open_) : nullptr;
  if (text != nullptr) text->citations = read_grounding(*grounding, said_);
  if (!done_) read_finish_of(candidate);
}

void ContentEvents::read_finish_of(Element candidate) {
  const std::string_view reason = text_field(candidate, "finishReason");
  if (reason.empty()) return;
  const auto finish = read_finish(reason);
  if (!finish) return fail(FailureClass::bad_answer);
  finish_seen_ = true;
  ending_.finish = *finish;
  if (*finish != chat::Finish::content_filter) return;
  ending_.explanation = text_field(candidate, "finishMessage");
  if (ending_.explanation.empty()) {
    ending_.explanation = reason;
  } else if (!spoke_) {
    ending_.finish = chat::Finish::refusal;
  }
}

/// The prompt was not answered: a refusal without a word of the model's.
void ContentEvents::read_feedback(Element feedback) {
  const std::string_view reason = text_field(feedback, "blockReason");
  if (reason.empty()) return;
  finish_seen_ = true;
  ending_.finish = chat::Finish::refusal;
  ending_.explanation = text_field(feedback, "blockReasonMessage");
  if (ending_.explanation.empty()) ending_.explanation = reason;
}

void ContentEvents::read_part(Element part) {
  const std::string_view signature = text_field(part, "thoughtSignature");
  if (const auto call = field(part, "functionCall")) return take_call(*call, signature);
  if (args_) end_call(args_->text());  // The end of a call may be left out.
  const std::string_view text = text_field(part, "text");
  if (flag_field(part, "thought")) return add_thought(text, signature);
  if (const auto code = field(part, "executableCode")) {
    return add_text(fenced(text_field(*code, "language"), text_field(*code, "code")), signature);
  }
  if (const auto result = field(part, "codeExecutionResult")) {
    return add_text(fenced("", text_field(*result, "output")), signature);
  }
  if (field(part, "inlineData")) return add_text("[image omitted]", signature);
  add_text(text, signature);
}

void ContentEvents::add_text(std::string_view text, std::string_view signature) {
  if (!text.empty()) {
    const bool goes_on = open_ && std::holds_alternative<chat::Text>(*open_);
    if (!goes_on) open(chat::Text{});
    say(text);
  }
  if (signature.empty()) return;
  if (open_ && std::holds_alternative<chat::Text>(*open_)) {
    text_signature_ = signature;
  } else {
    close();
    put(signed_text(signature));
  }
}

void ContentEvents::add_thought(std::string_view text, std::string_view signature) {
  if (text.empty() && signature.empty()) return;
  const bool goes_on = open_ && std::holds_alternative<chat::Thinking>(*open_);
  if (!goes_on) {
    chat::Thinking thought;
    thought.origin = own_id;
    open(std::move(thought));
  }
  say(text);
  if (signature.empty()) return;
  std::get<chat::Thinking>(*open_).state = thought_state("", signature);
  gaps_ = {{thought_text_at, 0, said_.bytes()}};
  close();
}

void ContentEvents::say(std::string_view text) {
  if (text.empty()) return;
  said_.add(text);
  out_->push_back(chat::Delta{parts_ - 1, std::string(text)});
}

void ContentEvents::take_call(Element call, std::string_view signature) {
  const bool goes_on = flag_field(call, "willContinue");
  const auto pieces = field(call, "partialArgs");
  if (!text_field(call, "name").empty()) {
    if (args_) end_call(args_->text());
    begin_call(call, signature);
    if (goes_on || pieces) args_.emplace();
  } else if (!args_) {
    return;
  }
  if (pieces && !args_->take(*pieces)) return fail(FailureClass::bad_answer);
  if (goes_on) return;
  const auto args = field(call, "args");
  end_call(args_ ? args_->text() : args ? json_text(*args) : "{}");
}

void ContentEvents::begin_call(Element call, std::string_view signature) {
  chat::ToolCall out;
  out.id = call_id(call);
  out.name = text_field(call, "name");
  out.signature = signature;
  ++calls_;
  open(std::move(out));
}

void ContentEvents::end_call(const chat::JsonText& arguments) {
  args_.reset();
  say(arguments);
  close();
}

/// An answer without an id is told from others by what it calls.
std::string ContentEvents::call_id(Element call) {
  const std::string base = base_.empty() ? digest_hex(json_text(call), 12) : base_;
  return ids_.give(text_field(call, "id"), base);
}

/// Begins a part behind the one that is open.
void ContentEvents::open(chat::Part part) {
  close();
  ++parts_;
  said_ = {};
  spoke_ = spoke_ || !std::holds_alternative<chat::Thinking>(part);
  out_->push_back(chat::PartBegan{parts_ - 1, part});
  open_ = std::move(part);
}

void ContentEvents::close() {
  if (!open_) return;
  out_->push_back(
      chat::PartEnded{parts_ - 1, *std::exchange(open_, std::nullopt), std::exchange(gaps_, {})});
  if (!text_signature_.empty()) put(signed_text(std::exchange(text_signature_, {})));
}

/// Thinking of which there is nothing but its state.
void ContentEvents::put(const chat::Thinking& state) {
  chat::Thinking beginning = state;
  beginning.state.clear();
  open(std::move(beginning));
  open_ = state;
  close();
}

void ContentEvents::fail(FailureClass failure, std::optional<std::chrono::seconds> retry_after) {
  if (std::exchange(done_, true)) return;
  out_->push_back(chat::Failed{failure, retry_after});
}

}  // namespace routerone::dialect::gemini
