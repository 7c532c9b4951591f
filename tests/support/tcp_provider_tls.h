#pragma once

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>
#include <string>

#include "tests/support/tcp_provider.h"

namespace routerone::test {

template <auto release>
struct OpensslFree {
  template <class T>
  void operator()(T* thing) const {
    release(thing);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using CertPtr = std::unique_ptr<X509, OpensslFree<X509_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;

/// A certificate with its key.
struct Identity {
  KeyPtr key;
  CertPtr cert;
};

/// What is unusual about a certificate. Times are seconds from now.
struct CertTerms {
  std::string name = "IP:127.0.0.1,DNS:localhost";  ///< subjectAltName, in OpenSSL's words.
  long begins = -3600;
  long ends = 3600;
  bool authority = false;
};

/// A fresh P-256 key and a certificate for it, signed by `issuer`, or by itself without one.
inline Identity make_identity(const CertTerms& terms, const Identity* issuer) {
  static std::atomic<long> serial = 1;
  Identity made{KeyPtr(EVP_EC_gen("P-256")), CertPtr(X509_new())};
  X509* const cert = made.cert.get();
  X509_set_version(cert, X509_VERSION_3);
  const long number = serial++;
  ASN1_INTEGER_set(X509_get_serialNumber(cert), number);
  X509_gmtime_adj(X509_getm_notBefore(cert), terms.begins);
  X509_gmtime_adj(X509_getm_notAfter(cert), terms.ends);
  X509_set_pubkey(cert, made.key.get());
  const std::string common =
      (terms.authority ? "test authority " : "test provider ") + std::to_string(number);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0);
  X509* const signer = issuer == nullptr ? cert : issuer->cert.get();
  X509_set_issuer_name(cert, X509_get_subject_name(signer));
  X509V3_CTX context;
  X509V3_set_ctx(&context, signer, cert, nullptr, nullptr, 0);
  const auto extend = [&](int kind, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, terms.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!terms.authority) extend(NID_subject_alt_name, terms.name);
  X509_sign(cert, issuer == nullptr ? made.key.get() : issuer->key.get(), EVP_sha256());
  return made;
}

inline Identity make_authority() {
  CertTerms terms;
  terms.authority = true;
  return make_identity(terms, nullptr);
}

inline void write_pem(const Identity& identity, const std::string& path) {
  BIO* const file = BIO_new_file(path.c_str(), "w");
  PEM_write_bio_X509(file, identity.cert.get());
  BIO_free(file);
}

/// The server's side of TLS with one identity. Counts what came of handshakes. Thread-safe once it
/// is set up; outlives the provider that uses it.
class ServerTls {
 public:
  explicit ServerTls(const Identity& identity) : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(native(), identity.cert.get());
    SSL_CTX_use_PrivateKey(native(), identity.key.get());
    const unsigned char id[] = "test";
    SSL_CTX_set_session_id_context(native(), id, sizeof id);
  }

  SSL_CTX* native() const { return context_.get(); }
  /// Speaks this version at most, however weak it is.
  void speak_at_most(int version) {
    SSL_CTX_set_security_level(native(), 0);
    SSL_CTX_set_min_proto_version(native(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(native(), version);
    SSL_CTX_set_cipher_list(native(), "ALL:@SECLEVEL=0");
  }
  TcpProvider::MakeTransport transports();

  int shaken() const { return shaken_; }
  int resumed() const { return resumed_; }
  int failed() const { return failed_; }
  /// The name that the last caller asked for; empty: none.
  std::string asked_name() const {
    const std::lock_guard lock(mutex_);
    return asked_name_;
  }

 private:
  friend class TlsTransport;
  ContextPtr context_;
  std::atomic<int> shaken_ = 0, resumed_ = 0, failed_ = 0;
  mutable std::mutex mutex_;
  std::string asked_name_;
};

class TlsTransport final : public ProviderTransport {
 public:
  TlsTransport(int handle, ServerTls& tls) : tls_(tls), ssl_(SSL_new(tls.native())) {
    SSL_set_fd(ssl_.get(), handle);
  }
  bool open() override {
    if (SSL_accept(ssl_.get()) != 1) {
      ++tls_.failed_;
      ERR_clear_error();
      return false;
    }
    ++tls_.shaken_;
    if (SSL_session_reused(ssl_.get())) ++tls_.resumed_;
    const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
    const std::lock_guard lock(tls_.mutex_);
    tls_.asked_name_ = name == nullptr ? "" : name;
    return true;
  }
  long read(char* into, std::size_t room) override {
    const int count = SSL_read(ssl_.get(), into, static_cast<int>(room));
    ERR_clear_error();
    return count;
  }
  bool write(std::string_view bytes) override {
    const int sent = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    ERR_clear_error();
    return sent > 0;
  }
  void end() override {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    ::shutdown(SSL_get_fd(ssl_.get()), SHUT_WR);
  }

 private:
  ServerTls& tls_;
  std::unique_ptr<SSL, OpensslFree<SSL_free>> ssl_;
};

inline TcpProvider::MakeTransport ServerTls::transports() {
  return [this](int handle) { return std::make_unique<TlsTransport>(handle, *this); };
}

}  // namespace routerone::test
