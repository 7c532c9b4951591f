#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/json/json.h"
#include "daemon/dialect/registry.h"

namespace routerone::test {

/// Recorded provider traffic; not part of the repository. Beside the checkout, or where
/// ROUTERONE_RECORDINGS says. Empty: there is none here.
inline std::filesystem::path recordings() {
  namespace fs = std::filesystem;
  if (const char* said = std::getenv("ROUTERONE_RECORDINGS")) return said;
  std::error_code problem;
  for (fs::path at = fs::current_path(); at != at.root_path(); at = at.parent_path()) {
    const fs::path there = at / "shared" / "protocol" / "recordings";
    if (fs::exists(there / "manifest.json", problem)) return there;
  }
  return {};
}

/// Hand-written examples of what providers stream and what callers are to get, beside the
/// recordings. Empty: there are none here.
inline std::filesystem::path examples() {
  const auto folder = recordings();
  return folder.empty() ? folder : folder.parent_path() / "examples";
}

inline std::string read_recording(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The entries of one manifest whose dialect we know.
inline std::vector<Json> recorded(const std::filesystem::path& folder, const char* manifest_name) {
  std::vector<Json> out;
  const auto manifest = parse_json(read_recording(folder / manifest_name));
  if (!manifest) return out;
  for (const Json& entry : (*manifest)["entries"]) {
    if (dialect::find(entry["dialect"].get<std::string>()) != nullptr) out.push_back(entry);
  }
  return out;
}

inline std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

}  // namespace routerone::test
