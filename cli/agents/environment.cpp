#include "cli/agents/environment.h"

#include <fmt/format.h>

namespace routerone::cli {

std::string environment_lines(const std::string& address) {
  return fmt::format(
      "for OpenAI programs:     export OPENAI_BASE_URL=http://{0}/v1 OPENAI_API_KEY=<the key>\n"
      "for Anthropic programs:  export ANTHROPIC_BASE_URL=http://{0} ANTHROPIC_API_KEY=<the key>",
      address);
}

}  // namespace routerone::cli
