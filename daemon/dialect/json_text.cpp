#include "daemon/dialect/json_text.h"

#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_out.h"

namespace routerone::dialect {

namespace {

using Element = simdjson::dom::element;

void write(JsonOut& out, Element value) {
  using Type = simdjson::dom::element_type;
  switch (value.type()) {
    case Type::OBJECT:
      out.object();
      for (const auto [name, each] : simdjson::dom::object(value)) write(out.key(name), each);
      out.end_object();
      break;
    case Type::ARRAY:
      out.array();
      for (const Element each : simdjson::dom::array(value)) write(out, each);
      out.end_array();
      break;
    case Type::STRING:
      out.text(std::string_view(value));
      break;
    case Type::INT64:
    case Type::UINT64:
    case Type::DOUBLE: {
      const std::string_view spelling = Dom::spelling_of(value);
      spelling.empty() ? out.raw(simdjson::minify(value)) : out.raw(spelling);
      break;
    }
    case Type::BOOL:
      out.flag(bool(value));
      break;
    case Type::NULL_VALUE:
      out.null();
      break;
  }
}

}  // namespace

chat::JsonText json_text(simdjson::dom::element value) {
  JsonOut out;
  write(out, value);
  return std::move(out).take();
}

bool is_json_object(std::string_view text) {
  const Dom document(text);
  return document.ok() && document.root().is_object();
}

chat::JsonText as_arguments(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "{}";
  const Dom document(text);
  if (document.ok() && document.root().is_object()) return std::string(text);
  if (document.ok() && document.root().is_null()) return "{}";
  JsonOut out;
  out.object();
  if (document.ok()) {
    out.raw("value", text);
  } else {
    out.text("_raw", text);
  }
  return std::move(out.end_object()).take();
}

}  // namespace routerone::dialect
