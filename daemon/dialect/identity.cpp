#include "daemon/dialect/identity.h"

#include <array>

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

/// Most telling first: one that spans a whole task, then one that spans a thread of it.
constexpr std::array<std::string_view, 5> session_headers = {
    "x-claude-code-session-id", "session-id", "x-session-id", "x-session-affinity", "thread-id"};

}  // namespace

std::string client_program(http::Fields fields) {
  const std::string_view agent = trim(http::find(fields, "user-agent").value_or(""));
  return printable(agent.substr(0, agent.find(' ')), 64);
}

std::string agent_session(http::Fields fields, std::string_view from_body) {
  for (const std::string_view name : session_headers) {
    const auto value = http::find(fields, name);
    if (value && !value->empty()) return printable(*value, 128);
  }
  return printable(from_body, 128);
}

}  // namespace routerone::dialect
