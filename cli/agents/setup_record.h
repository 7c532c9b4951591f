#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/agents/setup.h"

namespace routerone::cli {

/// What a setup did, so that it can be taken back: a `manifest.json` and the bytes of every file it
/// changed as they were, in a folder (0700) of its own for each tool. It holds no key: that stands
/// in the tool's own file alone.
struct SetupRecord {
  struct File {
    std::filesystem::path path;
    std::optional<unsigned> mode;  ///< Permissions as they were; nullopt: there was no file.
    std::string written;           ///< Fingerprint of what the setup wrote.
  };
  std::string key;        ///< The name of the key that was written.
  bool key_made = false;  ///< By the setup, to be revoked with it.
  std::vector<File> files;
};

/// nullopt: the tool is not set up. invalid: the manifest does not read.
Result<std::optional<SetupRecord>> read_record(const std::filesystem::path& folder);

/// Keeps what the plan's files hold, then writes them, each in one step and 0600 where it was not
/// there; a symbolic link stays one. Files of an earlier setup keep their first backup. If one
/// cannot be written, those before it are put back. unauthorized: a file or its folder is another
/// user's. conflict: a file has changed since the plan was made.
Status apply_setup(const std::filesystem::path& folder, const SetupPlan&, const std::string& key,
                   bool key_made);

/// conflict: the user has changed a file since the setup wrote it (its name is in the message).
Status check_undo(const SetupRecord&, const std::filesystem::path& folder);
/// Puts every file back, bytes and permissions, removes those that were not there, forgets the
/// record.
Status undo_setup(const SetupRecord&, const std::filesystem::path& folder);

}  // namespace routerone::cli
