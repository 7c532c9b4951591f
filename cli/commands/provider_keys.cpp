#include "cli/commands/provider_keys.h"

#include <fmt/format.h>

#include "cli/commands/provider_secret.h"
#include "cli/commands/provider_view.h"
#include "cli/commands/values.h"
#include "cli/terminal/prompt.h"

namespace routerone::cli {
namespace {

Result<int> add(Call& call) {
  const std::string id = call.word("ID");
  const auto from = call.text("key-from");
  if (!from && !can_ask())
    return fail(ErrorKind::invalid, "it is not said where the key is",
                "--key-from env:VAR, file:PATH, cmd:'..', prompt or - (stdin)");
  TRY(const control::CredentialWish wish,
      fetched_key(id, call.word("NAME"), from.value_or("prompt")));
  TRY(const Json added, call.daemon().add_credential(wish));
  if (!call.printed_json(added))
    call.out().note(fmt::format("{} takes turns with a further key now: {}", id, key_name(added)));
  return 0;
}

Result<int> list(Call& call) {
  TRY(const Json keys, call.daemon().list_credentials(call.word("ID")));
  if (!call.printed_json(keys)) print_provider_keys(call, keys);
  return 0;
}

Result<int> remove(Call& call) {
  control::CredentialWish wish;
  wish.provider = call.word("ID");
  wish.name = call.word("NAME");
  TRY_STATUS(call.confirm(fmt::format("Forget the key {} of {}?", wish.name, wish.provider)));
  TRY(const Json gone, call.daemon().remove_credential(wish));
  if (!call.printed_json(gone))
    call.out().note(fmt::format("removed the key {} of {}", wish.name, wish.provider));
  return 0;
}

}  // namespace

Result<control::CredentialWish> fetched_key(const std::string& provider, const std::string& name,
                                            const std::string& reference) {
  TRY(ResolvedKey resolved,
      fetch_key(reference, name.empty() ? fmt::format("further key of {}", provider)
                                        : fmt::format("key {} of {}", name, provider)));
  control::CredentialWish wish;
  wish.provider = provider;
  wish.name = name;
  wish.key_from = std::move(resolved.reference);
  wish.key = std::move(resolved.key);
  return wish;
}

std::vector<Command> provider_key_commands() {
  using Count = Argument::Count;
  const Value credential = {"NAME", Value::Kind::credential};
  return {
      {.noun = "providers keys",
       .verb = "add",
       .summary = "add a further key of a provider, to take turns with",
       .arguments = {{value::provider}, {Value("NAME"), Count::optional, "what to call it"}},
       .options = {{"key-from", value::key_source,
                    "env:VAR, file:PATH, cmd:'..', prompt, or - for stdin"}},
       .run = add,
       .examples = {{"a second account, from a variable",
                     "providers keys add mybox work --key-from env:WORK_KEY"}},
       .about = "Requests take turns. A key that is limited or refused is left alone for a while, "
                "and the others serve.",
       .prints = "credential",
       .effect = Command::Effect::changes},
      {.noun = "providers keys",
       .verb = "list",
       .summary = "list the keys of a provider",
       .arguments = {{value::provider}},
       .run = list,
       .examples = {{"which of them serves, and which rests", "providers keys list mybox"}},
       .prints = "[credential]"},
      {.noun = "providers keys",
       .verb = "remove",
       .summary = "forget a further key of a provider",
       .arguments = {{value::provider}, {credential}},
       .run = remove,
       .examples = {{"the others go on", "providers keys remove mybox spare"}},
       .prints = "removed_credential",
       .effect = Command::Effect::destroys},
  };
}

}  // namespace routerone::cli
