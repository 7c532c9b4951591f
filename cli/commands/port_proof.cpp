#include "cli/commands/port_proof.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands/local_http.h"
#include "common/config/paths.h"
#include "common/control/contract.h"
#include "common/json/json.h"
#include "common/platform/listener_uid.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_answer = 4096;

tl::unexpected<Error> not_ours(const std::string& address, const std::string& why) {
  return fail(ErrorKind::unauthorized,
              fmt::format("{} is not this daemon's port: {}; no key was given away", address, why),
              "see who listens there, then: routerone restart");
}

std::string answer_in(const std::string& message) {
  const auto json = parse_json(body_of(message), 4);
  const bool fits = json && json->is_object() && json->contains("answer");
  return fits && (*json)["answer"].is_string() ? (*json)["answer"].get<std::string>() : "";
}

}  // namespace

Status prove_port(const std::string& address, const std::string& question,
                  const std::string& answer) {
  TRY(const ListenAddress at, parse_listen_address(address));
  const std::uint32_t us = ::geteuid();
  const auto owner = listener_uid(at.host, at.port, us);
  if (owner && *owner != us) return not_ours(address, fmt::format("user {} listens there", *owner));
  const std::string said =
      ask_local(at,
                fmt::format("GET {}{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                            control::proof_path, question, address),
                longest_answer);
  if (said.empty()) return not_ours(address, "nobody answers there");
  if (answer.empty() || answer_in(said) != answer)
    return not_ours(address, "it does not know what the daemon knows");
  return {};
}

}  // namespace routerone::cli
