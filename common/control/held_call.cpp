#include "common/control/held_call.h"

#include <sys/socket.h>

#include <cerrno>

#include "common/control/contract.h"
#include "common/control/socket_talk.h"

namespace routerone::control {
namespace {

constexpr std::size_t deepest_call = 32;

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

Result<std::string> receive_line(int fd) {
  std::string line;
  char part[4096];
  while (line.size() < longest_held_line) {
    const auto got = ::recv(fd, part, sizeof part, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return went_away();
    line.append(part, static_cast<std::size_t>(got));
    if (line.back() == '\n') return line;
  }
  return went_away();
}

/// A whole number of a message; -1: there is none.
int number_in(const Json& message, const char* field) {
  if (!message.is_object() || !message.contains(field)) return -1;
  const Json& value = message[field];
  return value.is_number_integer() ? value.get<int>() : -1;
}

Json body_of(const Json& message) {
  return message.is_object() && message.contains("body") ? message["body"] : Json();
}

}  // namespace

std::string write_held_call(const char* call, const Json& body) {
  Json message = Json::object();
  message["contract"] = contract_version;
  message["call"] = call;
  message["body"] = body;
  return line_of(std::move(message));
}

std::string write_held_answer(const Result<Json>& result) {
  Json message = Json::object();
  message["contract"] = contract_version;
  message["status"] = result ? 200 : status_of(result.error().kind);
  message["body"] = result ? *result : Json::parse(write_error(result.error()));
  return line_of(std::move(message));
}

Result<Json> read_held_answer(const std::string& line) {
  TRY(const Json message, parse_json(line, deepest_call));
  if (number_in(message, "contract") != contract_version)
    return tl::unexpected(version_mismatch(std::to_string(number_in(message, "contract"))));
  const int status = number_in(message, "status");
  Json body = body_of(message);
  if (status != 200) return tl::unexpected(read_error(status, body.dump()));
  return body;
}

Result<HeldRequest> read_held_call(const std::string& line) {
  TRY(const Json message, parse_json(line, deepest_call));
  if (number_in(message, "contract") != contract_version)
    return tl::unexpected(version_mismatch(std::to_string(number_in(message, "contract"))));
  if (!message.contains("call") || !message["call"].is_string())
    return fail(ErrorKind::invalid, "a held call does not say what it calls");
  return HeldRequest{message["call"].get<std::string>(), body_of(message)};
}

Result<HeldCall> hold_call(const std::filesystem::path& socket, const char* call,
                           const Json& body) {
  TRY(Descriptor connection, connect_to(socket, {}));
  if (!send_all(connection.get(), write_held_call(call, body))) return went_away();
  TRY(const std::string line, receive_line(connection.get()));
  TRY(Json answer, read_held_answer(line));
  return HeldCall{std::move(answer), std::move(connection)};
}

}  // namespace routerone::control
