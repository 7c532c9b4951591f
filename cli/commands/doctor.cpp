// `routerone doctor`: looks at everything, tells what it found, and mends what can do no harm.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "cli/commands/doctor_check.h"
#include "cli/commands/doctor_gather.h"
#include "cli/commands/table.h"
#include "cli/terminal/table.h"
#include "common/control/contract.h"

namespace routerone::cli {
namespace {

using Kind = Verdict::Kind;

struct Outcome {
  const Check* check;
  Verdict verdict;
  bool fixed = false;
};

struct Look {
  const char *word, *mark;
  Color color;
};
Look look_of(Kind kind) {
  switch (kind) {
    case Kind::ok:
      return {"ok", "✓", Color::green};
    case Kind::warning:
      return {"warning", "!", Color::yellow};
    case Kind::failed:
      return {"failed", "✗", Color::red};
    case Kind::skipped:
      break;
  }
  return {"skipped", "-", Color::dim};
}

bool is_bad(const Verdict& verdict) {
  return verdict.kind == Kind::warning || verdict.kind == Kind::failed;
}

/// Ids and names of sections, each given once, as completion offers them.
const char* choices() {
  static const std::string all = [] {
    std::string text, section;
    for (const Check& check : all_checks()) {
      if (section != check.section) text += std::string(check.section) + "|";
      section = check.section;
      text += std::string(check.id) + "|";
    }
    text.pop_back();
    return text;
  }();
  return all.c_str();
}

std::vector<const Check*> chosen(Call& call) {
  const auto only = call.list("only");
  std::vector<const Check*> checks;
  for (const Check& check : all_checks())
    if (!only || std::find(only->begin(), only->end(), check.id) != only->end() ||
        std::find(only->begin(), only->end(), check.section) != only->end())
      checks.push_back(&check);
  return checks;
}

Json as_json(const Outcome& outcome) {
  Json out = Json::object();
  out["schema"] = control::schema_version;
  out["id"] = outcome.check->id;
  out["section"] = outcome.check->section;
  out["title"] = outcome.check->title;
  out["status"] = look_of(outcome.verdict.kind).word;
  out["evidence"] = outcome.verdict.evidence;
  out["mend"] = outcome.verdict.mend.empty() ? Json(nullptr) : Json(outcome.verdict.mend);
  out["fixable"] = outcome.check->mend != nullptr;
  out["fixed"] = outcome.fixed;
  return out;
}

int list_checks(Call& call, const std::vector<const Check*>& checks) {
  Json all = Json::array();
  Table table({{"CHECK"}, {"SECTION"}, {"FIX"}, {"WHAT IS SO WHERE ALL IS WELL"}});
  for (const Check* check : checks) {
    all.push_back({{"schema", control::schema_version},
                   {"id", check->id},
                   {"section", check->section},
                   {"title", check->title},
                   {"fixable", check->mend != nullptr}});
    table.add({check->id, check->section, check->mend ? "yes" : "", check->title});
  }
  if (!call.printed_json(all)) table.print(call.out());
  return 0;
}

std::vector<Outcome> look_at(const std::vector<const Check*>& checks, const Findings& found) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(checks.size());
  for (const Check* check : checks) outcomes.push_back({check, check->look(found)});
  return outcomes;
}

/// One after the other, each from what is so after the one before: a folder that is mended may be
/// all that a daemon needed to start.
std::vector<Outcome> mend(Call& call, const std::vector<const Check*>& checks, Findings found) {
  std::set<const Check*> fixed;
  for (const Check* check : checks) {
    if (!check->mend || !is_bad(check->look(found))) continue;
    const auto done = check->mend(call, found);
    if (!done) {
      call.out().note(fmt::format("{} could not be fixed: {}", check->id, done.error().message));
      continue;
    }
    fixed.insert(check);
    call.out().note(fmt::format("fixed {}: {}", check->id, *done));
    found = gather(call);
  }
  auto outcomes = look_at(checks, found);
  for (Outcome& outcome : outcomes)
    outcome.fixed = fixed.contains(outcome.check) && !is_bad(outcome.verdict);
  return outcomes;
}

void print_plain(Output& out, const std::vector<Outcome>& outcomes) {
  for (const auto& [check, verdict, fixed] : outcomes)
    out.line(Shown(look_of(verdict.kind).word) + Shown::tab() + check->id + Shown::tab() +
             verdict.evidence + Shown::tab() + verdict.mend);
}

constexpr std::size_t mark_at = 13, evidence_at = mark_at + 22;

Shown padded(std::string_view text, std::size_t from, std::size_t to, Color color = Color::none) {
  const std::size_t used = from + text.size();
  return Shown(text, color) + Shown::spaces(used < to ? to - used : 1);
}

void print_one(Output& out, const Outcome& outcome) {
  const Look look = look_of(outcome.verdict.kind);
  out.line(Shown::spaces(mark_at) + Shown(look.mark, look.color) + " " +
           padded(outcome.check->id, mark_at + 2, evidence_at) + outcome.verdict.evidence);
  if (!outcome.verdict.mend.empty())
    out.line(Shown::spaces(evidence_at) + Shown(outcome.verdict.mend, Color::cyan));
}

std::string counted(const std::vector<Outcome>& outcomes) {
  std::array<int, 4> counts{};
  for (const Outcome& outcome : outcomes) ++counts[static_cast<std::size_t>(outcome.verdict.kind)];
  std::string text;
  for (const Kind kind : {Kind::ok, Kind::warning, Kind::failed, Kind::skipped}) {
    const int count = counts[static_cast<std::size_t>(kind)];
    if (count == 0) continue;
    const bool plural = kind == Kind::warning && count > 1;
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", count, look_of(kind).word,
                        plural ? "s" : "");
  }
  return text;
}

/// By sections: a line for each, and one for each check that is not as it should be.
void print_sections(Output& out, const std::vector<Outcome>& outcomes, bool all) {
  for (auto at = outcomes.begin(); at != outcomes.end();) {
    const std::string section = at->check->section;
    const auto end = std::find_if(
        at, outcomes.end(), [&](const Outcome& one) { return one.check->section != section; });
    const std::vector<Outcome> part(at, end);
    const auto worst = std::max_element(part.begin(), part.end(), [](const auto& a, const auto& b) {
      const auto badness = [](const Outcome& one) {
        return one.verdict.kind == Kind::skipped ? 0 : static_cast<int>(one.verdict.kind) + 1;
      };
      return badness(a) < badness(b);
    });
    const Look look = look_of(worst->verdict.kind);
    out.line(padded(section, 0, mark_at, Color::bold) + Shown(look.mark, look.color) + " " +
             counted(part));
    for (const Outcome& outcome : part)
      if (all || is_bad(outcome.verdict)) print_one(out, outcome);
    at = end;
  }
}

int print(Call& call, const std::vector<Outcome>& outcomes) {
  const bool failed = std::any_of(outcomes.begin(), outcomes.end(), [](const Outcome& one) {
    return one.verdict.kind == Kind::failed;
  });
  if (call.json()) {
    Json all = Json::array();
    for (const Outcome& outcome : outcomes) all.push_back(as_json(outcome));
    call.out().json(all);
    return failed ? 1 : 0;
  }
  if (call.out().terminal())
    print_sections(call.out(), outcomes, call.has("all") || call.has("only"));
  else
    print_plain(call.out(), outcomes);
  const auto fixable = std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& one) {
    return is_bad(one.verdict) && one.check->mend;
  });
  std::string summary = counted(outcomes);
  if (fixable > 0 && !call.has("fix"))
    summary += fmt::format("; {} can be fixed by: routerone doctor --fix", fixable);
  call.out().note(summary);
  return failed ? 1 : 0;
}

Result<int> doctor(Call& call) {
  const auto checks = chosen(call);
  if (call.has("list")) return list_checks(call, checks);
  Findings found = gather(call);
  return print(call,
               call.has("fix") ? mend(call, checks, std::move(found)) : look_at(checks, found));
}

}  // namespace

std::vector<Command> doctor_commands() {
  return {
      {.noun = "",
       .verb = "doctor",
       .summary = "look for what is wrong, and say what mends it",
       .options = {{"fix", "", "mend what can do no harm"},
                   {"only", {"ID,..", Value::Kind::choice, choices()}, "these checks or sections"},
                   {"all", "", "on a terminal: show what is well, too"},
                   {"list", "", "only list the checks there are"}},
       .run = doctor,
       .examples = {{"look at everything", "doctor"},
                    {"mend permissions, leftovers and a daemon that is down", "doctor --fix"},
                    {"only the daemon and its ports", "doctor --only daemon"},
                    {"all of what is seen, for a script", "doctor --json"}},
       .about =
           "Every check has an id, what was seen, and the command that mends it. It asks no "
           "provider, costs nothing, takes seconds at most, and works with the daemon down: what "
           "cannot be known then is skipped. Nothing is changed without --fix, which takes away "
           "others' rights to our files, removes what killed daemons and runs have left, and "
           "starts the daemon; it never ends one, and removes no data.\n\n"
           "In a pipe each check is a line of status (ok, warning, failed, skipped), id, evidence "
           "and mending command. The exit code is 1 if a check failed; warnings are not failures.",
       .prints = "[check]",
       .rank = Command::Rank::common,
       .effect = Command::Effect::changes},
  };
}

}  // namespace routerone::cli
