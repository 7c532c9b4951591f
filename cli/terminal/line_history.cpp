#include "cli/terminal/line_history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/core/text.h"
#include "common/platform/descriptor.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_file = 16 << 20;

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + '\n';
  return out;
}

}  // namespace

LineHistory::LineHistory(std::filesystem::path file) : file_(std::move(file)) {
  const auto text = read_file(file_, longest_file);
  if (!text) return;
  for (const std::string_view line : split(*text, '\n'))
    if (!line.empty() && line.size() <= longest_line) lines_.emplace_back(line);
  if (lines_.size() <= most) return;
  const bool shorten = lines_.size() > 2 * most;
  lines_.erase(lines_.begin(), lines_.end() - static_cast<std::ptrdiff_t>(most));
  if (shorten) (void)write_file_atomic(file_, joined(lines_));
}

bool LineHistory::add(const std::string& line) {
  if (trim(line).empty() || line.size() > longest_line || line.find('\n') != line.npos)
    return false;
  if (!lines_.empty() && lines_.back() == line) return false;
  lines_.push_back(line);
  if (lines_.size() > most) lines_.erase(lines_.begin());
  if (!ensure_private_dir(file_.parent_path())) return true;
  constexpr int how = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  const Descriptor out(::open(file_.c_str(), how, 0600));
  if (!out || ::fchmod(out.get(), 0600) != 0) return true;
  const std::string text = line + '\n';
  (void)!::write(out.get(), text.data(), text.size());
  return true;
}

}  // namespace routerone::cli
