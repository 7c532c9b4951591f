#include "daemon/dialect/openai_responses/conversation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/core/text.h"
#include "daemon/dialect/error_message.h"
#include "daemon/dialect/event_type.h"
#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/openai_responses/message_body.h"

namespace routerone::dialect::openai_responses {
namespace {

constexpr std::size_t longest_id = 128;
constexpr std::size_t most_marks = 1000;

Refusal bad(std::string message, std::string_view param) {
  return {RefusalKind::bad_request, std::move(message), std::string(param), {}};
}

bool is_nothing(const Picked& member) {
  return !member.there() || is_null(member.value) || items_of(member.value).empty();
}

/// A reasoning item that only its provider could fill: where it keeps nothing, it refuses one that
/// it is sent back.
bool is_hollow(std::string_view item) {
  static constexpr std::array<std::string_view, 3> names = {"type", "encrypted_content", "content"};
  const auto members = pick(item, names);
  if (!members || as_string((*members)[0].value) != "reasoning") return false;
  const std::string_view sealed = (*members)[1].value;
  return (sealed.empty() || is_null(sealed)) && is_nothing((*members)[2]);
}

std::string not_found(std::string_view id) {
  const std::string message =
      "Previous response with id '" + printable(id, longest_id) + "' not found.";
  return R"({"type":"error","status":400,"error":{"type":"invalid_request_error",)"
         R"("code":"previous_response_not_found","message":)" +
         json_quoted(message) + R"(,"param":"previous_response_id"}})";
}

/// An answer without output, for a request that wanted none: its two events.
std::vector<std::string> empty_answer(const std::string& id, std::int64_t seconds,
                                      std::string_view model) {
  const auto event = [&](std::string_view number, std::string_view word, std::string_view usage) {
    std::string text = R"({"type":"response.)";
    text.append(word == "completed" ? word : "created").append(R"(","sequence_number":)");
    text.append(number).append(R"(,"response":{"id":)").append(json_quoted(id));
    text.append(R"(,"object":"response","created_at":)").append(std::to_string(seconds));
    text.append(R"(,"status":")")
        .append(word)
        .append(R"(","error":null,"incomplete_details":null)");
    text.append(R"(,"model":)").append(model.empty() ? "null" : model);
    return text.append(R"(,"output":[],"usage":)").append(usage).append("}}");
  };
  return {event("0", "in_progress", "null"),
          event("1", "completed",
                R"({"input_tokens":0,"input_tokens_details":{"cached_tokens":0},"output_tokens":0,)"
                R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":0})")};
}

class ResponsesConversation final : public Conversation {
 public:
  explicit ResponsesConversation(std::size_t most_kept) : most_kept_(most_kept) {}

  Heard hear(std::string message, const Moment&) override;
  void note(std::string_view event) override;
  std::string write_refusal(int status, http::Fields, std::string_view body) const override;
  std::string_view sign_of_life() const override {
    return R"({"type":"keepalive","sequence_number":0})";
  }
  bool is_of_requests(const http::Field& field) const override;
  std::size_t held() const override { return kept_.capacity() + asked_.capacity() + said_size_; }
  void forget() override;

 private:
  struct Mark {
    std::string id;
    std::size_t end;  ///< What was said up to its answer's end is so much of `kept_`.
  };

  Heard prepare(Message, const Moment&);
  std::optional<std::size_t> find(std::string_view id) const;
  void keep_item(std::string_view event);
  void end_answer(std::string_view event);
  void go_on_to(std::string id, std::string_view output);

  std::size_t most_kept_;
  std::string kept_;         ///< Items, with commas between them.
  std::vector<Mark> marks_;  ///< By `end`.

  bool answering_ = false;
  std::size_t base_ = 0;  ///< The request under way goes on from here ...
  bool stores_ = true;    ///< ... kept by its provider ...
  std::string asked_;     ///< ... with these items ...
  std::vector<std::pair<std::int64_t, std::string>> said_;  ///< ... and these come back.
  std::size_t said_size_ = 0;
};

std::optional<std::size_t> ResponsesConversation::find(std::string_view id) const {
  const auto mark = std::find_if(marks_.rbegin(), marks_.rend(),
                                 [id](const Mark& known) { return known.id == id; });
  return mark == marks_.rend() ? std::nullopt : std::optional(mark->end);
}

Conversation::Heard ResponsesConversation::hear(std::string message, const Moment& now) {
  answering_ = false;
  auto read = read_message(message);
  if (!read) return {.refused = read.error()};
  if (!read->parsed)
    return {.body = std::move(message)};              // the reader of bodies says what is wrong
  if (read->type == "response.processed") return {};  // Codex may say so; nothing hangs on it
  if (read->type != "response.create") {
    return {.refused = bad("a message on this connection is of type response.create", "type")};
  }
  std::size_t base = 0;
  if (!read->previous.empty()) {
    const auto found = find(read->previous);
    if (!found) return {.answers = {not_found(read->previous)}};
    base = *found;
  }
  if (base + read->items.size() > most_kept_) {
    return {
        .refused = Refusal{
            RefusalKind::too_large, "the conversation is larger than is accepted", "input", {}}};
  }
  base_ = base;
  stores_ = read->stores;
  said_.clear();
  said_size_ = 0;
  if (!read->generate) return prepare(*std::move(read), now);
  answering_ = true;
  const std::string_view before = std::string_view(kept_).substr(0, base);
  Heard heard{.body = write_body(std::move(message), *read, before)};
  asked_ = std::move(read->items);
  return heard;
}

/// Nobody is asked: what was said is kept, under a name of our own.
Conversation::Heard ResponsesConversation::prepare(Message read, const Moment& now) {
  const std::string id = "resp_" + std::string(now.name);
  asked_ = std::move(read.items);
  go_on_to(id, {});
  return {.answers = empty_answer(id, now.seconds, read.model)};
}

void ResponsesConversation::note(std::string_view event) {
  if (!answering_) return;
  const std::string type = event_type({.name = {}, .data = event, .has_data = true});
  if (type == "response.output_item.done") return keep_item(event);
  if (type == "response.completed" || type == "response.incomplete") return end_answer(event);
}

void ResponsesConversation::keep_item(std::string_view event) {
  static constexpr std::array<std::string_view, 2> names = {"item", "output_index"};
  const auto members = pick(event, names);
  if (!members || !(*members)[0].value.starts_with('{')) return;
  const auto index = as_whole((*members)[1].value);
  said_.emplace_back(index.value_or(static_cast<std::int64_t>(said_.size())), (*members)[0].value);
  said_size_ += said_.back().second.size();
  if (said_size_ > most_kept_) forget();
}

/// The items as they were told one by one; of a provider that does not, those in the whole.
void ResponsesConversation::end_answer(std::string_view event) {
  static constexpr std::array<std::string_view, 1> outer = {"response"};
  static constexpr std::array<std::string_view, 2> inner = {"id", "output"};
  answering_ = false;
  const auto whole = pick(event, outer);
  if (!whole || !(*whole)[0].there()) return;
  const auto response = pick((*whole)[0].value, inner);
  if (!response) return;
  auto id = as_string((*response)[0].value);
  if (!id || id->empty()) return;
  std::string output;
  std::stable_sort(said_.begin(), said_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [index, item] : said_) {
    if (stores_ || !is_hollow(item)) output.append(output.empty() ? "" : ",").append(item);
  }
  go_on_to(*std::move(id), said_.empty() ? items_of((*response)[1].value) : output);
}

/// What was asked and said is kept under the answer's id; what had been said behind the place it
/// goes on from is given up.
void ResponsesConversation::go_on_to(std::string id, std::string_view output) {
  kept_.resize(base_);
  std::erase_if(marks_, [this](const Mark& mark) { return mark.end > base_; });
  for (const std::string_view items : {std::string_view(asked_), output}) {
    if (items.empty()) continue;
    if (!kept_.empty()) kept_ += ',';
    kept_.append(items);
  }
  if (marks_.size() >= most_marks) marks_.erase(marks_.begin());
  marks_.push_back({std::move(id), kept_.size()});
  std::string().swap(asked_);
  said_.clear();
  said_size_ = 0;
  if (kept_.size() > most_kept_) forget();
}

/// Codex tells of the turn under way in each message's `client_metadata`; its opening is one of
/// another kind.
bool ResponsesConversation::is_of_requests(const http::Field& field) const {
  if (iequals(field.name, "x-codex-turn-metadata")) return false;
  return !iequals(field.name, "openai-beta") || !field.value.starts_with("responses_websockets=");
}

void ResponsesConversation::forget() {
  answering_ = false;
  std::string().swap(kept_);
  std::string().swap(asked_);
  marks_.clear();
  said_.clear();
  said_size_ = 0;
}

/// Codex reads `status`, `error` and, of `headers`, when to try again.
std::string ResponsesConversation::write_refusal(int status, http::Fields fields,
                                                 std::string_view body) const {
  static constexpr std::array<std::string_view, 1> names = {"error"};
  const auto members = pick(body, names);
  const std::string_view told = members ? (*members)[0].value : std::string_view();
  std::string text = R"({"type":"error","status":)" + std::to_string(status) + R"(,"error":)";
  if (told.starts_with('{')) {
    text.append(told);
  } else {
    text.append(R"({"type":null,"code":null,"param":null,"message":)");
    text.append(json_quoted(error_message(body))).append("}");
  }
  text.append(R"(,"headers":{)");
  bool first = true;
  for (const http::Field& field : fields) {
    if (iequals(field.name, "content-type")) continue;
    text.append(std::exchange(first, false) ? "" : ",").append(json_quoted(lower(field.name)));
    text.append(":").append(json_quoted(field.value));
  }
  return text.append("}}");
}

}  // namespace

std::unique_ptr<Conversation> converse(std::size_t most_kept) {
  return std::make_unique<ResponsesConversation>(most_kept);
}

}  // namespace routerone::dialect::openai_responses
