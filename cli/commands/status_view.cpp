#include "cli/commands/status_view.h"

#include <fmt/format.h>

#include "cli/commands/limit_options.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"
#include "cli/terminal/table.h"

namespace routerone::cli {
namespace {

/// The prepaid balance, else what is left of the wallet's limit; a dash if it has neither.
Cell wallet_cell(const Json& wallet) {
  const std::string balance = text_of(wallet, "balance_usd"), left = text_of(wallet, "left_usd");
  if (left.empty()) return {"", ""};
  const Cell cell = usd_cell(left);
  const bool reached = flag_of(wallet, "reached");
  return {fmt::format("{} left{}", cell.shown, balance.empty() ? "" : ", prepaid"), cell.plain,
          reached ? Color::red : Color::none};
}

/// `23.4 MiB`
Cell memory_cell(const Json& status) {
  const std::int64_t bytes = whole_of(status, "memory_bytes");
  if (bytes == 0) return {"", ""};
  const std::int64_t tenths = bytes * 10 / (std::int64_t{1} << 20);
  return {fmt::format("{}.{} MiB", tenths / 10, tenths % 10), std::to_string(bytes)};
}

Cell uptime_cell(const Json& status) {
  const std::int64_t seconds = whole_of(status, "uptime_s");
  return {short_duration(static_cast<double>(seconds) * 1e3), std::to_string(seconds)};
}

}  // namespace

std::string manager_words(const Json& status) {
  return text_of(status, "manager") == "systemd" ? "systemd user unit" : "process of its own";
}

namespace {

Facts status_facts(Call& call, const Json& status) {
  const Json& store = part_of(status, "store");
  const std::string trouble = text_of(store, "trouble");
  return {{"daemon", state_cell(flag_of(status, "draining") ? "draining" : "active")},
          {"listening", list_of(status, "listening")},
          {"version", text_of(status, "version")},
          {"runs as", manager_words(status)},
          {"pid", text_of(status, "pid")},
          {"started", time_cell(text_of(status, "started"), call.clock())},
          {"up for", uptime_cell(status)},
          {"memory", memory_cell(status)},
          {"requests", count_cell(status, "requests")},
          {"keys", text_of(status, "keys")},
          {"providers", text_of(status, "providers")},
          {"state", text_of(status, "state_dir")},
          {"log", text_of(status, "log_file")},
          {"store", trouble.empty() ? state_cell("ok") : Cell(trouble, trouble, Color::red)},
          {"traces kept", count_cell(store, "rows_written")},
          {"traces late", count_cell(store, "rows_late")},
          {"traces lost", count_cell(store, "rows_lost")},
          {"interrupted", count_cell(store, "rows_interrupted")},
          {"wallet", wallet_cell(part_of(status, "wallet"))}};
}

void print_warnings_of(Output& out, const Json& status) {
  if (flag_of(status, "draining"))
    out.note("it was told to stop: answers under way may end, new requests are not taken");
  if (const std::string spoilt = text_of(part_of(status, "catalog"), "trouble"); !spoilt.empty())
    out.note("warning: the catalog's update is not in force: " + spoilt +
             "; routerone models update --file CATALOG");
  if (whole_of(part_of(status, "store"), "rows_interrupted") > 0)
    out.note(
        "requests the last daemon died with are charged as reserved; to put that right: routerone "
        "budgets reconcile");
  if (const std::string warning = text_of(status, "warning"); !warning.empty())
    out.note("warning: " + warning);
}

}  // namespace

void print_status(Call& call, const Json& status) {
  print_facts(call.out(), status_facts(call, status));
  print_warnings_of(call.out(), status);
}

}  // namespace routerone::cli
