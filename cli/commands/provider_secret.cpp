#include "cli/commands/provider_secret.h"

#include <fmt/format.h>

#include "cli/terminal/prompt.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

Result<ResolvedKey> fetch(const KeySource& source, const std::string& what) {
  return resolve_key(source,
                     [&what] { return ask_hidden(fmt::format("{} (it is not shown): ", what)); });
}

}  // namespace

Result<ResolvedKey> fetch_key(const std::string& reference, const std::string& what) {
  TRY(const KeySource source, parse_key_source(reference));
  return fetch(source, what);
}

Result<Secret> fetch_login(const std::string& reference, const std::string& provider) {
  TRY(const KeySource source, parse_key_source(reference, "--proxy-login-from"));
  if (source.kind == KeySource::Kind::file) {
    TRY(std::string text, read_secret_file(source.value));
    text.erase(text.find_last_not_of("\r\n") + 1);
    return Secret(std::move(text));
  }
  TRY(ResolvedKey resolved,
      fetch(source, fmt::format("user:password for the proxy of {}", provider)));
  if (resolved.key) return *std::move(resolved.key);
  return fail(ErrorKind::internal, "there is no login");
}

bool can_fetch_again(const std::string& reference) {
  return !reference.empty() && reference != "stdin" && reference != "prompt";
}

}  // namespace routerone::cli
