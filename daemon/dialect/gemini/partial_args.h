#pragma once

#include <simdjson.h>

#include <string_view>

#include "common/json/json.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// Arguments of a call that come value by value, each with the place it belongs to
/// (`$.operations[0].price`); a text may come in several pieces.
class PartialArgs {
 public:
  /// A `partialArgs` list. False: it cannot be understood, or it is more than is kept of an answer.
  bool take(simdjson::dom::element list);
  chat::JsonText text() const;

 private:
  Json* place(std::string_view path);
  bool put(simdjson::dom::element piece, Json& to);
  void add_text(std::string_view piece, Json& to);

  Json args_ = Json::object();
  std::size_t kept_ = 0;  ///< About as many bytes as `args_` has.
};

}  // namespace routerone::dialect::gemini
