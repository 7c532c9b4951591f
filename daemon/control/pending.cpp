#include "daemon/control/pending.h"

#include <fmt/format.h>

#include "common/core/text.h"
#include "common/json/json.h"
#include "common/platform/files.h"
#include "daemon/control/hex.h"
#include "daemon/store/control_json.h"

namespace routerone::control {
namespace {

constexpr std::size_t most_bytes = 64u << 20;

std::string text_at(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Status PendingChange::note(const ControlData& data, const routing::Credentials& credentials,
                           const Secret& pepper) const {
  Json whole = Json::object();
  whole["pepper"] = hex_of(pepper);
  whole["credentials"] = Json::object();
  for (const auto& [name, secret] : credentials) whole["credentials"][name] = secret->reveal();
  whole["control"] = store::control_to_json(data);
  return write_file_atomic(file_, whole.dump(-1, ' ', true, Json::error_handler_t::replace));
}

Status PendingChange::finish(const store::ControlStore& files) const {
  const auto text = read_secret_file(file_, most_bytes);
  if (!text && text.error().kind == ErrorKind::not_found) return {};
  if (!text) return tl::unexpected(text.error());
  const auto spoilt = [this](const std::string& why) {
    return fail(
        ErrorKind::invalid,
        fmt::format("{} holds an unfinished change that cannot be read: {}", file_.string(), why),
        fmt::format("apply the configuration again after: rm '{}'", file_.string()));
  };
  const auto whole = parse_json(*text);
  if (!whole) return spoilt(whole.error().message);
  const auto pepper = secret_of_hex(text_at(*whole, "pepper"));
  if (!pepper || !whole->contains("control") || !whole->contains("credentials"))
    return spoilt("something is missing");
  const auto data = store::control_from_json((*whole)["control"]);
  if (!data) return spoilt(data.error().message);
  for (const auto& [name, secret] : (*whole)["credentials"].items())
    if (secret.is_string()) TRY_STATUS(files.save_secret(name, Secret(secret.get<std::string>())));
  TRY_STATUS(files.save_pepper(*pepper));
  TRY_STATUS(files.save(*data));
  return drop();
}

Status PendingChange::drop() const {
  std::error_code failed;
  std::filesystem::remove(file_, failed);
  if (failed)
    return fail(ErrorKind::internal,
                fmt::format("cannot remove {}: {}", file_.string(), failed.message()));
  return {};
}

}  // namespace routerone::control
