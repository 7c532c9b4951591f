#include "daemon/sandbox/writers.h"

#include <algorithm>
#include <array>

#include "daemon/sandbox/anthropic_writers.h"
#include "daemon/sandbox/openai_writers.h"

namespace routerone::sandbox {
namespace {

constexpr std::array<Writer, 6> writers = {{
    {"/v1/chat/completions", chat_whole, chat_events, openai_error},
    {"/v1/completions", completion_whole, completion_events, openai_error},
    {"/v1/embeddings", embeddings_whole, nullptr, openai_error},
    {"/v1/responses", responses_whole, responses_events, openai_error},
    {"/v1/messages", messages_whole, messages_events, anthropic_error},
    {"/v1/messages/count_tokens", count_tokens_whole, nullptr, anthropic_error},
}};

}  // namespace

const Writer* writer_for(std::string_view path) {
  const auto found = std::find_if(writers.begin(), writers.end(),
                                  [path](const Writer& one) { return one.path == path; });
  return found == writers.end() ? nullptr : &*found;
}

}  // namespace routerone::sandbox
