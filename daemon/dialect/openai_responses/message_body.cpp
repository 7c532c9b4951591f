#include "daemon/dialect/openai_responses/message_body.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect::openai_responses {
namespace {

constexpr std::string_view blanks = " \t\r\n";

enum Name { type, previous, generate, input, stream, stream_id, model, store };
constexpr std::array<std::string_view, 8> names = {
    "type", "previous_response_id", "generate", "input", "stream", "stream_id", "model", "store"};

Refusal bad(std::string message, std::string_view param) {
  return {RefusalKind::bad_request, std::move(message), std::string(param), {}};
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// A text in the place of items is one, of the user's.
std::string items_in(std::string_view value) {
  if (!value.starts_with('"')) return std::string(items_of(value));
  return R"({"type":"message","role":"user","content":)" + std::string(value) + "}";
}

/// The member whose value stands at `at`, its comma with it. Its name has no quote inside.
void erase_member(std::string& object, std::size_t at, std::size_t size) {
  std::size_t from = object.rfind('"', object.rfind('"', at - 1) - 1);
  std::size_t to = at + size;
  const std::size_t before = object.find_last_not_of(blanks, from - 1);
  if (object[before] == ',') {
    from = before;
  } else {
    const std::size_t after = object.find_first_not_of(blanks, to);
    if (object[after] == ',') to = after + 1;
  }
  object.erase(from, to - from);
}

void add_member(std::string& object, std::string_view text) {
  const std::size_t open = object.find('{') + 1;
  const bool alone = object[object.find_first_not_of(blanks, open)] == '}';
  object.insert(open, std::string(text) + (alone ? "" : ","));
}

}  // namespace

std::string_view items_of(std::string_view array) {
  if (array.size() < 2 || array.front() != '[') return {};
  return trimmed(array.substr(1, array.size() - 2));
}

tl::expected<Message, Refusal> read_message(std::string_view message) {
  Message read;
  const auto members = pick(message, names);
  if (!members) return read;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if ((*members)[i].times > 1 || (*members)[i].respelled) {
      return tl::unexpected(bad(std::string(names[i]) + " is given more than once", names[i]));
    }
  }
  const auto given = [&](Name name) {
    const std::string_view value = (*members)[name].value;
    return is_null(value) ? std::string_view() : value;
  };
  read.parsed = true;
  read.type = as_string(given(type)).value_or("");
  if (const std::string_view id = given(previous); !id.empty()) {
    const auto text = as_string(id);
    if (!text || text->empty()) {
      return tl::unexpected(bad("previous_response_id must be a string", names[previous]));
    }
    read.previous = *text;
  }
  if (!given(stream_id).empty()) {
    return tl::unexpected(
        bad("one connection carries one response at a time, without stream_id; "
            "open another for a second one",
            names[stream_id]));
  }
  read.model = given(model);
  read.stores = as_bool(given(store)).value_or(true);
  read.generate = as_bool(given(generate)).value_or(true);
  read.items = items_in(given(input));
  return read;
}

std::string write_body(std::string message, const Message& read, std::string_view before) {
  struct Place {
    Name name;
    std::size_t at, size;
  };
  const auto members = pick(message, names);
  std::vector<Place> places;
  for (const Name name : {type, previous, generate, input, stream}) {
    const Picked& member = (*members)[name];
    if (member.there()) places.push_back({name, member.at(message), member.value.size()});
  }
  // From the back, so that the places in front stay right.
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.at > b.at; });
  bool has_input = false, has_stream = false;
  for (const Place& place : places) {
    if (place.name == input) {
      has_input = true;
      if (before.empty()) continue;
      std::string all = "[" + std::string(before);
      if (!read.items.empty()) all.append(",").append(read.items);
      message.replace(place.at, place.size, all.append("]"));
    } else if (place.name == stream) {
      has_stream = true;
      message.replace(place.at, place.size, "true");
    } else {
      erase_member(message, place.at, place.size);
    }
  }
  if (!has_stream) add_member(message, R"("stream":true)");
  if (!has_input && !before.empty()) {
    add_member(message, R"("input":[)" + std::string(before) + "]");
  }
  return message;
}

}  // namespace routerone::dialect::openai_responses
