#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace routerone::dialect {

/// Appends `text` as a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Writes JSON member by member into one growing text: compact, in the order of the calls, without
/// a tree. The caller keeps braces in balance; commas take care of themselves.
class JsonOut {
 public:
  JsonOut() = default;
  /// Goes on behind what is there already, such as `data: `.
  explicit JsonOut(std::string before) : out_(std::move(before)) {}

  JsonOut& object() { return open('{'); }
  JsonOut& array() { return open('['); }
  JsonOut& end_object() { return close('}'); }
  JsonOut& end_array() { return close(']'); }

  JsonOut& key(std::string_view name) {
    comma();
    append_json_string(out_, name);
    out_ += ':';
    comma_ = false;
    return *this;
  }

  JsonOut& text(std::string_view value);
  JsonOut& whole(std::int64_t value);
  JsonOut& number(double value);  ///< The shortest form that reads back the same.
  JsonOut& flag(bool value) { return raw(value ? "true" : "false"); }
  JsonOut& null() { return raw("null"); }
  /// JSON as it is. The caller knows that it is valid.
  JsonOut& raw(std::string_view json);

  JsonOut& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonOut& whole(std::string_view name, std::int64_t value) { return key(name).whole(value); }
  JsonOut& number(std::string_view name, double value) { return key(name).number(value); }
  JsonOut& flag(std::string_view name, bool value) { return key(name).flag(value); }
  JsonOut& null(std::string_view name) { return key(name).null(); }
  JsonOut& raw(std::string_view name, std::string_view json) { return key(name).raw(json); }
  JsonOut& object(std::string_view name) { return key(name).object(); }
  JsonOut& array(std::string_view name) { return key(name).array(); }
  /// Left out if it is empty.
  JsonOut& text_if(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
  }

  const std::string& view() const { return out_; }
  std::string take() && { return std::move(out_); }

 private:
  JsonOut& open(char brace) {
    comma();
    out_ += brace;
    comma_ = false;
    return *this;
  }
  JsonOut& close(char brace) {
    out_ += brace;
    comma_ = true;
    return *this;
  }
  void comma() {
    if (comma_) out_ += ',';
    comma_ = true;
  }

  std::string out_;
  bool comma_ = false;
};

}  // namespace routerone::dialect
