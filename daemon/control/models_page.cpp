#include "daemon/control/models_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"
#include "daemon/control/price_view.h"

namespace routerone::control {
namespace {

/// Text that stays in its cell, whatever a user called a model.
std::string cell(std::string_view untrusted) {
  std::string out;
  for (const char c : printable(untrusted)) {
    if (c == '|' || c == '`' || c == '<') out += '\\';
    out += c;
  }
  return out;
}

std::string rate(const Json& price, const char* name) {
  if (!price.is_object() || !price.contains(name)) return "";
  return price[name].get<std::string>();
}

std::string tokens(const std::optional<std::int64_t>& count) {
  return count ? std::to_string(*count) : "";
}

/// What an alias of the user's stands for; the name itself if it is none.
std::string meant(const std::string& name, const ControlData& data) {
  for (const AliasRecord& alias : data.aliases)
    if (alias.name == name) return alias.model;
  return name;
}

std::string row_of(const routing::ModelTable::Listed& listed, const ControlData& data, Desk desk) {
  const std::string id = meant(listed.id, data);
  const catalog::Model* model = desk.state.catalog().model(id);
  const Priced priced = price_of(id, listed.providers, data, desk);
  std::string name = fmt::format("`{}`", cell(listed.id));
  if (id != listed.id) name += fmt::format(" (alias of `{}`)", cell(id));
  std::vector<std::string> providers;
  for (const std::string& one : listed.providers) providers.push_back(cell(one));
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", name, fmt::join(providers, ", "),
                     tokens(model ? model->context : std::nullopt),
                     tokens(model ? model->max_output : std::nullopt), rate(priced.price, "input"),
                     rate(priced.price, "output"),
                     priced.price.is_null() ? "unknown" : priced.source);
}

/// Other names of the catalog's for what is listed.
void add_other_names(std::string& out, const std::vector<routing::ModelTable::Listed>& listed,
                     Desk desk) {
  std::string rows;
  for (const auto& one : listed) {
    const catalog::Model* model = desk.state.catalog().model(one.id);
    if (model == nullptr || model->id != one.id || model->aliases.empty()) continue;
    std::vector<std::string> names;
    for (const std::string_view alias : model->aliases)
      names.push_back(fmt::format("`{}`", cell(alias)));
    rows += fmt::format("| `{}` | {} |\n", cell(one.id), fmt::join(names, ", "));
  }
  if (!rows.empty()) out += "\n## Other names\n| model | also |\n|---|---|\n" + rows;
}

void add_lists(std::string& out, const ControlData& data) {
  if (data.candidates.empty()) return;
  out += "\n## Left to the gateway\n| ask for | it chooses from |\n|---|---|\n";
  for (const CandidatesRecord& list : data.candidates) {
    std::vector<std::string> names;
    for (const std::string& model : list.models) names.push_back(fmt::format("`{}`", cell(model)));
    out += fmt::format("| `{}{}` | {} |\n", list.name == "auto" ? "" : "auto:", cell(list.name),
                       fmt::join(names, ", "));
  }
}

std::string write_page(const Snapshot& snapshot, Desk desk) {
  auto listed = snapshot.models.list(nullptr);
  const std::size_t all = listed.size();
  listed.resize(std::min(all, ModelsPage::most_rows));
  std::string out =
      "# Models\n\nWhat can be asked for here now; a key may allow less (`GET /v1/models` with "
      "that "
      "key).\nPrices are US dollars a million tokens, at the first provider named; context and "
      "output are tokens.\n`MODEL@PROVIDER` pins a provider; `PROVIDER/UPSTREAM_ID` reaches any "
      "model of one.\n\n"
      "| model | providers | context | output at most | input price | output price | price from |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const auto& one : listed) out += row_of(one, snapshot.data, desk);
  if (all > listed.size()) out += fmt::format("\n{} more are not shown.\n", all - listed.size());
  add_lists(out, snapshot.data);
  add_other_names(out, listed, desk);
  return out;
}

}  // namespace

std::shared_ptr<const std::string> ModelsPage::text() {
  const std::lock_guard hold(mutex_);
  const auto snapshot = desk_.state.snapshot();
  if (text_ == nullptr || of_.lock() != snapshot) {
    text_ = std::make_shared<const std::string>(write_page(*snapshot, desk_));
    of_ = snapshot;
  }
  return text_;
}

}  // namespace routerone::control
