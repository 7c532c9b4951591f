#include "daemon/dialect/openai_responses/event_reader.h"

#include <algorithm>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/openai_responses/output_reader.h"
#include "daemon/dialect/retry_after.h"

namespace routerone::dialect::openai_responses {
namespace {

/// The place of what an item has only one of.
constexpr std::int64_t only = 0;
/// More than any answer has; places beyond it are not believed.
constexpr std::int64_t most_items = 1 << 16;

std::string_view type_of(const chat::Part& part) {
  if (std::holds_alternative<chat::Text>(part)) return "message";
  if (std::holds_alternative<chat::Thinking>(part)) return "reasoning";
  const auto* call = std::get_if<chat::ToolCall>(&part);
  return call && call->freeform ? "custom_tool_call" : "function_call";
}

/// Its maker is known before its state is: writers name the maker as they go.
chat::Thinking unfinished_thinking() {
  chat::Thinking out;
  out.origin = "openai-responses";
  return out;
}

}  // namespace

const ResponseReader::Kind ResponseReader::kinds[] = {
    {"response.output_text.delta", &ResponseReader::text_delta},
    {"response.function_call_arguments.delta", &ResponseReader::arguments_delta},
    {"response.custom_tool_call_input.delta", &ResponseReader::arguments_delta},
    {"response.reasoning_summary_text.delta", &ResponseReader::summary_delta},
    {"response.reasoning_text.delta", &ResponseReader::raw_delta},
    {"response.created", &ResponseReader::created},
    {"response.output_item.added", &ResponseReader::item_added},
    {"response.output_item.done", &ResponseReader::item_done},
    {"response.output_text.done", &ResponseReader::text_done},
    {"response.refusal.delta", &ResponseReader::refusal_delta},
    {"response.refusal.done", &ResponseReader::refusal_done},
    {"response.content_part.done", &ResponseReader::part_done},
    {"response.function_call_arguments.done", &ResponseReader::arguments_done},
    {"response.custom_tool_call_input.done", &ResponseReader::input_done},
    {"response.completed", &ResponseReader::completed},
    {"response.incomplete", &ResponseReader::completed},
    {"response.failed", &ResponseReader::failed},
    {"error", &ResponseReader::failed},
};

void ResponseReader::read(std::string_view type, std::string_view data,
                          std::vector<chat::Event>& out) {
  if (done_ || data.empty() || data == "[DONE]") return;
  out_ = &out;
  const Dom document(data);
  if (!document.ok() || !document.root().is_object()) return fail(FailureClass::bad_answer);
  const Element event = document.root();
  const std::string_view said = text_member(event, "type");
  if (!said.empty()) type = said;
  for (const Kind& kind : kinds) {
    if (kind.type == type) return (this->*kind.read)(event);
  }
  // An error that is no event of this dialect.
  if (type.empty() && read_error(event)) failed(event);
}

void ResponseReader::end(std::vector<chat::Event>& out) {
  out_ = &out;
  if (!done_) fail(FailureClass::cut);
}

/// Two answers in one stream are none.
void ResponseReader::created(Element event) {
  const auto response = member(event, "response");
  if (begun_) return fail(FailureClass::bad_answer);
  begin_answer(response);
}

void ResponseReader::begin_answer(const std::optional<Element>& response) {
  if (std::exchange(begun_, true)) return;
  chat::Began began;
  if (response) {
    began.id = text_member(*response, "id");
    began.model = text_member(*response, "model");
  }
  base_ = answer_base(began.id, unnamed_answer);
  emit(std::move(began));
}

void ResponseReader::item_added(Element event) {
  begin_answer(std::nullopt);
  const std::int64_t place = place_of(event);
  const auto item = member(event, "item");
  if (!item) return;
  note_item(place, text_member(*item, "type"));
  if (!is_call(text_member(*item, "type"))) return;
  chat::ToolCall call = read_call(*item);
  // Its name may come with its end only.
  if (call.name.empty() || find({place, only})) return;
  call.arguments.clear();
  open({place, only}, std::move(call));
}

void ResponseReader::text_delta(Element event) {
  const std::string_view text = text_member(event, "delta");
  if (text.empty()) return;
  const Place place{place_of(event), count_member(event, "content_index").value_or(0)};
  Open* at = find(place);
  say(at ? *at : open(place, chat::Text{}), text);
}

void ResponseReader::refusal_delta(Element event) {
  const std::string_view text = text_member(event, "delta");
  if (text.empty()) return;
  const Place place{place_of(event), count_member(event, "content_index").value_or(0)};
  Open* at = find(place);
  say(at ? *at : open(place, chat::Text{{}, true, {}, {}}), text);
}

void ResponseReader::text_done(Element event) {
  const Place place{place_of(event), count_member(event, "content_index").value_or(0)};
  const std::string_view text = text_member(event, "text");
  Open* at = find(place);
  if (at || !text.empty()) say_rest(at ? *at : open(place, chat::Text{}), text);
}

void ResponseReader::refusal_done(Element event) {
  const Place place{place_of(event), count_member(event, "content_index").value_or(0)};
  const std::string_view text = text_member(event, "refusal");
  Open* at = find(place);
  if (at || !text.empty()) say_rest(at ? *at : open(place, chat::Text{{}, true, {}, {}}), text);
}

void ResponseReader::part_done(Element event) {
  const Place place{place_of(event), count_member(event, "content_index").value_or(0)};
  const auto part = member(event, "part");
  auto text = part ? read_text(*part) : std::nullopt;
  if (text && find(place)) finish_text(place, std::move(*text));
}

void ResponseReader::thinking_delta(Element event, std::string_view chapter_name, bool raw) {
  const std::string_view text = text_member(event, "delta");
  if (text.empty()) return;
  const Place place{place_of(event), only};
  const std::int64_t chapter = count_member(event, chapter_name).value_or(0);
  Open* at = find(place);
  if (!at) {
    at = &open(place, unfinished_thinking());
    at->raw = raw;
  } else if (at->raw != raw) {
    return;  // Both of its texts are told; the first one is.
  } else if (at->chapter != chapter) {
    say(*at, "\n\n");
  }
  at->chapter = chapter;
  say(*at, text);
}

void ResponseReader::arguments_delta(Element event) {
  Open* at = find({place_of(event), only});
  if (at) say(*at, text_member(event, "delta"));
}

void ResponseReader::arguments_done(Element event) { rest_of_call(event, "arguments"); }
void ResponseReader::input_done(Element event) { rest_of_call(event, "input"); }

void ResponseReader::rest_of_call(Element event, std::string_view name) {
  Open* at = find({place_of(event), only});
  if (at) say_rest(*at, text_member(event, name));
}

void ResponseReader::item_done(Element event) {
  const auto item = member(event, "item");
  std::int64_t place = place_of(event);
  // A server that tells items only when they are done may not say their places.
  const bool told = member(event, "output_index").has_value();
  if (!told && items_.contains(place) && items_[place].finished) place = last_place_ = place + 1;
  if (item) finish_item(*item, place);
}

void ResponseReader::note_item(std::int64_t place, std::string_view type) {
  Item& item = items_[place];
  if (item.type.empty()) item.type = type;
}

void ResponseReader::finish_item(Element item, std::int64_t place) {
  begin_answer(std::nullopt);
  const std::string_view type = text_member(item, "type");
  note_item(place, type);
  if (std::exchange(items_[place].finished, true)) return;
  if (type == "message") finish_message(item, place);
  if (type == "reasoning") finish_thinking(item, place);
  if (is_call(type)) finish_call(item, place);
  finish_streamed(place);
}

void ResponseReader::finish_message(Element item, std::int64_t place) {
  const auto content = member(item, "content");
  simdjson::dom::array parts;
  if (!content || content->get_array().get(parts) != simdjson::SUCCESS) return;
  std::int64_t at = 0;
  for (const Element part : parts) {
    auto text = read_text(part);
    if (text && !told_.contains({place, at})) finish_text({place, at}, std::move(*text));
    ++at;
  }
}

void ResponseReader::finish_text(Place place, chat::Text told) {
  Open* at = find(place);
  if (!at && told.text.empty()) return;
  if (!at) at = &open(place, chat::Text{{}, told.refusal, {}, {}});
  say_rest(*at, std::exchange(told.text, {}));
  close(place, std::move(told));
}

/// The end tells the state as it is; what was told of it before is incomplete.
void ResponseReader::finish_thinking(Element item, std::int64_t place) {
  auto told = read_reasoning(item);
  Open* at = find({place, only});
  if (!told && !at) return;
  if (!told) told.emplace();
  if (!at) at = &open({place, only}, unfinished_thinking());
  say_rest(*at, std::exchange(told->text, {}));
  close({place, only}, std::move(*told));
}

void ResponseReader::finish_call(Element item, std::int64_t place) {
  chat::ToolCall told = read_call(item);
  if (told.name.empty()) return fail(FailureClass::bad_answer);
  const std::string arguments = std::exchange(told.arguments, {});
  Open* at = find({place, only});
  if (!at) at = &open({place, only}, told);
  const auto* begun = std::get_if<chat::ToolCall>(&at->rest);
  if (!begun) return fail(FailureClass::bad_answer);
  told.id = begun->id;  // The caller knows it by this one, and as what it began.
  told.freeform = begun->freeform;
  say_rest(*at, arguments);
  close({place, only}, std::move(told));
}

/// Closes what an item's end did not tell again.
void ResponseReader::finish_streamed(std::int64_t place) {
  for (auto at = open_.lower_bound({place, 0}); at != open_.end() && at->first.first == place;
       at = open_.lower_bound({place, 0})) {
    close(at->first, std::move(at->second.rest));
  }
  told_.erase(told_.lower_bound({place, 0}), told_.lower_bound({place + 1, 0}));
}

void ResponseReader::completed(Element event) {
  const auto response = member(event, "response");
  if (!response) return fail(FailureClass::bad_answer);
  begin_answer(response);
  finish_rest(*response);
  if (done_) return;
  while (!open_.empty()) finish_streamed(open_.begin()->first.first);
  emit(chat::Ended{read_ending(*response, said_)});
  done_ = true;
}

/// The response is told whole once more: items that never came otherwise are made up for. Some
/// providers leave items out of it, so the places there are not those of the events: the first item
/// of a type is the first of that type that was heard of, and so on.
void ResponseReader::finish_rest(Element response) {
  const auto output = member(response, "output");
  simdjson::dom::array all;
  if (!output || output->get_array().get(all) != simdjson::SUCCESS) return;
  std::map<std::string, std::int64_t, std::less<>> next;  // By type: where to look.
  for (const Element item : all) {
    const std::string type(text_member(item, "type"));
    std::int64_t& from = next[type];
    auto heard = items_.lower_bound(from);
    while (heard != items_.end() && heard->second.type != type) ++heard;
    const std::int64_t behind = items_.empty() ? 0 : items_.rbegin()->first + 1;
    const std::int64_t place = heard == items_.end() ? behind : heard->first;
    from = place + 1;
    finish_item(item, place);
  }
}

void ResponseReader::failed(Element event) {
  const auto response = member(event, "response");
  const Element told = response ? *response : event;
  const auto words = read_error(told);
  fail(failure_in(told), words ? retry_after_in_words(words->message) : std::nullopt);
}

ResponseReader::Open& ResponseReader::open(Place place, chat::Part what) {
  begin_answer(std::nullopt);
  note_item(place.first, type_of(what));
  said_.note(what);
  auto* call = std::get_if<chat::ToolCall>(&what);
  if (call) call->id = ids_.give(call->id, base_);
  Open fresh;
  fresh.part = parts_++;
  fresh.rest = what;
  emit(chat::PartBegan{fresh.part, std::move(what)});
  return open_.insert_or_assign(place, std::move(fresh)).first->second;
}

ResponseReader::Open* ResponseReader::find(Place place) {
  const auto found = open_.find(place);
  return found == open_.end() ? nullptr : &found->second;
}

void ResponseReader::say(Open& at, std::string_view text) {
  if (text.empty()) return;
  at.said.add(text);
  emit(chat::Delta{at.part, std::string(text)});
}

void ResponseReader::say_rest(Open& at, std::string_view whole) { say(at, at.said.rest_of(whole)); }

void ResponseReader::close(Place place, chat::Part rest) {
  const auto found = open_.find(place);
  // What came of it in pieces is of another kind than what its end says it was.
  if (found->second.rest.index() != rest.index()) return fail(FailureClass::bad_answer);
  emit(chat::PartEnded{found->second.part, std::move(rest), {}});
  open_.erase(found);
  told_.insert(place);
}

void ResponseReader::fail(FailureClass failure, std::optional<std::chrono::seconds> retry_after) {
  emit(chat::Failed{failure, retry_after});
  done_ = true;
}

std::int64_t ResponseReader::place_of(Element event) {
  const auto said = count_member(event, "output_index");
  if (said && *said < most_items) return last_place_ = *said;
  if (text_member(event, "type") == "response.output_item.added") ++last_place_;
  return std::max<std::int64_t>(last_place_, 0);
}

}  // namespace routerone::dialect::openai_responses
