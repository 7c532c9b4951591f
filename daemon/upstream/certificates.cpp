#include "daemon/upstream/certificates.h"

#include <openssl/x509_vfy.h>

#include "daemon/upstream/tls.h"

namespace routerone::upstream {

Certificates look_at_certificates(const std::string& ca_file) {
  TlsContext made(ca_file);
  Certificates found{ca_file, 0, made.trouble()};
  STACK_OF(X509_OBJECT)* const all =
      X509_STORE_get0_objects(SSL_CTX_get_cert_store(made.context().native_handle()));
  for (int i = 0; i < sk_X509_OBJECT_num(all); ++i)
    found.count += X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i)) != nullptr ? 1 : 0;
  return found;
}

}  // namespace routerone::upstream
