#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace routerone::cli {

/// Writes a file (0600) of a run's own folder, with the folders it stands in.
Result<std::filesystem::path> write_scratch(const std::filesystem::path& scratch,
                                            const std::filesystem::path& name,
                                            std::string_view text);

/// A folder as an agent knows it, but for some names: those are left out, to be written anew or to
/// be missing. All else is linked, so what the agent changes there it changes for good. `lasting`
/// are folders in which the agent keeps its sessions; the original gets them if it has none, or the
/// sessions of a first run would go with the scratch folder.
struct Mirror {
  std::filesystem::path original;  ///< Need not exist.
  std::filesystem::path copy;
  std::vector<std::string_view> left_out;
  std::vector<std::string_view> lasting;
};
Status make_mirror(const Mirror&);

/// The file's text, or `none` where there is no such file.
Result<std::string> text_or(const std::filesystem::path&, std::string none);

}  // namespace routerone::cli
