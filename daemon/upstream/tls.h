#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/net/loop.h"
#include "daemon/upstream/background.h"

namespace routerone::upstream {

/// A client's TLS settings for one set of trusted certificates: TLS 1.2 or newer, chain and host
/// always verified, sessions kept by origin for resumption. Environment variables have no say.
class TlsContext {
 public:
  /// `ca_file` empty: the system's bundle. Reads files: not on a loop.
  explicit TlsContext(const std::string& ca_file);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// Why nothing can be verified with it; empty: all is well.
  const std::string& trouble() const { return trouble_; }
  boost::asio::ssl::context& context() { return context_; }

  /// Sets name, verification and a kept session on a connection to be made.
  bool prepare(SSL* ssl, const std::string& host, const std::string& origin);

 private:
  static int keep_session(SSL* ssl, SSL_SESSION* session);
  struct Free {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };

  boost::asio::ssl::context context_;
  std::string trouble_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<SSL_SESSION, Free>> sessions_;
};

/// One context a certificate file, loaded in the background when first needed. Thread-safe.
class TlsContexts {
 public:
  explicit TlsContexts(Background& background) : background_(background) {}

  /// `done` runs on `loop`, at once if it is loaded.
  void get(net::Loop& loop, const std::string& ca_file,
           std::function<void(std::shared_ptr<TlsContext>)> done);

 private:
  struct Entry {
    std::shared_ptr<TlsContext> context;
    std::vector<std::function<void(std::shared_ptr<TlsContext>)>> waiting;
  };
  Background& background_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace routerone::upstream
