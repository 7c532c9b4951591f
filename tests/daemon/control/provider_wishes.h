#pragma once

#include <string>

#include "common/control/wishes.h"

namespace routerone::test {

/// A provider's key that no other text of a test has in it.
inline constexpr const char* secret = "pk-4f9c81d2e7a65b30";

inline control::ProviderWish wish_for(const std::string& id) {
  control::ProviderWish wish;
  wish.id = id;
  return wish;
}

inline control::ProviderWish with_key(const std::string& id, const char* key = secret) {
  control::ProviderWish wish = wish_for(id);
  wish.key = Secret(key);
  wish.key_from = "env:THEIR_KEY";
  return wish;
}

inline control::ProviderWish custom(const std::string& id, const std::string& url) {
  control::ProviderWish wish = with_key(id);
  wish.base_url = url;
  return wish;
}

}  // namespace routerone::test
