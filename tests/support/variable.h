#pragma once

#include <cstdlib>
#include <string>

namespace routerone::test {

/// One environment variable for as long as this stands. Before any thread that reads it.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace routerone::test
