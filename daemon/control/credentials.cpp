#include "daemon/control/credentials.h"

#include <algorithm>
#include <filesystem>

#include "common/core/text.h"
#include "common/platform/files.h"

namespace routerone::control {
namespace {

constexpr std::size_t longest_key = 8 << 10;
constexpr std::string_view file_prefix = "file:";

struct ForeignForm {
  std::string_view prefix;
  const char* what;
};

/// Forms by which logins of apps are known. They are bound to those apps and are never relayed.
constexpr ForeignForm foreign_forms[] = {
    {"sk-ant-oat", "the login of an app, not an API key"},
    {"sk-ant-ort", "the refresh token of an app, not an API key"},
    {"sk-ant-sid", "a browser session, not an API key"},
    {"eyJ", "a login token (JWT), not an API key"},
    {"ya29.", "an OAuth token that ends within the hour, not an API key"},
    {"gho_", "the login of an app, not an API key"},
    {"ghu_", "the login of an app, not an API key"},
};

bool header_safe(unsigned char c) { return c > 0x20 && c < 0x7f; }

}  // namespace

Status check_credential(const Secret& secret) {
  const std::string_view key = secret.reveal();
  if (key.empty()) return fail(ErrorKind::invalid, "the provider key is empty", "see --key-from");
  if (key.size() > longest_key || !std::all_of(key.begin(), key.end(), header_safe))
    return fail(ErrorKind::invalid,
                "the provider key is too long, or holds spaces or characters no key has");
  for (const ForeignForm& form : foreign_forms) {
    if (key.starts_with(form.prefix))
      return fail(ErrorKind::invalid, std::string("that is ") + form.what,
                  "make an API key in the provider's console and give that one");
  }
  return {};
}

Result<std::optional<Secret>> credential_of(const ProviderWish& wish) {
  std::optional<Secret> secret = wish.key;
  if (!secret && wish.key_from && wish.key_from->starts_with(file_prefix)) {
    const std::filesystem::path file = wish.key_from->substr(file_prefix.size());
    if (!file.is_absolute())
      return fail(ErrorKind::invalid, "file: needs an absolute path",
                  "the daemon has another working folder than you");
    TRY(const std::string bytes, read_secret_file(file));
    const auto end = bytes.find_last_not_of(" \t\r\n");
    secret.emplace(bytes.substr(0, end == bytes.npos ? 0 : end + 1));
  }
  if (secret) TRY_STATUS(check_credential(*secret));
  return secret;
}

}  // namespace routerone::control
