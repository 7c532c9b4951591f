#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace routerone::dialect::openai_chat {

/// What the choices of one chunk bring.
struct ChunkChoices {
  bool any = false;      ///< There is at least one choice.
  bool content = false;  ///< Something beyond a role.
  std::string finish;    ///< The first finish reason, from the closed list or `other`.
};

ChunkChoices read_choices(simdjson::dom::element chunk);

/// A finish reason as this dialect writes it; an unknown word becomes `other`.
std::string finish_word(std::string_view said);

}  // namespace routerone::dialect::openai_chat
