#pragma once

#include <filesystem>
#include <string>

#include "common/core/result.h"
#include "common/json/json.h"
#include "common/platform/descriptor.h"

namespace routerone::control {

/// A call that stays open after its answer, on a socket beside the control socket: what it was
/// granted ends with its connection, however the caller ends. One line of JSON each way,
/// `{"contract":1,"call":"/runs/begin","body":{..}}` and
/// `{"contract":1,"status":200,"body":{..}}`; then both sides are silent.
inline constexpr const char* held_socket_name = "held.sock";
inline constexpr std::size_t longest_held_line = 256 << 10;

struct HeldCall {
  Json answer;
  Descriptor connection;  ///< Close-on-exec. Readable (an end) when the daemon has gone.
};

/// The caller's side; waits for the answer. Errors as the Client's.
Result<HeldCall> hold_call(const std::filesystem::path& socket, const char* call, const Json& body);

std::string write_held_call(const char* call, const Json& body);
std::string write_held_answer(const Result<Json>&);
Result<Json> read_held_answer(const std::string& line);

struct HeldRequest {
  std::string call;
  Json body;
};
Result<HeldRequest> read_held_call(const std::string& line);

}  // namespace routerone::control
