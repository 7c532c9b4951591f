#pragma once

#include <map>
#include <string>
#include <utility>

#include "cli/commands/complete.h"

namespace routerone::cli {

/// The names that completion asks for: the daemon's, if it answers at once; else what is known
/// without it, models and providers of the built-in catalog. What is no name of the daemon's (time
/// zones, variables of the environment, tools) is looked up here. Never fails: it knows less then.
class KnownNames {
 public:
  explicit KnownNames(const control::Client& daemon) : daemon_(daemon) {}
  std::vector<Candidate> operator()(Value::Kind, const std::string& prefix);

 private:
  std::vector<Candidate> ask(const char* kind, const std::string& prefix);

  const control::Client& daemon_;
  bool silent_ = false;  ///< It did not answer once: it is not asked again.
};

/// Names out of the catalog that the program brings. A model's `@` is followed by who offers it.
std::vector<Candidate> catalog_models(const std::string& prefix);
std::vector<Candidate> catalog_providers(const std::string& prefix);

}  // namespace routerone::cli
