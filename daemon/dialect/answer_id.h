#pragma once

#include <string>
#include <string_view>

namespace routerone::dialect {

/// The part of an answer's id that does not tell the dialect: the upstream's without its prefix
/// (`chatcmpl-`, `msg_`, `resp_`, `gen-`) and with nothing in it but `A-Za-z0-9_-`, at most 48
/// characters; of `own` where the upstream gave none. Rule: MAPPING, ids.
std::string answer_base(std::string_view upstream, std::string_view own);

/// What stands for the id of an answer that has none, in the ids of its calls.
inline constexpr std::string_view unnamed_answer = "r1";

}  // namespace routerone::dialect
