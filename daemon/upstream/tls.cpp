#include "daemon/upstream/tls.h"

#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <filesystem>

namespace routerone::upstream {
namespace {

/// Where systems keep their bundle; the first that is there.
constexpr std::array<const char*, 5> bundles = {
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem", "/opt/homebrew/etc/openssl@3/cert.pem"};

std::string system_bundle() {
  for (const char* path : bundles) {
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) return path;
  }
  return "";
}

/// Where a connection's SSL keeps its owner and its origin, for the session callback.
int owner_slot() {
  static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}
int origin_slot() {
  static const int slot = SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* origin, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<std::string*>(origin);
      });
  return slot;
}

}  // namespace

TlsContext::TlsContext(const std::string& ca_file)
    : context_(boost::asio::ssl::context::tls_client) {
  SSL_CTX* const native = context_.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(native, &TlsContext::keep_session);
  const std::string file = ca_file.empty() ? system_bundle() : ca_file;
  boost::system::error_code error;
  if (!file.empty()) context_.load_verify_file(file, error);
  if (file.empty()) {
    trouble_ = "this system has no bundle of trusted certificates";
  } else if (error) {
    trouble_ = "the file of trusted certificates cannot be used: " + file;
  }
}

bool TlsContext::prepare(SSL* ssl, const std::string& host, const std::string& origin) {
  boost::system::error_code not_numeric;
  boost::asio::ip::make_address(host, not_numeric);
  X509_VERIFY_PARAM* const verify = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool named = static_cast<bool>(not_numeric);
  const int set = named ? SSL_set1_host(ssl, host.c_str())
                        : X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str());
  if (set != 1) return false;
  if (named && SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) return false;
  SSL_set_ex_data(ssl, owner_slot(), this);
  SSL_set_ex_data(ssl, origin_slot(), new std::string(origin));
  const std::lock_guard lock(mutex_);
  const auto kept = sessions_.find(origin);
  if (kept != sessions_.end()) SSL_set_session(ssl, kept->second.get());
  return true;
}

int TlsContext::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* const self = static_cast<TlsContext*>(SSL_get_ex_data(ssl, owner_slot()));
  const auto* const origin = static_cast<std::string*>(SSL_get_ex_data(ssl, origin_slot()));
  if (self == nullptr || origin == nullptr) return 0;
  const std::lock_guard lock(self->mutex_);
  self->sessions_[*origin].reset(session);
  return 1;  // the reference is ours now
}

void TlsContexts::get(net::Loop& loop, const std::string& ca_file,
                      std::function<void(std::shared_ptr<TlsContext>)> done) {
  std::unique_lock lock(mutex_);
  Entry& entry = entries_[ca_file];
  if (entry.context) {
    const std::shared_ptr<TlsContext> context = entry.context;
    lock.unlock();
    return done(context);
  }
  const bool first = entry.waiting.empty();
  entry.waiting.push_back([&loop, done = std::move(done)](std::shared_ptr<TlsContext> context) {
    loop.post([done, context] { done(context); });
  });
  if (!first) return;
  background_.run([this, ca_file] {
    auto context = std::make_shared<TlsContext>(ca_file);
    std::vector<std::function<void(std::shared_ptr<TlsContext>)>> waiting;
    {
      const std::lock_guard guard(mutex_);
      Entry& loaded = entries_[ca_file];
      // A file that could not be used is looked at again next time: it may have been mended.
      if (context->trouble().empty()) loaded.context = context;
      waiting.swap(loaded.waiting);
    }
    for (const auto& tell : waiting) tell(context);
  });
}

}  // namespace routerone::upstream
