#include "daemon/control/credentials.h"

#include <algorithm>
#include <filesystem>

#include "common/core/text.h"
#include "common/platform/files.h"
#include "daemon/routing/endpoint.h"

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

/// At most what SOCKS5 can carry of either, RFC 1929.
Status check_proxy_login(const Secret& secret) {
  constexpr std::size_t longest = 255;
  const std::string_view login = secret.reveal();
  const std::size_t colon = login.find(':');
  const bool sound = colon != login.npos && colon > 0 && colon <= longest &&
                     login.size() - colon - 1 <= longest &&
                     std::none_of(login.begin(), login.end(),
                                  [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (sound) return {};
  return fail(ErrorKind::invalid, "the proxy's login is not of the form user:password",
              "either has at most 255 characters; see --proxy-login-from");
}

Result<std::optional<Secret>> credential_of(const std::optional<Secret>& key,
                                            const std::string& from) {
  std::optional<Secret> secret = key;
  if (!secret && from.starts_with(file_prefix)) {
    const std::filesystem::path file = from.substr(file_prefix.size());
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

void forget_credentials(State::Draft& draft, const ProviderRecord& record) {
  draft.credentials.erase(record.id);
  for (const CredentialRecord& more : record.more_keys)
    draft.credentials.erase(routing::credential_name(record.id, more.name));
}

bool has_credential(const routing::Credentials& credentials, const ProviderRecord& record) {
  return credentials.contains(record.id) ||
         std::any_of(record.more_keys.begin(), record.more_keys.end(), [&](const auto& more) {
           return credentials.contains(routing::credential_name(record.id, more.name));
         });
}

}  // namespace routerone::control
