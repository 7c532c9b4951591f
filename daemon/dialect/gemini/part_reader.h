#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/dialect/gemini/fields.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// Reads the parts of a content of a request.
class PartReader {
 public:
  /// `path`: where the parts stand, as this dialect's own errors say it: `contents[3].parts`.
  PartReader(std::string path, Findings& findings) : path_(std::move(path)), findings_(findings) {}

  /// `before`: what the same turn said already, behind which these parts stand.
  std::vector<chat::Part> read(Element parts, std::vector<chat::Part> before = {});

 private:
  void read_part(Element part);
  void text(Element part, std::string_view signature);
  void call(Element call, std::string_view signature);
  void result(Element response);
  void inline_data(Element blob);
  void file_data(Element file);
  void code(std::string_view language, std::string_view text);
  void put_foreign(const std::vector<chat::Thinking>& thoughts);
  void put(chat::Part part) { out_.push_back(std::move(part)); }
  std::string here(std::string_view name) const {
    return path_ + "[" + std::to_string(part_) + "]." + std::string(name);
  }

  std::string path_;
  Findings& findings_;
  std::vector<chat::Part> out_;
  std::size_t part_ = 0;
};

/// Code that the model wrote, or what it gave, as the text that a person would make of it.
std::string fenced(std::string_view language, std::string_view text);

}  // namespace routerone::dialect::gemini
