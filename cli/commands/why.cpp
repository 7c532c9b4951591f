#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "cli/commands/why_words.h"
#include "common/control/contract.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_sentence = 2'000;

Result<int> why(Call& call) {
  TRY(const Json trace, call.daemon().show_trace(call.word("ID")));
  const auto sentences = why_sentences(trace);
  if (call.json()) {
    Json out = Json::object();
    out["schema"] = control::schema_version;
    out["id"] = text_of(trace, "id");
    out["why"] = sentences;
    call.out().json(out);
    return 0;
  }
  for (const std::string& sentence : sentences)
    call.out().line(printable(sentence, longest_sentence));
  return 0;
}

}  // namespace

std::vector<Command> why_commands() {
  return {{.noun = "",
           .verb = "why",
           .summary = "say in a few sentences why a request went where it went",
           .arguments = {{value::trace}},
           .run = why,
           .examples = {{"an id from traces list, or its beginning", "why 01a1fc7e-a805"}},
           .about = "Every answer carries its id as the header x-request-id.",
           .prints = "reasons"}};
}

}  // namespace routerone::cli
