#pragma once

#include <map>
#include <string>
#include <vector>

#include "translation_support.h"

namespace routerone::test::responses {

/// Holds a Responses stream to the rules that its official readers hold it to.
class LegalResponses {
 public:
  /// What is wrong; empty: nothing. `ended`: it must have come to its end.
  std::string check(std::string_view stream, bool ended) {
    if (!stream.empty() && !stream.ends_with("\n\n")) return "an event is cut";
    for (const SseLine& each : sse_events(stream)) {
      take(each.name, json_of(each.data));
      if (!wrong_.empty()) return wrong_ + " (" + each.name + ")";
    }
    if (ended && !over_) return "it does not end";
    return {};
  }

 private:
  struct Item {
    Json begun;
    std::string id, text, summary;
    bool part_open = false, part_done = false, said_done = false, done = false;
  };

  void require(bool good, const char* what) {
    if (!good && wrong_.empty()) wrong_ = what;
  }

  void take(const std::string& name, const Json& data) {
    require(data.is_object() && data.value("type", "") == name, "the event's two names differ");
    if (!wrong_.empty()) return;
    require(data.value("sequence_number", -1) == sequence_++, "a gap in the sequence");
    require(!over_, "something after the end");
    if (name == "keepalive") return require(begun_ > 0, "a keepalive before the start");
    if (name == "error") return void(failed_ = true);
    if (name == "response.failed") {
      require(failed_, "failed without an error event");
      return end(data);
    }
    require(!failed_, "something between error and failed");
    if (name == "response.created") return start(data, 0);
    if (name == "response.in_progress") return start(data, 1);
    require(begun_ == 2, "an event before the start");
    if (name == "response.completed" || name == "response.incomplete") return end(data);
    take_item(name, data);
  }

  void start(const Json& data, int step) {
    require(begun_ == step, "a second start");
    ++begun_;
    const Json& response = data.at("response");
    if (step == 0) id_ = response.value("id", "");
    require(response.value("id", "") == id_ && id_.starts_with("resp_"), "another response id");
    require(response.value("status", "") == "in_progress", "begun with another status");
    check_response(response);
  }

  /// What the schema wants to be there, and not null.
  void check_response(const Json& response) {
    for (const char* name : {"id",
                             "object",
                             "created_at",
                             "status",
                             "model",
                             "output",
                             "parallel_tool_calls",
                             "temperature",
                             "top_p",
                             "presence_penalty",
                             "frequency_penalty",
                             "top_logprobs",
                             "tool_choice",
                             "tools",
                             "truncation",
                             "text",
                             "store",
                             "background",
                             "service_tier",
                             "metadata"}) {
      require(response.contains(name) && !response.at(name).is_null(), name);
    }
    for (const char* name : {"completed_at", "error", "incomplete_details", "instructions",
                             "max_output_tokens", "max_tool_calls", "previous_response_id",
                             "reasoning", "usage", "safety_identifier", "prompt_cache_key"}) {
      require(response.contains(name), name);
    }
  }

  void take_item(const std::string& name, const Json& data) {
    const std::size_t place = data.value("output_index", std::size_t{99999});
    if (name == "response.output_item.added") {
      require(place == items_.size(), "a gap in the output");
      Item item;
      item.begun = data.at("item");
      item.id = item.begun.value("id", "");
      items_.push_back(item);
      const std::string type = item.begun.value("type", "");
      const std::string prefix = type == "message"            ? "msg_"
                                 : type == "reasoning"        ? "rs_"
                                 : type == "custom_tool_call" ? "ctc_"
                                                              : "fc_";
      return require(item.id.starts_with(prefix), "an id of another kind");
    }
    require(place < items_.size(), "an item that was not added");
    if (!wrong_.empty()) return;
    Item& item = items_[place];
    require(!item.done, "an item goes on after its end");
    if (name == "response.output_item.done") return finish(item, data.at("item"));
    require(data.value("item_id", "") == item.id, "another item id");
    const std::string type = item.begun.value("type", "");
    if (type == "message") return take_message(item, name, data);
    if (type == "reasoning") return take_reasoning(item, name, data);
    take_call(item, name, data);
  }

  void take_message(Item& item, const std::string& name, const Json& data) {
    require(data.value("content_index", -1) == 0, "another content part");
    if (name == "response.content_part.added") {
      require(!item.part_open, "a part twice");
      item.part_open = true;
    } else if (name == "response.output_text.delta" || name == "response.refusal.delta") {
      require(item.part_open && !item.said_done, "a delta outside of its part");
      require(!data.value("delta", "").empty(), "an empty delta");
      require(name == "response.refusal.delta" || data.at("logprobs").is_array(), "no logprobs");
      item.text += data.value("delta", "");
    } else if (name == "response.output_text.done" || name == "response.refusal.done") {
      const char* member = name == "response.refusal.done" ? "refusal" : "text";
      require(data.value(member, "") == item.text, "done says another text");
      item.said_done = true;
    } else if (name == "response.content_part.done") {
      require(item.said_done, "a part done before its text");
      item.part_done = true;
    } else {
      require(name == "response.output_text.annotation.added", "of no message");
    }
  }

  void take_reasoning(Item& item, const std::string& name, const Json& data) {
    require(data.value("summary_index", -1) == 0, "another summary part");
    if (name == "response.reasoning_summary_part.added") {
      require(!item.part_open, "a part twice");
      item.part_open = true;
    } else if (name == "response.reasoning_summary_text.delta") {
      require(item.part_open, "a delta outside of its part");
      item.text += data.value("delta", "");
    } else if (name == "response.reasoning_summary_text.done") {
      require(data.value("text", "") == item.text, "done says another text");
      item.said_done = true;
    } else {
      require(name == "response.reasoning_summary_part.done" && item.said_done, "of no reasoning");
      item.part_done = true;
    }
  }

  void take_call(Item& item, const std::string& name, const Json& data) {
    const bool custom = item.begun.value("type", "") == "custom_tool_call";
    const std::string stem =
        custom ? "response.custom_tool_call_input." : "response.function_call_arguments.";
    if (name == stem + "delta") {
      require(!item.said_done, "a delta behind done");
      item.text += data.value("delta", "");
    } else {
      require(name == stem + "done", "of no call");
      const std::string said = data.value(custom ? "input" : "arguments", "");
      require(said == item.text || (item.text.empty() && said == "{}"), "done says another text");
      item.text = said;
      item.said_done = true;
    }
  }

  void finish(Item& item, const Json& whole) {
    const std::string type = item.begun.value("type", "");
    require(whole.value("id", "") == item.id && whole.value("type", "") == type, "another item");
    if (type == "message") {
      require(item.part_done, "a message done before its part");
      const Json& part = whole.at("content").at(0);
      require(part.value(part.value("type", "") == "refusal" ? "refusal" : "text", "") == item.text,
              "the item has another text");
    } else if (type == "reasoning") {
      require(item.part_open == item.part_done, "a summary without its end");
    } else {
      require(item.said_done, "a call done before its arguments");
      require(whole.value(type == "custom_tool_call" ? "input" : "arguments", "") == item.text,
              "the item has another text");
    }
    item.done = true;
    wholes_.push_back({static_cast<std::size_t>(&item - items_.data()), whole});
  }

  void end(const Json& data) {
    over_ = true;
    const Json& response = data.at("response");
    require(response.value("id", "") == id_, "another response id");
    check_response(response);
    std::map<std::size_t, Json> finished(wholes_.begin(), wholes_.end());
    if (!failed_) {
      require(finished.size() == items_.size(), "an item without its end");
      require(response.at("usage").contains("total_tokens"), "no usage at the end");
      require(response.at("usage").at("input_tokens_details").contains("cached_tokens"), "details");
      require(response.at("usage").at("output_tokens_details").contains("reasoning_tokens"),
              "details");
    }
    Json all = Json::array();
    for (const auto& [place, whole] : finished) all.push_back(whole);
    require(response.at("output") == all, "the end has other items");
  }

  std::vector<Item> items_;
  std::vector<std::pair<std::size_t, Json>> wholes_;
  std::string id_, wrong_;
  int sequence_ = 0, begun_ = 0;
  bool failed_ = false, over_ = false;
};

inline std::string illegal(std::string_view stream, bool ended) {
  return LegalResponses().check(stream, ended);
}

}  // namespace routerone::test::responses
