#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands/table.h"
#include "cli/commands/views.h"
#include "cli/secrets/key_source.h"
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
  return wish;
}

/// Fetches the key from where `reference` says, and puts both into the wish.
Status resolve_into(control::ProviderWish& wish, const std::string& reference) {
  TRY(const KeySource source, parse_key_source(reference));
  TRY(ResolvedKey resolved, resolve_key(source, [&wish] {
        return ask_hidden(fmt::format("key of {} (it is not shown): ", wish.id));
      }));
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

std::string pairs_of(const Json& provider, const char* field, const char* between) {
  std::string out;
  const Json& pairs = part_of(provider, field);
  if (pairs.is_object())
    for (const auto& [name, value] : pairs.items())
      out += fmt::format("{}{}{}{}", out.empty() ? "" : ", ", name, between,
                         text_of(pairs, name.c_str()));
  return out;
}

void print_provider(Call& call, const Json& provider) {
  std::string where;
  for (const Json& endpoint : part_of(provider, "endpoints"))
    where += fmt::format("{}{} ({})", where.empty() ? "" : ", ", text_of(endpoint, "base_url"),
                         text_of(endpoint, "dialect"));
  const bool enabled = flag_of(provider, "enabled");
  print_facts(call.out(), {
                              {"id", text_of(provider, "id")},
                              {"state", state_cell(enabled ? "enabled" : "disabled")},
                              {"base URL", where},
                              {"auth", text_of(provider, "auth")},
                              {"key from", text_of(provider, "key_from")},
                              {"priority", text_of(provider, "priority")},
                              {"weight", text_of(provider, "weight")},
                              {"CA file", text_of(provider, "ca_file")},
                              {"proxy", text_of(provider, "proxy")},
                              {"headers", pairs_of(provider, "headers", ": ")},
                              {"variables", pairs_of(provider, "variables", "=")},
                          });
  for (const std::string& warning : strings_of(provider, "warnings"))
    call.out().note("warning: " + warning);
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

std::string state_of(const Json& provider) {
  if (!flag_of(provider, "added", true)) {
    const std::string reason = text_of(provider, "unsupported");
    return reason.empty() ? "not added" : "unsupported";
  }
  if (flag_of(provider, "built_in")) return "built in";
  return flag_of(provider, "enabled") ? "enabled" : "disabled";
}

Result<int> list(Call& call) {
  TRY(const Json providers, call.daemon().list_providers(call.has("all")));
  if (call.printed_json(providers)) return 0;
  Table table({{"ID"},
               {"STATE"},
               {"DIALECTS"},
               {"KEY FROM"},
               {"NOTE"},
               {"AUTH"},
               {"PRIORITY", Table::Align::right},
               {"WEIGHT", Table::Align::right}});
  for (const Json& provider : providers) {
    std::string note = text_of(provider, "unsupported");
    if (note.empty()) note = list_of(provider, "warnings");
    table.add({text_of(provider, "id"), state_cell(state_of(provider)),
               list_of(provider, "dialects"), text_of(provider, "key_from"), note,
               text_of(provider, "auth"), text_of(provider, "priority"),
               text_of(provider, "weight")});
  }
  print_table(call, table, "no providers yet; add one: routerone providers add openai");
  return 0;
}

Result<int> show(Call& call) {
  return print_answer(call, call.daemon().show_provider(call.word("ID")));
}

Result<int> test(Call& call) {
  TRY(const Json result, call.daemon().test_provider({call.word("ID"), call.word("model")}));
  const bool ok = flag_of(result, "ok");
  if (call.printed_json(result)) return ok ? 0 : exit_code(ErrorKind::upstream_failed);
  Table table({{"DIALECT"}, {"CALL"}, {"RESULT"}, {"TIME", Table::Align::right}, {"WHAT"}});
  std::string trouble, hint;
  for (const Json& check : part_of(result, "checks")) {
    const bool good = flag_of(check, "ok");
    if (!good && trouble.empty()) {
      trouble = text_of(check, "message");
      hint = text_of(check, "hint");
    }
    table.add({text_of(check, "dialect"), text_of(check, "path"),
               state_cell(good ? "ok" : "failed"),
               Cell(text_of(check, "latency_ms") + "ms", text_of(check, "latency_ms")),
               good ? Cell("answers, and takes the key", "") : Cell(text_of(check, "message"))});
  }
  table.print(call.out());
  if (ok) return 0;
  return fail(ErrorKind::upstream_failed,
              fmt::format("{} does not work: {}", call.word("ID"), trouble), hint);
}

std::vector<Option> settings() {
  return {
      {"key-from", "SOURCE", "env:VAR, file:PATH, cmd:'..', prompt, or - for stdin"},
      {"base-url", "URL", "what comes before the dialect's own path"},
      {"dialect", "ID,..", "openai-chat, openai-responses, anthropic"},
      {"auth", "SCHEME", "bearer, x-api-key, x-goog-api-key, api-key or none"},
      {"header", "K:V", "a header sent with every request", true},
      {"set", "VAR=X", "a value for {VAR} in its base URL", true},
      {"priority", "N", "lower is tried first; 0 unless said"},
      {"weight", "N", "share among equal priorities; 1 unless said"},
      {"ca-file", "PEM", "trust these certificates in place of the system's"},
      {"proxy", "URL", "the way to it: http://HOST:PORT or socks5://HOST:PORT; empty: none"},
  };
}

std::vector<Option> settings_and_refresh() {
  std::vector<Option> options = settings();
  options.push_back({"refresh", "", "fetch its key again from where it came from"});
  return options;
}

Result<int> update(Call& call) {
  const auto options = settings_and_refresh();
  if (std::none_of(options.begin(), options.end(),
                   [&](const Option& option) { return call.has(option.name); }))
    return fail(ErrorKind::invalid, "nothing was said to change",
                "routerone providers update --help");
  TRY(control::ProviderWish wish, read_wish(call));
  if (const auto from = call.text("key-from")) {
    TRY_STATUS(resolve_into(wish, *from));
  } else if (call.has("refresh")) {
    TRY(const Json now, call.daemon().show_provider(wish.id));
    const std::string reference = text_of(now, "key_from");
    if (reference.empty() || reference == "stdin" || reference == "prompt")
      return fail(ErrorKind::invalid, "its key was typed in and cannot be fetched again",
                  fmt::format("routerone providers update {} --key-from prompt", wish.id));
    TRY_STATUS(resolve_into(wish, reference));
  }
  return print_answer(call, call.daemon().update_provider(wish));
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
  TRY_STATUS(call.confirm(fmt::format("Remove {} and forget its key?", id)));
  TRY(const Json gone, call.daemon().remove_provider(id));
  if (!call.printed_json(gone)) call.out().note(fmt::format("removed {}", id));
  return 0;
}

}  // namespace

std::vector<Command> provider_commands() {
  return {
      {"providers", "add", "add a provider whose key you own", {{"ID"}}, settings(), add},
      {"providers",
       "list",
       "list the providers",
       {},
       {{"all", "", "those of the catalog that were not added too"}},
       list},
      {"providers", "show", "show one provider", {{"ID"}}, {}, show},
      {"providers",
       "test",
       "try a provider out with real calls",
       {{"ID"}},
       {{"model", "ID", "ask this model of the provider's for one token"}},
       test},
      {"providers", "update", "change a provider", {{"ID"}}, settings_and_refresh(), update},
      {"providers", "enable", "use a provider again", {{"ID"}}, {}, enable},
      {"providers", "disable", "keep a provider, but send it nothing", {{"ID"}}, {}, disable},
      {"providers", "remove", "remove a provider and its key", {{"ID"}}, {}, remove},
  };
}

}  // namespace routerone::cli
