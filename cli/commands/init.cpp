#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/agents/environment.h"
#include "cli/commands/daemon_start.h"
#include "cli/commands/init_agents.h"
#include "cli/commands/init_providers.h"
#include "cli/commands/local_http.h"
#include "cli/commands/start_options.h"
#include "cli/commands/status_view.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "common/platform/listener_uid.h"

namespace routerone::cli {
namespace {

constexpr const char* model = "sandbox/echo";
constexpr const char* question =
    R"({"model":"sandbox/echo","messages":[{"role":"user","content":"hello"}]})";
constexpr std::size_t longest_answer = 64 << 10;

struct MadeKey {
  std::string name;
  std::string key;  ///< Empty: it was made before, and is shown to nobody again.
};

Result<Json> running_daemon(Call& call) {
  TRY(const Json status, ensure_daemon(call));
  call.out().note(fmt::format("the daemon listens on {} ({})", list_of(status, "listening"),
                              manager_words(status)));
  return status;
}

Result<MadeKey> make_key(Call& call) {
  MadeKey made{call.text("key-name").value_or("default"), ""};
  const auto there = call.daemon().show_key(made.name);
  if (there && text_of(*there, "state") == "active") {
    call.out().note(
        fmt::format("the key \"{0}\" was made before and is not shown again; a new one "
                    "in its place: routerone keys rotate {0}",
                    made.name));
    return made;
  }
  control::KeyWish wish;
  wish.name = made.name;
  TRY(const Json key, call.daemon().create_key(wish));
  made.key = text_of(key, "key");
  return made;
}

/// The first request, to the built-in provider, as any program would send it.
Status ask_once(const std::string& address, const std::string& key) {
  TRY(const ListenAddress at, parse_listen_address(address));
  const std::uint32_t us = ::geteuid();
  if (listener_uid(at.host, at.port, us).value_or(us) != us)
    return fail(ErrorKind::unauthorized, address + " is another user's port; no key was sent there",
                "routerone doctor");
  const std::string answer = body_of(ask_local(
      at,
      fmt::format("POST /v1/chat/completions HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n"
                  "Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n"
                  "\r\n{}",
                  address, key, std::string_view(question).size(), question),
      longest_answer));
  if (answer.find("hello") != answer.npos) return {};
  return fail(ErrorKind::internal, "the daemon did not answer a first request on " + address,
              "routerone doctor");
}

/// What a shell takes: the key, and a request that works.
void print_paste(Call& call, const std::string& address, const MadeKey& key) {
  Output& out = call.out();
  if (out.quiet()) {
    if (!key.key.empty()) out.line(key.key);
    return;
  }
  out.note("");
  out.note(key.key.empty() ? "with that key in $ROUTERONE_API_KEY:"
                           : "paste this; the key is shown this once:");
  if (!key.key.empty()) out.line("export ROUTERONE_API_KEY=" + key.key);
  out.line(
      fmt::format("curl http://{}/v1/chat/completions -H \"Authorization: Bearer "
                  "$ROUTERONE_API_KEY\" -H 'Content-Type: application/json' -d '{}'",
                  address, question));
  std::string programs = environment_lines(address);
  constexpr std::string_view blank = "<the key>";
  for (auto at = programs.find(blank); at != programs.npos; at = programs.find(blank))
    programs.replace(at, blank.size(), "$ROUTERONE_API_KEY");
  out.note(Shown::lines(programs));
  out.note("see what it does: routerone traces tail; what models there are: routerone models list");
}

Json describe(const Json& status, const Json& providers, const MadeKey& key, const Json& agents) {
  return {{"schema", 1},
          {"listening", part_of(status, "listening")},
          {"manager", part_of(status, "manager")},
          {"providers", providers},
          {"key", {{"name", key.name}, {"key", key.key.empty() ? Json(nullptr) : Json(key.key)}}},
          {"asked", key.key.empty() ? Json(nullptr) : Json(model)},
          {"agents", agents}};
}

bool any_failed(const Json& outcomes) {
  return std::any_of(outcomes.begin(), outcomes.end(),
                     [](const Json& one) { return text_of(one, "state") == "failed"; });
}

/// Each step leaves something whole behind, so that a run that was stopped is gone on with by the
/// next.
Result<int> init(Call& call) {
  TRY(const Json status, running_daemon(call));
  const auto listening = strings_of(status, "listening");
  if (listening.empty())
    return fail(ErrorKind::unavailable, "the daemon listens nowhere", "routerone restart");
  TRY(const Json providers, add_found_providers(call));
  const Json agents = set_up_agents(call);
  TRY(const MadeKey key, make_key(call));
  if (!key.key.empty()) {
    const Status asked = ask_once(listening.front(), key.key);
    if (!call.json()) print_paste(call, listening.front(), key);
    TRY_STATUS(asked);
    call.out().note(fmt::format("it works: {} has answered a first request", model));
  } else if (!call.json()) {
    print_paste(call, listening.front(), key);
  }
  call.printed_json(describe(status, providers, key, agents));
  const bool failed = (call.has("provider") && any_failed(providers));
  if (failed) return exit_code(ErrorKind::upstream_failed);
  return call.has("setup") && any_failed(agents) ? 1 : 0;
}

std::vector<Option> init_options() {
  std::vector<Option> options = {
      {"provider",
       {"ID,..", Value::Kind::catalog_provider},
       "use the key of these from the environment, and of no others",
       true},
      {"key-name", {"NAME", Value::Kind::text}, "what to call the key; default unless said"},
      {"setup", {"TOOL,..", Value::Kind::tool}, "point these agents at routerone", true},
      {"no-setup", "", "leave all agents as they are"},
      {"model", value::model, "the model those agents ask for"}};
  for (const Option& option : start_options())
    if (std::string_view(option.name) != "foreground") options.push_back(option);
  return options;
}

}  // namespace

std::vector<Command> init_commands() {
  return {
      {.noun = "",
       .verb = "init",
       .summary = "from nothing to a first answered request",
       .options = init_options(),
       .run = init,
       .examples = {{"be asked at each step", "init"},
                    {"without a terminal: every key and every agent that is found", "init --yes"},
                    {"the key alone, for a script", "init --quiet --no-setup --key-name ci"}},
       .about =
           "Starts the daemon, looks for keys of providers in the environment, adds those you "
           "agree to and tries them out, offers to point the agents it finds on PATH at routerone, "
           "makes a key, and asks the built-in sandbox once, which costs nothing. It ends with "
           "lines to paste. A provider that does not work is not kept.\n\nOff a terminal, and with "
           "--json, nobody is asked: only what --provider and --setup name is used, or with --yes "
           "all that is found. Run again, it goes on where it stopped and changes nothing that is "
           "there. A key of a provider is never shown.",
       .prints = "init",
       .rank = Command::Rank::common,
       .effect = Command::Effect::changes,
       .exits = {{7, "a provider that --provider named does not work"}}},
  };
}

}  // namespace routerone::cli
