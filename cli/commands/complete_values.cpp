#include <algorithm>
#include <array>

#include "cli/commands/complete.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Kind = Value::Kind;
using Candidates = std::vector<Candidate>;

struct Word {
  const char* text;
  const char* about;
};

/// `a|b|c`; a word that ends in `=` or `:` goes on.
Candidates choices_of(std::string_view words) {
  Candidates out;
  for (const std::string_view word : split(words, '|'))
    if (!word.empty())
      out.push_back({std::string(word), "", !word.ends_with('=') && !word.ends_with(':')});
  return out;
}

template <std::size_t size>
Candidates fixed(const std::array<Word, size>& words) {
  Candidates out;
  for (const Word& word : words) {
    const std::string_view text = word.text;
    out.push_back({word.text, word.about, !text.ends_with('=') && !text.ends_with(':')});
  }
  return out;
}

// Where anything may be typed, a few that people often mean.
constexpr std::array<Word, 5> spans = {{{"1d", "a day"},
                                        {"7d", "a week"},
                                        {"30d", "a month"},
                                        {"90d", "a quarter"},
                                        {"365d", "a year"}}};
constexpr std::array<Word, 6> moments = {{{"15m", "a quarter of an hour ago"},
                                          {"1h", "an hour ago"},
                                          {"24h", "a day ago"},
                                          {"7d", "a week ago"},
                                          {"30d", "a month ago"},
                                          {"90d", "a quarter ago"}}};
constexpr std::array<Word, 4> shares = {{{"50%", ""}, {"80%", ""}, {"90%", ""}, {"95%", ""}}};
constexpr std::array<Word, 2> addresses = {
    {{"127.0.0.1:7411", "the usual one"}, {"[::1]:7411", "the usual one, IPv6"}}};
constexpr std::array<Word, 7> weights = {{{"balanced", "a bit of each"},
                                          {"fast", "latency counts most"},
                                          {"cheap", "cost counts most"},
                                          {"best", "quality counts most"},
                                          {"latency=", "0 to 1"},
                                          {"cost=", "0 to 1"},
                                          {"quality=", "0 to 1"}}};
constexpr std::array<Word, 5> references = {{{"env:", "an environment variable holds it"},
                                             {"file:", "a file holds it"},
                                             {"cmd:", "a command prints it"},
                                             {"prompt", "ask for it, unseen"},
                                             {"-", "from standard input"}}};

/// A field of a filter. The daemon's parser has the last word; a test asks it about each of these.
struct Field {
  const char* name;
  const char* about;
  Kind kind = Kind::text;
  const char* words = "";
  bool ordered = false;  ///< `>` and `<` too.
  bool common = true;    ///< Offered before a letter of it was typed.
};

constexpr const char* statuses = "200|400|401|402|403|404|408|413|429|499|500|502|503|504|529";
constexpr std::array<Field, 26> fields = {{
    {"key", "the key that asked", Kind::key},
    {"model", "the model that answered; * and ? match", Kind::model},
    {"provider", "who served it", Kind::provider},
    {"project", "the key's project", Kind::project},
    {"session", "an agent's session", Kind::session},
    {"status", "the HTTP status", Kind::choice, statuses, true},
    {"cost", "in US dollars", Kind::text, "", true},
    {"latency", "2s, 250ms", Kind::text, "", true},
    {"route", "how its target was found", Kind::choice, "primary|fallback|auto"},
    {"error", "what went wrong"},
    {"since", "from then on", Kind::time},
    {"until", "up to then", Kind::time},
    {"client", "the program that asked", Kind::text, "", false, false},
    {"state", "how it ended", Kind::choice,
     "completed|completed_unmarked|client_gone|upstream_failed|refused|shed|interrupted", false,
     false},
    {"stream", "did it stream", Kind::choice, "true|false", false, false},
    {"dialect", "the API it spoke", Kind::choice, "openai-chat|openai-responses|anthropic|gemini",
     false, false},
    {"operation", "what was asked for", Kind::text, "", false, false},
    {"requested_model", "the name asked for", Kind::model, "", false, false},
    {"upstream_model", "the name sent on", Kind::text, "", false, false},
    {"finish_reason", "why the answer ended", Kind::text, "", false, false},
    {"id", "the request's own", Kind::trace, "", false, false},
    {"ttft", "time to the first token", Kind::text, "", true, false},
    {"overhead", "time that we took", Kind::text, "", true, false},
    {"input_tokens", "", Kind::text, "", true, false},
    {"cache_read_tokens", "", Kind::text, "", true, false},
    {"output_tokens", "", Kind::text, "", true, false},
}};

Candidates with_lead(const std::string& lead, Candidates candidates) {
  for (Candidate& one : candidates) one.text.insert(0, lead);
  return candidates;
}

}  // namespace

std::vector<std::string> filter_fields() {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const Field& field : fields) names.emplace_back(field.name);
  return names;
}

Candidates ValueCompleter::filter_values(const std::string& name, const std::string& typed) const {
  const auto field = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field& one) { return one.name == name; });
  return field == fields.end() ? Candidates()
                               : of_kind({"VALUE", field->kind, field->words}, typed);
}

Candidates ValueCompleter::filters(const std::string& typed) const {
  if (const auto at = typed.find_first_of("=!<>"); at != typed.npos) {
    const auto behind = typed.find_first_not_of("=!<>", at);
    const std::string lead = typed.substr(0, behind);
    return with_lead(lead, filter_values(typed.substr(0, at), typed.substr(lead.size())));
  }
  Candidates out;
  for (const Field& field : fields) {
    if (typed.empty() && !field.common) continue;
    for (const char* sign : {"=", ">=", "<="})
      if (*sign == '=' || field.ordered)
        out.push_back({std::string(field.name) + sign, field.about, false});
  }
  return out;
}

Candidates ValueCompleter::scopes(const std::string& typed) const {
  for (const auto& [lead, kind] :
       {std::pair<const char*, Kind>{"project:", Kind::project}, {"key:", Kind::key}})
    if (typed.starts_with(lead))
      return with_lead(lead, names_(kind, typed.substr(std::string_view(lead).size())));
  return {{"wallet", "all there is to spend"},
          {"project:", "one project", false},
          {"key:", "one key", false}};
}

Candidates ValueCompleter::of_kind(const Value& value, const std::string& typed) const {
  switch (value.kind) {
    case Kind::none:
    case Kind::text:
    case Kind::number:
    case Kind::usd:
    case Kind::url:
    case Kind::file:
    case Kind::folder:
    case Kind::program:
    case Kind::command:
      return choices_of(value.choices);
    case Kind::choice:
      return choices_of(value.choices);
    case Kind::percent:
      return fixed(shares);
    case Kind::duration:
      return fixed(spans);
    case Kind::time:
      return fixed(moments);
    case Kind::address:
      return fixed(addresses);
    case Kind::weights:
      return fixed(weights);
    case Kind::reference:
      if (typed.starts_with("env:"))
        return with_lead("env:", names_(Kind::reference, typed.substr(4)));
      return fixed(references);
    case Kind::scope:
      return scopes(typed);
    case Kind::filter:
      return filters(typed);
    case Kind::credential: {
      const std::string lead = provider_ + "/";
      Candidates out;
      for (Candidate& one : names_(Kind::credential, lead + typed))
        if (one.text.starts_with(lead))
          out.push_back({one.text.substr(lead.size()), std::move(one.about)});
      return out;
    }
    default:
      return names_(value.kind, typed);
  }
}

Completion ValueCompleter::complete(const Value& value, const std::string& lead,
                                    const std::string& typed) const {
  Completion out;
  // Of a list only what stands behind the last comma is still open.
  const bool list = value.is_list() || value.kind == Kind::weights;
  const auto comma = list ? typed.rfind(',') : typed.npos;
  const std::size_t done = comma == typed.npos ? 0 : comma + 1;
  const std::string open = typed.substr(done), before = lead + typed.substr(0, done);
  const auto given = split(std::string_view(typed).substr(0, done), ',');
  if (value.kind == Kind::file || value.kind == Kind::folder) {
    out.also = value.kind == Kind::file ? Completion::Also::files : Completion::Also::folders;
    out.from = before.size();
  }
  if (value.kind == Kind::program) out.also = Completion::Also::programs;
  if (value.kind == Kind::reference && open.starts_with("file:")) {
    out.also = Completion::Also::files;
    out.from = before.size() + std::string_view("file:").size();
    return out;
  }
  for (Candidate& one : of_kind(value, open)) {
    if (!one.text.starts_with(open) ||
        std::find(given.begin(), given.end(), one.text) != given.end())
      continue;
    one.text.insert(0, before);
    out.candidates.push_back(std::move(one));
  }
  return out;
}

}  // namespace routerone::cli
