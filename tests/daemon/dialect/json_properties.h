#pragma once

#include <rapidcheck.h>

#include <string>

#include "common/json/json.h"

/// What property tests draw and hold JSON to.
namespace routerone::test {

inline std::string any_digits(int least) {
  return *rc::gen::container<std::string>(static_cast<std::size_t>(*rc::gen::inRange(least, 30)),
                                          rc::gen::inRange<char>('0', '9' + 1));
}

/// Any number as JSON spells them.
inline std::string any_number() {
  std::string out = *rc::gen::element<std::string>("", "-");
  out += *rc::gen::element<std::string>("0", "1" + any_digits(0), "9" + any_digits(0));
  if (*rc::gen::arbitrary<bool>()) out += "." + any_digits(1);
  if (*rc::gen::arbitrary<bool>()) {
    out += *rc::gen::element<std::string>("e", "E", "e+", "e-", "E-", "E+");
    out += std::to_string(*rc::gen::inRange(0, 500));
  }
  return out;
}

/// Nothing lost, nothing added; the members of an object may stand in another order.
inline void same_members(const Json& body, const Json& written) {
  RC_ASSERT(body.size() == written.size());
  for (const auto& [name, value] : body.items()) {
    RC_ASSERT(written.contains(name));
    RC_ASSERT(nlohmann::json(written.at(name)) == nlohmann::json(value));
  }
}

}  // namespace routerone::test
