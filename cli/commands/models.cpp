#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

Cell price_cell(const Json& model, const char* rate) {
  const std::string usd = text_of(part_of(model, "price"), rate);
  return usd.empty() ? Cell("", "") : usd_cell(usd);
}

Result<int> list(Call& call) {
  TRY(const Json models, call.daemon().list_models({call.word("search"), call.has("all")}));
  if (call.printed_json(models)) return 0;
  const auto left = Table::Align::left, right = Table::Align::right;
  Table table({{"MODEL"},
               {"PROVIDERS", left, false, 2},
               {"CONTEXT", right, false, 1},
               {"INPUT", right},
               {"OUTPUT", right},
               {"PRICE FROM", left, false, 3}});
  for (const Json& model : models) {
    const std::string alias = text_of(model, "alias_of");
    table.add(
        {alias.empty()
             ? Cell(text_of(model, "id"))
             : Cell(fmt::format("{} = {}", text_of(model, "id"), alias), text_of(model, "id")),
         list_of(model, "providers"), count_cell(model, "context"), price_cell(model, "input"),
         price_cell(model, "output"), text_of(model, "price_source")});
  }
  print_table(call, table,
              call.has("all")
                  ? "the catalog has no such model"
                  : "no provider here serves such a model; routerone models list --all");
  return 0;
}

void print_model(Call& call, const Json& model) {
  print_facts(call.out(), {
                              {"id", text_of(model, "id")},
                              {"name", text_of(model, "name")},
                              {"lab", text_of(model, "lab")},
                              {"released", text_of(model, "released")},
                              {"context", count_cell(model, "context")},
                              {"most output", count_cell(model, "max_output")},
                              {"aliases", list_of(model, "aliases")},
                              {"price from", text_of(model, "price_source")},
                              {"quality", text_of(model, "quality")},
                              {"quality from", text_of(model, "quality_source")},
                              {"fallback", list_of(model, "fallback")},
                          });
  if (part_of(model, "offers").empty()) return;
  call.out().line("");
  Table table({{"PROVIDER"},
               {"ITS NAME FOR IT"},
               {"STATE"},
               {"INPUT", Table::Align::right},
               {"OUTPUT", Table::Align::right},
               {"CACHE READ", Table::Align::right},
               {"CACHE WRITE", Table::Align::right}});
  for (const Json& offer : part_of(model, "offers")) {
    const bool added = flag_of(offer, "added");
    const bool enabled = flag_of(offer, "enabled");
    table.add({text_of(offer, "provider"), text_of(offer, "upstream_model"),
               state_cell(!added    ? "not added"
                          : enabled ? "enabled"
                                    : "disabled"),
               price_cell(offer, "input"), price_cell(offer, "output"),
               price_cell(offer, "cache_read"), price_cell(offer, "cache_write")});
  }
  table.print(call.out());
}

Result<int> show(Call& call) {
  TRY(const Json model, call.daemon().show_model(call.word("MODEL")));
  if (!call.printed_json(model)) print_model(call, model);
  return 0;
}

Result<int> alias(Call& call) {
  const std::string name = call.word("NAME"), model = call.word("MODEL");
  if (model.empty() != call.has("remove"))
    return fail(ErrorKind::invalid, "say either the model it stands for, or --remove",
                "routerone models alias --help");
  TRY(const Json answer, call.daemon().set_alias({name, model}));
  if (call.printed_json(answer)) return 0;
  call.out().note(model.empty() ? fmt::format("\"{}\" stands for nothing now", name)
                                : fmt::format("\"{}\" = {}", name, text_of(answer, "model")));
  return 0;
}

Result<int> quality(Call& call) {
  TRY(const Json answer, call.daemon().set_quality({call.word("MODEL"), call.word("QUALITY")}));
  if (call.printed_json(answer)) return 0;
  const std::string set = text_of(answer, "quality");
  call.out().note(set.empty()
                      ? fmt::format("how good {} is, is not known", text_of(answer, "model"))
                      : fmt::format("{}: quality {}", text_of(answer, "model"), set));
  return 0;
}

Result<std::string> read_price_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    return fail(ErrorKind::invalid, fmt::format("{} cannot be read", name));
  return text.str();
}

constexpr std::pair<const char*, const char*> rates[] = {{"input", "input"},
                                                         {"output", "output"},
                                                         {"cache-read", "cache_read"},
                                                         {"cache-write", "cache_write"},
                                                         {"cache-write-1h", "cache_write_1h"}};

/// The catalog's price object, as text: the daemon reads and checks it.
Result<std::string> read_price(const Call& call) {
  Json price = Json::object();
  for (const auto& [option, field] : rates)
    if (const auto usd = call.text(option)) price[field] = *usd;
  const auto file = call.text("from");
  if (int(!price.empty()) + int(file.has_value()) + int(call.has("clear")) != 1)
    return fail(ErrorKind::invalid, "say the rates, or --from FILE, or --clear",
                "routerone models price --help");
  if (file) return read_price_file(*file);
  return price.empty() ? std::string() : price.dump();
}

Result<int> price(Call& call) {
  const std::string model = call.word("MODEL");
  TRY(const std::string wanted, read_price(call));
  TRY(const Json answer, call.daemon().set_price({model, wanted}));
  if (call.printed_json(answer)) return 0;
  call.out().note(
      fmt::format("{}: price from {}", text_of(answer, "model"), text_of(answer, "price_source")));
  return 0;
}

/// `3 models added: a/b, c/d, e/f`; nothing if there are none.
void note_ids(Call& call, const Json& answer, const char* field, const char* what) {
  constexpr std::size_t shown = 5;
  auto ids = strings_of(answer, field);
  const std::size_t count = ids.size();
  ids.resize(std::min(count, shown));
  if (count > 0)
    call.out().note(
        fmt::format("{} {}: {}{}", count, what, fmt::join(ids, ", "), count > shown ? ", .." : ""));
}

Result<int> update(Call& call) {
  const auto file = call.text("file");
  if (file.has_value() == call.has("clear"))
    return fail(ErrorKind::invalid, "say either --file CATALOG or --clear",
                "routerone models update --help");
  control::CatalogWish wish;
  std::error_code ignored;
  if (file) wish.file = std::filesystem::absolute(*file, ignored).string();
  TRY(const Json answer, call.daemon().update_catalog(wish));
  if (call.printed_json(answer)) return 0;
  call.out().note(fmt::format("the catalog in force is of {}", text_of(answer, "generated")));
  note_ids(call, answer, "models_added", "models added");
  note_ids(call, answer, "models_removed", "models gone");
  note_ids(call, answer, "offers_changed", "models with other prices or offers");
  note_ids(call, answer, "providers_added", "providers added");
  note_ids(call, answer, "providers_removed", "providers gone");
  return 0;
}

}  // namespace

std::vector<Command> model_commands() {
  using Count = Argument::Count;
  const Value quality_value = "QUALITY";
  return {
      {.noun = "models",
       .verb = "list",
       .summary = "list the models that can be asked for",
       .options = {{"search", "TEXT", "only those with this in their name"},
                   {"all", "", "the whole catalog"}},
       .run = list,
       .examples = {{"what the providers here serve, and at what price", "models list"},
                    {"what there is elsewhere", "models list --all --search mini"}},
       .prints = "[model_line]",
       .rank = Command::Rank::common},
      {.noun = "models",
       .verb = "show",
       .summary = "show a model and who serves it",
       .arguments = {{value::model}},
       .run = show,
       .examples = {{"window, price and providers", "models show openai/gpt-5-mini"}},
       .prints = "model"},
      {.noun = "models",
       .verb = "alias",
       .summary = "give a model another name",
       .arguments = {{Value("NAME", Value::Kind::alias)}, {value::model, Count::optional}},
       .options = {{"remove", "", "take the name away"}},
       .run = alias,
       .examples = {{"`fast` may be asked for as a model from now on",
                     "models alias fast openai/gpt-5-mini"},
                    {"not any more", "models alias small --remove"}},
       .prints = "alias",
       .effect = Command::Effect::changes},
      {.noun = "models",
       .verb = "quality",
       .summary = "say how good a model is, from 0 to 1; none: nobody knows",
       .arguments = {{value::model}, {quality_value, Count::one, "0 to 1, like 0.85, or none"}},
       .run = quality,
       .examples = {{"your own judgement, for weights with quality",
                     "models quality openai/gpt-5-mini 0.7"}},
       .about = "Routing weighs it against cost and latency. Without it all models count as 0.5.",
       .prints = "quality",
       .effect = Command::Effect::changes},
      {.noun = "models",
       .verb = "price",
       .summary = "set your own price of a model",
       .arguments = {{value::model}},
       .options = {{"input", value::usd, "per million tokens"},
                   {"output", value::usd, "per million tokens"},
                   {"cache-read", value::usd, "per million tokens"},
                   {"cache-write", value::usd, "per million tokens"},
                   {"cache-write-1h", value::usd, "per million tokens"},
                   {"from", value::file, "the catalog's price object, tiers and all"},
                   {"clear", "", "back to the catalog's price"}},
       .run = price,
       .examples = {{"of a model of your own", "models price mybox/ok --input 0.10 --output 0.40"},
                    {"by the catalog again", "models price mybox/ok --clear"}},
       .about = "Without a known price the cost of a request is unknown, never 0, and a key with a "
                "spend limit refuses the model unless it is --unpriced.",
       .prints = "model_price",
       .effect = Command::Effect::changes},
      {.noun = "models",
       .verb = "update",
       .summary = "put newer models and prices over the built-in catalog",
       .options = {{"file",
                    {"CATALOG", Value::Kind::file},
                    "a catalog as JSON; your own prices go before it"},
                   {"clear", "", "back to the catalog that came with the program"}},
       .run = update,
       .examples = {{"from a file", "models update --file catalog.json"},
                    {"back to the one that came with the program", "models update --clear"}},
       .prints = "catalog_update",
       .effect = Command::Effect::changes},
  };
}

}  // namespace routerone::cli
