#include "daemon/dialect/json_text.h"

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_out.h"

namespace routerone::dialect {

chat::JsonText json_text(simdjson::dom::element value) { return simdjson::minify(value); }

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
