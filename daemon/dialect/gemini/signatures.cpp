#include "daemon/dialect/gemini/signatures.h"

#include "common/core/text.h"
#include "daemon/dialect/base64.h"
#include "daemon/dialect/carrier.h"
#include "daemon/dialect/json_out.h"

namespace routerone::dialect::gemini {

chat::Thinking signed_text(std::string_view signature) {
  chat::Thinking out;
  out.origin = own_id;
  JsonOut state;
  state.object().text("text", "").text("thoughtSignature", signature).end_object();
  out.state = std::move(state).take();
  return out;
}

chat::JsonText thought_state(std::string_view text, std::string_view signature) {
  JsonOut state;
  state.object().text("text", text).flag("thought", true).text("thoughtSignature", signature);
  return std::move(state.end_object()).take();
}

std::string write_foreign(const std::vector<chat::Thinking>& thoughts) {
  std::string carriers;
  for (const chat::Thinking& thought : thoughts) {
    const std::string carrier = write_carrier(thought);
    if (!carriers.empty() && !carrier.empty()) carriers += ' ';
    carriers += carrier;
  }
  return carriers.empty() ? std::string() : to_base64(carriers);
}

std::vector<chat::Thinking> read_foreign(std::string_view signature) {
  static constexpr std::string_view start_of_a_carrier = "cjEu";  // "r1."
  std::vector<chat::Thinking> out;
  if (!signature.starts_with(start_of_a_carrier)) return out;
  const auto carriers = from_base64(signature);
  if (!carriers) return out;
  for (const std::string_view carrier : split(*carriers, ' ')) {
    if (auto thought = read_carrier(carrier)) out.push_back(*std::move(thought));
  }
  return out;
}

}  // namespace routerone::dialect::gemini
