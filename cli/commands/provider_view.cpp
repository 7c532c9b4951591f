#include "cli/commands/provider_view.h"

#include <fmt/format.h>

#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

std::string pairs_of(const Json& provider, const char* field, const char* between) {
  std::string out;
  const Json& pairs = part_of(provider, field);
  if (pairs.is_object())
    for (const auto& [name, value] : pairs.items())
      out += fmt::format("{}{}{}{}", out.empty() ? "" : ", ", name, between,
                         text_of(pairs, name.c_str()));
  return out;
}

std::string state_of(const Json& provider) {
  if (!flag_of(provider, "added", true)) {
    const std::string reason = text_of(provider, "unsupported");
    return reason.empty() ? "not added" : "unsupported";
  }
  if (flag_of(provider, "built_in")) return "built in";
  return flag_of(provider, "enabled") ? "enabled" : "disabled";
}

/// `in 42s` without its `in`; empty: it is due.
std::string time_until(const std::string& rfc3339, const Clock& clock) {
  const std::string text = relative_time(rfc3339, clock.wall());
  return text.starts_with("in ") ? text.substr(3) : "";
}

std::string state_in_words(const Json& health, const Clock& clock) {
  const std::string state = text_of(health, "state");
  if (state == "ok") return state;
  const std::string left = time_until(text_of(health, "next_probe"), clock);
  std::string words = state;
  if (state == "cooling" && !left.empty())
    words += " " + left;
  else if (state == "open" && !left.empty())
    words += ", probe in " + left;
  return words + ": " + text_of(health, "why");
}

/// `1 of 3` where some of the targets do well and others do not.
std::string share_of(const Json& health) {
  const std::int64_t all = whole_of(health, "targets"), affected = whole_of(health, "affected");
  return affected == 0 || affected == all ? "" : fmt::format(" ({} of {})", affected, all);
}

double number_of(const Json& object, const char* field) {
  const Json& value = part_of(object, field);
  return value.is_number() ? value.get<double>() : 0;
}

/// `cooling 42s: rate_limited, since 3s ago, 12 % failing, first byte 812ms`
Cell target_cell(const Json& target, const Clock& clock) {
  Cell cell = health_cell(target, clock);
  std::string rest;
  const int failing = static_cast<int>(number_of(target, "failure_share") * 100 + 0.5);
  if (failing > 0) rest += fmt::format(", {} % failing", failing);
  if (part_of(target, "first_byte_ms").is_number())
    rest += ", first byte " + short_duration(number_of(target, "first_byte_ms"));
  const std::string since = text_of(target, "since");
  if (!since.empty()) cell.shown += ", since " + relative_time(since, clock.wall());
  if (!since.empty()) cell.plain += ", since " + since;
  cell.shown += rest;
  cell.plain += rest;
  return cell;
}

std::string key_origin(const Json& credential) {
  const std::string from = text_of(credential, "key_from");
  return flag_of(credential, "has_key", true) ? from : from + " (could not be read)";
}

}  // namespace

Cell health_cell(const Json& health, const Clock& clock) {
  const std::string state = text_of(health, "state");
  if (state.empty()) return {"", ""};
  if (state == "ok") return state_cell("ok");
  const std::string share = share_of(health);
  return {state_in_words(health, clock) + share,
          fmt::format("{}: {} until {}{}", state, text_of(health, "why"),
                      text_of(health, "next_probe"), share),
          state == "half-open" ? Color::yellow : Color::red};
}

std::string key_name(const Json& credential, const char* field) {
  const std::string name = text_of(credential, field);
  return name.empty() ? "first" : name;
}

void print_provider(Call& call, const Json& provider) {
  std::string where;
  for (const Json& endpoint : part_of(provider, "endpoints"))
    where += fmt::format("{}{} ({})", where.empty() ? "" : ", ", text_of(endpoint, "base_url"),
                         text_of(endpoint, "dialect"));
  const bool enabled = flag_of(provider, "enabled");
  const bool logs_in = flag_of(provider, "proxy_login");
  std::vector<std::pair<std::string, Cell>> facts = {
      {"id", text_of(provider, "id")},
      {"state", state_cell(enabled ? "enabled" : "disabled")},
      {"health", health_cell(part_of(provider, "health"), call.clock())},
      {"base URL", where},
      {"auth", text_of(provider, "auth")},
      {"key from", text_of(provider, "key_from")},
  };
  for (const Json& more : part_of(provider, "more_keys"))
    facts.emplace_back("key " + key_name(more), key_origin(more));
  for (auto& fact : std::vector<std::pair<std::string, Cell>>{
           {"priority", text_of(provider, "priority")},
           {"weight", text_of(provider, "weight")},
           {"CA file", text_of(provider, "ca_file")},
           {"proxy", text_of(provider, "proxy") + (logs_in ? " (with a login)" : "")},
           {"headers", pairs_of(provider, "headers", ": ")},
           {"variables", pairs_of(provider, "variables", "=")},
       })
    facts.push_back(std::move(fact));
  for (const Json& target : part_of(provider, "targets"))
    facts.emplace_back("target " + text_of(target, "target"), target_cell(target, call.clock()));
  print_facts(call.out(), facts);
  for (const std::string& warning : strings_of(provider, "warnings"))
    call.out().note("warning: " + warning);
}

void print_provider_keys(Call& call, const Json& keys) {
  const auto left = Table::Align::left;
  Table table({{"KEY"}, {"FROM", left, false, 1}, {"HEALTH"}, {"ADDED", left, false, 2}});
  for (const Json& key : keys)
    table.add({key_name(key), key_origin(key), health_cell(part_of(key, "health"), call.clock()),
               time_cell(text_of(key, "created"), call.clock())});
  print_table(call, table, "it takes no key");
}

void print_providers(Call& call, const Json& providers) {
  const auto left = Table::Align::left, right = Table::Align::right;
  Table table({{"ID"},
               {"STATE"},
               {"HEALTH"},
               {"SINCE", left, false, 4},
               {"DIALECTS", left, false, 3},
               {"KEY FROM", left, false, 2},
               {"NOTE", left, false, 1},
               {"AUTH", left, false, 5},
               {"PRIORITY", right, false, 6},
               {"WEIGHT", right, false, 7}});
  for (const Json& provider : providers) {
    std::string note = text_of(provider, "unsupported");
    if (note.empty()) note = list_of(provider, "warnings");
    std::string keys = text_of(provider, "key_from");
    for (const Json& more : part_of(provider, "more_keys")) keys += ", " + key_origin(more);
    const Json& health = part_of(provider, "health");
    const std::string since = text_of(health, "since");
    table.add({text_of(provider, "id"), state_cell(state_of(provider)),
               health_cell(health, call.clock()),
               since.empty() ? Cell("") : time_cell(since, call.clock()),
               list_of(provider, "dialects"), keys, note, text_of(provider, "auth"),
               text_of(provider, "priority"), text_of(provider, "weight")});
  }
  print_table(call, table, "no providers yet; add one: routerone providers add openai");
}

}  // namespace routerone::cli
