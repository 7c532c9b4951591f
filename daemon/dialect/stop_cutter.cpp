#include "daemon/dialect/stop_cutter.h"

#include <algorithm>

namespace routerone::dialect {

std::string StopFinder::feed(std::string_view piece) {
  if (found_) return {};
  held_ += piece;
  std::size_t begins = 0, ends = std::string::npos;
  for (const std::string& stop : *stops_) {
    const std::size_t at = stop.empty() ? std::string::npos : held_.find(stop);
    if (at == std::string::npos) continue;
    const std::size_t end = at + stop.size();
    if (end > ends || (end == ends && at >= begins)) continue;
    found_ = &stop;
    begins = at;
    ends = end;
  }
  if (!found_) begins = held_.size() - longest_start();
  std::string shown = held_.substr(0, begins);
  held_.erase(0, begins);
  return shown;
}

/// How much of the end of what is held could be the beginning of a stop.
std::size_t StopFinder::longest_start() const {
  std::size_t longest = 0;
  for (const std::string& stop : *stops_) {
    if (stop.empty()) continue;
    for (std::size_t size = std::min(stop.size() - 1, held_.size()); size > longest; --size) {
      if (std::string_view(held_).ends_with(std::string_view(stop).substr(0, size))) longest = size;
    }
  }
  return longest;
}

std::string StopFinder::finish() { return found_ ? std::string() : std::exchange(held_, {}); }

void StopCutter::take(chat::Event event, std::vector<chat::Event>& out) {
  std::visit([this, &out](auto& known) { on(std::move(known), out); }, event);
}

void StopCutter::on(chat::PartBegan began, std::vector<chat::Event>& out) {
  if (found_) return;
  open_.insert(began.part);
  auto* text = std::get_if<chat::Text>(&began.what);
  const std::string first = text ? std::exchange(text->text, {}) : std::string();
  const std::size_t part = began.part;
  if (text) texts_.emplace(part, stops_);
  out.emplace_back(std::move(began));
  if (!first.empty()) feed(part, texts_.at(part), first, out);
}

void StopCutter::on(chat::Delta delta, std::vector<chat::Event>& out) {
  if (!open_.contains(delta.part)) return;
  const auto text = texts_.find(delta.part);
  if (text == texts_.end()) {
    out.emplace_back(std::move(delta));
    return;
  }
  feed(delta.part, text->second, delta.text, out);
  if (!text->second.found()) return;
  out.emplace_back(chat::PartEnded{delta.part, chat::Text{}, {}});
  texts_.erase(text);
  open_.erase(delta.part);
}

void StopCutter::feed(std::size_t part, StopFinder& finder, std::string_view text,
                      std::vector<chat::Event>& out) {
  std::string shown = finder.feed(text);
  if (finder.found()) found_ = finder.found();
  if (!shown.empty()) out.emplace_back(chat::Delta{part, std::move(shown)});
}

void StopCutter::on(chat::PartEnded ended, std::vector<chat::Event>& out) {
  if (open_.erase(ended.part) == 0) return;
  const auto text = texts_.find(ended.part);
  if (text != texts_.end()) {
    std::string rest = text->second.finish();
    if (!rest.empty()) out.emplace_back(chat::Delta{ended.part, std::move(rest)});
    auto* told = std::get_if<chat::Text>(&ended.rest);
    if (told && text->second.found()) told->citations.clear();
    texts_.erase(text);
  }
  out.emplace_back(std::move(ended));
}

void StopCutter::on(chat::Ended ended, std::vector<chat::Event>& out) {
  if (found_) {
    ended.ending.finish = chat::Finish::stop_sequence;
    ended.ending.stop_sequence = *found_;
  }
  out.emplace_back(std::move(ended));
}

void cut_at_stop(chat::Answer& answer, const std::vector<std::string>& stops) {
  for (auto part = answer.parts.begin(); part != answer.parts.end(); ++part) {
    auto* text = std::get_if<chat::Text>(&*part);
    if (!text) continue;
    StopFinder finder(stops);
    std::string shown = finder.feed(text->text);
    if (!finder.found()) continue;
    text->text = std::move(shown);
    text->citations.clear();
    answer.parts.erase(part + 1, answer.parts.end());
    answer.ending.finish = chat::Finish::stop_sequence;
    answer.ending.stop_sequence = *finder.found();
    return;
  }
}

}  // namespace routerone::dialect
