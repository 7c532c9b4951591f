#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands/provider_keys.h"
#include "cli/commands/provider_secret.h"
#include "cli/commands/provider_view.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/terminal/prompt.h"

namespace routerone::cli {
namespace {

/// `Name: value` or `NAME=VALUE`, cut at the first separator.
Result<control::Pairs> read_pairs(const Call& call, const char* option, char separator) {
  control::Pairs pairs;
  for (const std::string& text : call.all(option)) {
    const auto at = text.find(separator);
    if (at == text.npos || at == 0)
      return fail(ErrorKind::invalid,
                  fmt::format("--{} takes NAME{}VALUE", option, separator == ':' ? ": " : "="),
                  "routerone providers add --help");
    const auto from = text.find_first_not_of(' ', at + 1);
    pairs.emplace_back(text.substr(0, at), from == text.npos ? "" : text.substr(from));
  }
  return pairs;
}

Result<control::ProviderWish> read_wish(const Call& call) {
  control::ProviderWish wish;
  wish.id = call.word("ID");
  wish.base_url = call.text("base-url");
  wish.dialect = call.text("dialect");
  wish.auth = call.text("auth");
  TRY(wish.variables, read_pairs(call, "set", '='));
  if (call.has("header")) {
    TRY(wish.headers, read_pairs(call, "header", ':'));
  }
  TRY(wish.priority, call.number("priority", -1'000'000, 1'000'000));
  TRY(wish.weight, call.number("weight", 1, 1'000'000));
  if (const auto file = call.text("ca-file")) {
    std::error_code ignored;
    wish.ca_file = file->empty() ? "" : std::filesystem::absolute(*file, ignored).string();
  }
  wish.proxy = call.text("proxy");
  if (const auto from = call.text("proxy-login-from")) {
    TRY(wish.proxy_login, from->empty() ? Result<Secret>("") : fetch_login(*from, wish.id));
  }
  return wish;
}

/// Fetches the key from where `reference` says, and puts both into the wish.
Status resolve_into(control::ProviderWish& wish, const std::string& reference) {
  TRY(ResolvedKey resolved, fetch_key(reference, "key of " + wish.id));
  wish.key_from = std::move(resolved.reference);
  wish.key = std::move(resolved.key);
  return {};
}

/// Where nothing was said: the variable that programs of this provider read, else a question.
Status find_key(Call& call, control::ProviderWish& wish) {
  if (wish.auth == "none") return {};
  TRY(const Json known, call.daemon().describe_provider(wish.id));
  if (text_of(known, "auth") == "none" && !wish.auth) return {};
  // What the daemon will refuse anyway needs no key.
  if (!text_of(known, "unsupported").empty()) return {};
  if (!flag_of(known, "known", true) && !wish.base_url) return {};
  for (const std::string& variable : strings_of(known, "env")) {
    if (!is_set(variable)) continue;
    call.out().note(fmt::format("taking its key from ${}", variable));
    return resolve_into(wish, "env:" + variable);
  }
  if (can_ask()) return resolve_into(wish, "prompt");
  return {};  // the daemon says what is missing
}

Result<int> print_answer(Call& call, const Result<Json>& provider) {
  if (!provider) return tl::unexpected(provider.error());
  if (!call.printed_json(*provider)) print_provider(call, *provider);
  return 0;
}

Result<int> add(Call& call) {
  TRY(control::ProviderWish wish, read_wish(call));
  const auto from = call.text("key-from");
  TRY_STATUS(from ? resolve_into(wish, *from) : find_key(call, wish));
  return print_answer(call, call.daemon().add_provider(wish));
}

Result<int> list(Call& call) {
  TRY(const Json providers, call.daemon().list_providers(call.has("all")));
  if (call.printed_json(providers)) return 0;
  print_providers(call, providers);
  return 0;
}

Result<int> show(Call& call) {
  return print_answer(call, call.daemon().show_provider(call.word("ID")));
}

/// Each call of a trial in a row; with which key, where there are several.
void print_checks(Call& call, const Json& checks) {
  const bool several = std::any_of(checks.begin(), checks.end(), [](const Json& check) {
    return !text_of(check, "credential").empty();
  });
  std::vector<Table::Column> columns = {{"DIALECT"},
                                        {"CALL", Table::Align::left, false, 1},
                                        {"RESULT"},
                                        {"TIME", Table::Align::right, false, 2},
                                        {"WHAT"}};
  if (several) columns.push_back({"KEY"});
  Table table(std::move(columns));
  for (const Json& check : checks) {
    const bool good = flag_of(check, "ok");
    std::vector<Cell> row = {
        text_of(check, "dialect"), text_of(check, "path"), state_cell(good ? "ok" : "failed"),
        Cell(text_of(check, "latency_ms") + "ms", text_of(check, "latency_ms")),
        good ? Cell("answers, and takes the key", "") : Cell(text_of(check, "message"))};
    if (several) row.emplace_back(key_name(check, "credential"));
    table.add(std::move(row));
  }
  table.print(call.out());
}

Result<int> test(Call& call) {
  TRY(const Json result, call.daemon().test_provider({call.word("ID"), call.word("model")}));
  const bool ok = flag_of(result, "ok");
  if (call.printed_json(result)) return ok ? 0 : exit_code(ErrorKind::upstream_failed);
  const Json& checks = part_of(result, "checks");
  print_checks(call, checks);
  if (ok) return 0;
  const auto failed = std::find_if(checks.begin(), checks.end(),
                                   [](const Json& check) { return !flag_of(check, "ok"); });
  if (failed == checks.end()) return exit_code(ErrorKind::upstream_failed);
  const std::string key = text_of(*failed, "credential");
  return fail(ErrorKind::upstream_failed,
              fmt::format("{} does not work{}: {}", call.word("ID"),
                          key.empty() ? "" : " with its key " + key, text_of(*failed, "message")),
              text_of(*failed, "hint"));
}

std::vector<Option> settings() {
  const Value scheme = {"SCHEME", Value::Kind::choice,
                        "bearer|x-api-key|x-goog-api-key|api-key|none"};
  return {
      {"key-from", value::key_source, "env:VAR, file:PATH, cmd:'..', prompt, or - for stdin"},
      {"base-url", value::url, "what comes before the dialect's own path"},
      {"dialect", value::dialects,
       "what it speaks: openai-chat, openai-responses, anthropic, gemini"},
      {"auth", scheme, "how it wants its key; by its dialect unless said"},
      {"header", "K:V", "a header sent with every request", true},
      {"set", "VAR=X", "a value for {VAR} in its base URL", true},
      {"priority", value::count, "lower is tried first; 0 unless said"},
      {"weight", value::count, "share among equal priorities; 1 unless said"},
      {"ca-file", {"PEM", Value::Kind::file}, "trust these certificates in place of the system's"},
      {"proxy", value::url, "the way to it: http://HOST:PORT or socks5://HOST:PORT; empty: none"},
      {"proxy-login-from", value::key_source,
       "where user:password for the proxy is; as --key-from"},
  };
}

std::vector<Option> settings_and_refresh() {
  const Value credential = {"NAME", Value::Kind::credential};
  std::vector<Option> options = settings();
  options.push_back({"refresh", "", "fetch its keys again from where they came from"});
  options.push_back({"key", credential, "which of its keys --key-from or --refresh is about"});
  return options;
}

/// Everything that `update` is to send. All is fetched before anything is changed.
struct Update {
  control::ProviderWish provider;
  std::vector<control::CredentialWish> keys;
};

Status fetch_into(Update& update, const std::string& key, const std::string& reference) {
  if (key == "first") return resolve_into(update.provider, reference);
  TRY(control::CredentialWish wish, fetched_key(update.provider.id, key, reference));
  update.keys.push_back(std::move(wish));
  return {};
}

/// Those of the provider's keys that can be fetched again; only one of them if it is named.
Status refresh_into(Call& call, Update& update, const std::optional<std::string>& only) {
  const std::string& id = update.provider.id;
  TRY(const Json keys, call.daemon().list_credentials(id));
  bool any = false;
  for (const Json& key : keys) {
    const std::string name = key_name(key), reference = text_of(key, "key_from");
    if (only && *only != name) continue;
    if (!can_fetch_again(reference)) {
      call.out().note(fmt::format("the key {} of {} was typed in: it stays as it is", name, id));
      continue;
    }
    TRY_STATUS(fetch_into(update, name, reference));
    any = true;
  }
  if (any) return {};
  return fail(ErrorKind::invalid, "there is no key that can be fetched again",
              fmt::format("routerone providers update {} --key-from prompt", id));
}

Result<int> update(Call& call) {
  const auto options = settings_and_refresh();
  if (std::none_of(options.begin(), options.end(),
                   [&](const Option& option) { return call.has(option.name); }))
    return fail(ErrorKind::invalid, "nothing was said to change",
                "routerone providers update --help");
  const auto key = call.text("key"), from = call.text("key-from");
  if (key && !from && !call.has("refresh"))
    return fail(ErrorKind::invalid, "--key says which key, not where it is",
                "with it goes --key-from SOURCE or --refresh");
  Update update;
  TRY(update.provider, read_wish(call));
  if (from) {
    TRY_STATUS(fetch_into(update, key.value_or("first"), *from));
  } else if (call.has("refresh")) {
    TRY_STATUS(refresh_into(call, update, key));
  }
  const Result<Json> updated = call.daemon().update_provider(update.provider);
  if (!updated || update.keys.empty()) return print_answer(call, updated);
  for (const control::CredentialWish& wish : update.keys) {
    TRY([[maybe_unused]] const Json changed, call.daemon().update_credential(wish));
  }
  return print_answer(call, call.daemon().show_provider(update.provider.id));
}

Result<int> set_enabled(Call& call, bool enabled) {
  control::ProviderWish wish;
  wish.id = call.word("ID");
  wish.enabled = enabled;
  TRY(const Json provider, call.daemon().update_provider(wish));
  if (!call.printed_json(provider))
    call.out().note(fmt::format("{} is {}", wish.id, enabled ? "enabled" : "disabled"));
  return 0;
}
Result<int> enable(Call& call) { return set_enabled(call, true); }
Result<int> disable(Call& call) { return set_enabled(call, false); }

Result<int> remove(Call& call) {
  const std::string id = call.word("ID");
  TRY_STATUS(call.confirm(fmt::format("Remove {} and forget its keys?", id)));
  TRY(const Json gone, call.daemon().remove_provider(id));
  if (!call.printed_json(gone)) call.out().note(fmt::format("removed {}", id));
  return 0;
}

Result<int> reset(Call& call) {
  TRY(const Json done, call.daemon().reset_provider(call.word("ID")));
  if (!call.printed_json(done))
    call.out().note(fmt::format("forgot how the {} targets of {} did; they are asked again at once",
                                whole_of(done, "targets"), call.word("ID")));
  return 0;
}

}  // namespace

std::vector<Command> provider_commands() {
  const Value new_provider = {"ID", Value::Kind::catalog_provider};
  std::vector<Command> commands = {
      {.noun = "providers",
       .verb = "add",
       .summary = "add a provider whose key you own",
       .arguments = {{new_provider}},
       .options = settings(),
       .run = add,
       .examples =
           {{"one of the catalog; takes OPENAI_API_KEY from the environment",
             "providers add openai"},
            {"the key from a file; tried after the others",
             "providers add openrouter --key-from file:openrouter.key --priority 1"},
            {"a server of your own that needs no key",
             "providers add llama --base-url http://127.0.0.1:8080/v1 --dialect openai-chat "
             "--auth none"}},
       .about =
           "The key itself is never an argument: --key-from says where it is. It goes over the "
           "daemon's own socket into a file that only you can read. Without a word the "
           "variable is taken that programs of this provider read, else it is asked for.",
       .prints = "provider",
       .rank = Command::Rank::common,
       .effect = Command::Effect::changes},
      {.noun = "providers",
       .verb = "list",
       .summary = "list the providers, and how each does at the moment",
       .options = {{"all", "", "those of the catalog that were not added too"}},
       .run = list,
       .examples = {{"those that were added", "providers list"},
                    {"those that could be", "providers list --all"}},
       .prints = "[provider]",
       .rank = Command::Rank::common},
      {.noun = "providers",
       .verb = "show",
       .summary = "show one provider",
       .arguments = {{value::provider}},
       .run = show,
       .examples = {{"where it is, its keys, how its models do", "providers show mybox"}},
       .prints = "provider"},
      {.noun = "providers",
       .verb = "test",
       .summary = "try a provider out with real calls",
       .arguments = {{value::provider}},
       .options = {{"model", "ID", "ask this model of the provider's for one token"}},
       .run = test,
       .examples = {{"does it answer, and does it take the key", "providers test mybox"},
                    {"does it serve this model", "providers test mybox --model ok"}},
       .prints = "trial",
       .exits = {{7, "it does not answer, or refuses the key"}}},
      {.noun = "providers",
       .verb = "update",
       .summary = "change a provider",
       .arguments = {{value::provider}},
       .options = settings_and_refresh(),
       .run = update,
       .examples = {{"tried after those with a lower number",
                     "providers update mybox --priority 2"},
                    {"its key has changed where it came from", "providers update mybox --refresh"}},
       .about = "What is not said stays as it is.",
       .prints = "provider",
       .effect = Command::Effect::changes},
      {.noun = "providers",
       .verb = "enable",
       .summary = "use a provider again",
       .arguments = {{value::provider}},
       .run = enable,
       .examples = {{"from the next request on", "providers enable mybox"}},
       .prints = "provider",
       .effect = Command::Effect::changes},
      {.noun = "providers",
       .verb = "disable",
       .summary = "keep a provider, but send it nothing",
       .arguments = {{value::provider}},
       .run = disable,
       .examples = {{"requests under way may end", "providers disable mybox"}},
       .prints = "provider",
       .effect = Command::Effect::changes},
      {.noun = "providers",
       .verb = "reset",
       .summary = "forget how a provider did, and ask it again",
       .arguments = {{value::provider}},
       .run = reset,
       .examples = {{"after it was mended", "providers reset mybox"}},
       .prints = "provider_reset",
       .effect = Command::Effect::changes},
      {.noun = "providers",
       .verb = "remove",
       .summary = "remove a provider and its keys",
       .arguments = {{value::provider}},
       .run = remove,
       .examples = {{"its traces stay", "providers remove mybox"}},
       .prints = "removed_provider",
       .effect = Command::Effect::destroys},
  };
  for (Command& command : provider_key_commands()) commands.push_back(std::move(command));
  return commands;
}

}  // namespace routerone::cli
