#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json/json.h"

namespace routerone::fuzz {

/// The bytes of an input, read one after another; zeros when there are no more.
class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::size_t one() {
    if (rest_.empty()) return 0;
    const std::uint8_t out = rest_.front();
    rest_ = rest_.subspan(1);
    return out;
  }
  std::size_t two() {
    const std::size_t low = one();
    return low | (one() << 8);
  }
  std::span<const std::uint8_t> rest() const { return rest_; }

 private:
  std::span<const std::uint8_t> rest_;
};

/// Strings that stand for bytes which a JSON writer would not write; see spoiled().
inline constexpr std::string_view half_a_pair = "@HALF@", no_utf8 = "@BYTE@";

/// Puts half a surrogate pair and a byte that is no UTF-8 where their signs stand.
inline std::string spoiled(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> signs = {
      {{half_a_pair, "\\ud83d"}, {no_utf8, "\xff"}}};
  for (const auto& [sign, meant] : signs) {
    for (std::size_t at = text.find(sign); at != text.npos; at = text.find(sign, at)) {
      text.replace(at, sign.size(), meant);
    }
  }
  return text;
}

/// Changes sound JSON into what is nearly sound: each three or four bytes are one change of one
/// node. So the reader's deeper parts are reached, which random text never does.
class Mutant {
 public:
  /// `words`: names and strings of the language under test.
  Mutant(Json json, const std::vector<std::string>& words)
      : json_(std::move(json)), words_(words) {}

  void change(Bytes& bytes) {
    for (int changes = 0; !bytes.empty() && changes < 24; ++changes) one_change(bytes);
  }
  const Json& json() const { return json_; }

 private:
  struct Node {
    Json* value;
    Json* parent;  ///< Null: the root.
    std::size_t at;
  };

  void collect(Json& value, Json* parent, std::size_t at) {
    if (nodes_.size() >= 4000) return;
    nodes_.push_back({&value, parent, at});
    if (!value.is_structured()) return;
    std::size_t index = 0;
    for (Json& child : value) collect(child, &value, index++);
  }

  Json drawn(Bytes& bytes) {
    static const std::vector<Json> odd = {
        nullptr,
        true,
        false,
        0,
        1,
        -1,
        0.5,
        1e300,
        9007199254740993,
        18446744073709551615ULL,
        "",
        " ",
        "x",
        "a\nb\"\\\r\n\r\ndata: x",
        std::string(70, 'n'),
        "with.dots/and spaces",
        "\xf0\x9f\x98\x80",
        half_a_pair,
        no_utf8,
        "{\"a\":1}",
        "{\"a\":",
        "[1,2]",
        "data:image/png;base64,iVBORw0KGgo=",
        "https://example.test/a.png",
        Json::object(),
        Json::array(),
        Json::array({Json::array()}),
        Json::array({"x", 1, nullptr}),
        Json{{"type", "text"}, {"text", "t"}},
    };
    const std::size_t which = bytes.two();
    return which % 4 == 0 ? Json(words_[which / 4 % words_.size()]) : odd[which / 4 % odd.size()];
  }

  void one_change(Bytes& bytes) {
    nodes_.clear();
    collect(json_, nullptr, 0);
    const std::size_t what = bytes.one() % 9;
    const Node node = nodes_[bytes.two() % nodes_.size()];
    if (what == 0) *node.value = drawn(bytes);
    if (what == 1) *node.value = Json(*nodes_[bytes.two() % nodes_.size()].value);
    if (what == 2) stretch(*node.value, bytes);
    if (what == 3) insert(*node.value, bytes);
    if (node.parent == nullptr) return;
    if (what == 4) erase(node);
    if (what == 5) repeat(node);
    if (what == 6) swap(node, bytes.one());
    if (what == 7) rename(node, bytes);
    if (what == 8) *node.value = Json(words_[bytes.two() % words_.size()]);
  }

  static void erase(const Node& node) {
    if (node.parent->is_array()) {
      node.parent->erase(node.at);
    } else {
      node.parent->erase(key_of(node));
    }
  }
  static void repeat(const Node& node) {
    if (!node.parent->is_array() || node.parent->size() > 64) return;
    const Json copy = *node.value;
    node.parent->push_back(copy);
  }
  static void swap(const Node& node, std::size_t other) {
    if (!node.parent->is_array()) return;
    std::swap(*node.value, (*node.parent)[other % node.parent->size()]);
  }
  void rename(const Node& node, Bytes& bytes) {
    if (!node.parent->is_object()) return;
    const Json value = *node.value;
    node.parent->erase(key_of(node));
    (*node.parent)[words_[bytes.two() % words_.size()]] = value;
  }
  void insert(Json& value, Bytes& bytes) {
    if (value.is_array()) value.push_back(drawn(bytes));
    if (!value.is_object()) return;
    const std::string name = words_[bytes.two() % words_.size()];
    value[name] = drawn(bytes);
  }
  static void stretch(Json& value, Bytes& bytes) {
    if (value.is_string()) {
      std::string text = value.get<std::string>();
      if (text.size() > 4000) return;
      text = bytes.one() % 2 == 0 ? text + text : text.substr(0, text.size() / 2);
      // What was cut may have been half a character.
      const bool plain =
          std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
      value = plain ? text : "cut";
    } else if (value.is_number_integer()) {
      value = static_cast<std::int64_t>(bytes.two());
    }
  }
  static std::string key_of(const Node& node) {
    auto at = node.parent->begin();
    std::advance(at, static_cast<std::ptrdiff_t>(node.at));
    return at.key();
  }

  Json json_;
  const std::vector<std::string>& words_;
  std::vector<Node> nodes_;
};

/// All names and short strings of some JSON.
inline void add_words(const Json& json, std::vector<std::string>& out) {
  if (json.is_string() && json.get_ref<const std::string&>().size() < 80) {
    out.push_back(json.get<std::string>());
  }
  if (!json.is_structured()) return;
  for (const auto& [name, value] : json.items()) {
    if (json.is_object()) out.push_back(name);
    add_words(value, out);
  }
}

}  // namespace routerone::fuzz
