#include "daemon/dialect/gemini/partial_args.h"

#include <charconv>
#include <string>

#include "daemon/dialect/gemini/fields.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::gemini {
namespace {

/// No list of arguments is longer; a place far beyond would only fill memory.
constexpr std::size_t most_elements = 10'000;

/// The next step of a path: a name, or a place in a list. Empty name and no index: not readable.
struct Step {
  std::string name;
  std::optional<std::size_t> index;
};

Step quoted_step(std::string_view& path) {
  const char quote = path[1];
  const std::size_t end = path.find(std::string{quote, ']'}, 2);
  if (end == std::string_view::npos) return {};
  Step step{std::string(path.substr(2, end - 2)), std::nullopt};
  path.remove_prefix(end + 2);
  return step;
}

Step next_step(std::string_view& path) {
  if (path.size() > 2 && path[0] == '[' && (path[1] == '\'' || path[1] == '"')) {
    return quoted_step(path);
  }
  if (path.starts_with('[')) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
    if (error != std::errc{} || end == path.data() + path.size() || *end != ']') return {};
    path.remove_prefix(static_cast<std::size_t>(end - path.data()) + 1);
    return {"", index};
  }
  if (!path.starts_with('.')) return {};
  const std::size_t end = std::min(path.find_first_of(".[", 1), path.size());
  Step step{std::string(path.substr(1, end - 1)), std::nullopt};
  path.remove_prefix(end);
  return step;
}

Json* child(Json& parent, const Step& step) {
  if (!step.index) {
    if (parent.is_null()) parent = Json::object();
    return parent.is_object() && !step.name.empty() ? &parent[step.name] : nullptr;
  }
  if (parent.is_null()) parent = Json::array();
  if (!parent.is_array() || *step.index >= most_elements) return nullptr;
  while (parent.size() <= *step.index) parent.push_back(nullptr);
  return &parent[*step.index];
}

}  // namespace

bool PartialArgs::put(Element piece, Json& to) {
  if (const auto said = field(piece, "stringValue")) {
    std::string_view text;
    if (said->get_string().get(text) != simdjson::SUCCESS) return false;
    add_text(text, to);
    return true;
  }
  if (const auto number = field(piece, "numberValue")) {
    if (!number->is_number()) return false;
    to = parse_json(json_text(*number)).value_or(Json());
  } else if (field(piece, "boolValue")) {
    to = flag_field(piece, "boolValue");
  } else {
    to = nullptr;
  }
  return true;
}

/// In place: a long text comes in very many pieces.
void PartialArgs::add_text(std::string_view piece, Json& to) {
  if (!to.is_string()) to = std::string();
  to.get_ref<std::string&>() += piece;
  kept_ += piece.size();
}

Json* PartialArgs::place(std::string_view path) {
  if (!path.starts_with('$')) return nullptr;
  path.remove_prefix(1);
  Json* at = &args_;
  while (!path.empty() && at != nullptr) {
    const Step step = next_step(path);
    Json& parent = *at;
    const std::size_t before = parent.size();
    at = child(parent, step);
    // A far place in a list makes all those before it.
    kept_ += (parent.size() - before) * (sizeof(Json) + step.name.size());
  }
  return at;
}

bool PartialArgs::take(simdjson::dom::element list) {
  simdjson::dom::array pieces;
  if (list.get_array().get(pieces) != simdjson::SUCCESS) return false;
  for (const Element piece : pieces) {
    Json* const at = place(text_field(piece, "jsonPath"));
    if (at == nullptr || at == &args_ || !put(piece, *at)) return false;
    if (kept_ > longest_kept) return false;
  }
  return true;
}

chat::JsonText PartialArgs::text() const {
  return args_.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace routerone::dialect::gemini
