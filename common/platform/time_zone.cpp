#include "common/platform/time_zone.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace routerone {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view database = "/usr/share/zoneinfo/";
constexpr const char* utc = "UTC";

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
         c == '_' || c == '-' || c == '+';
}

/// No dot, so no `..`; no empty part, so no absolute path and no folder.
bool is_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  return !name.empty() && name.size() <= longest && name.front() != '/' && name.back() != '/' &&
         name.find("//") == name.npos && std::all_of(name.begin(), name.end(), name_character);
}

/// The database's folder holds tables of names, too: only a compiled zone begins like this.
bool is_zone_file(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  char magic[4] = {};
  std::ifstream file(path, std::ios::binary);
  return file.read(magic, sizeof magic) && std::string_view(magic, sizeof magic) == "TZif";
}

std::string of_link() {
  std::error_code failed;
  const std::string target = fs::read_symlink("/etc/localtime", failed).string();
  const auto at = target.find("zoneinfo/");
  if (failed || at == target.npos) return {};
  return target.substr(at + std::string_view("zoneinfo/").size());
}

}  // namespace

bool time_zone_exists(std::string_view name) {
  if (name == utc) return true;
  return is_name(name) && is_zone_file(std::string(database) + std::string(name));
}

std::string machine_time_zone() {
  const char* said = std::getenv("TZ");
  std::string name = said ? said : "";
  if (name.starts_with(':')) name.erase(0, 1);
  if (time_zone_exists(name)) return name;
  name = of_link();
  return time_zone_exists(name) ? name : utc;
}

}  // namespace routerone
