#include "daemon/store/intents.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/platform/descriptor.h"

namespace routerone::store {
namespace {

constexpr std::size_t file_size = IntentJournal::places * sizeof(IntentPlace);

std::string words_of(int error) {
  return fmt::format("requests under way cannot be noted: {}", std::strerror(error));
}

}  // namespace

IntentJournal::~IntentJournal() {
  if (mapped_) ::munmap(mapped_, file_size);
}

IntentJournal::Opened IntentJournal::open(const std::filesystem::path& path) {
  Opened opened;
  constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const Descriptor file(::open(path.c_str(), flags, 0600));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) {
    opened.trouble = words_of(errno);
    return opened;
  }
  if (!S_ISREG(info.st_mode)) {
    opened.trouble = "requests under way cannot be noted: the journal is not a regular file";
    return opened;
  }
  ::fchmod(file.get(), 0600);
  // All of the space now: a full disk must show here, not as a signal at a later store.
  int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(file_size));
  void* mapped = MAP_FAILED;
  if (error == 0) {
    mapped = ::mmap(nullptr, file_size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) error = errno;
  }
  if (error != 0) {
    opened.trouble = words_of(error);
    return opened;
  }
  const std::lock_guard lock(mutex_);
  mapped_ = static_cast<IntentPlace*>(mapped);
  take_over(opened);
  return opened;
}

/// Low places are handed out first, so that few pages are ever touched.
void IntentJournal::take_over(Opened& opened) {
  free_.clear();
  free_.reserve(places);
  for (auto slot = static_cast<IntentSlot>(places); slot > 0; --slot) {
    IntentPlace& at = mapped_[slot - 1];
    if (at.state == 0) {
      free_.push_back(slot);
    } else if (auto read = read_intent(at)) {
      opened.found.push_back({slot, *std::move(read)});
    } else {
      ++opened.unreadable;
      clear_intent(at);
      free_.push_back(slot);
    }
  }
  std::reverse(opened.found.begin(), opened.found.end());
}

bool IntentJournal::is_open() const {
  const std::lock_guard lock(mutex_);
  return mapped_ != nullptr;
}

IntentPlace* IntentJournal::place(IntentSlot slot) const {
  return slot == 0 || slot > places || !mapped_ ? nullptr : mapped_ + (slot - 1);
}

Result<IntentSlot> IntentJournal::begin(const Intent& intent) {
  IntentSlot slot = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!mapped_)
      return fail(ErrorKind::unavailable, "requests under way cannot be noted", "routerone doctor");
    if (free_.empty())
      return fail(ErrorKind::unavailable,
                  fmt::format("{} requests are under way or wait for the database", places));
    slot = free_.back();
    free_.pop_back();
  }
  write_intent(*place(slot), intent);
  return slot;
}

void IntentJournal::amend(IntentSlot slot, const Intent& intent,
                          std::string_view upstream_request_id) {
  IntentPlace* at = place(slot);
  if (!at) return;
  write_reserved(*at, intent.reserved);
  write_target(*at, intent, upstream_request_id);
}

void IntentJournal::settle(IntentSlot slot, std::optional<Money> cost, std::uint64_t floor) {
  if (IntentPlace* at = place(slot)) write_settled(*at, cost, floor);
}

void IntentJournal::release(const std::vector<IntentSlot>& slots) {
  const std::lock_guard lock(mutex_);
  for (const auto slot : slots) {
    IntentPlace* at = place(slot);
    if (!at || std::atomic_ref(at->state).load(std::memory_order_relaxed) == 0) continue;
    clear_intent(*at);
    free_.push_back(slot);
  }
}

std::size_t IntentJournal::taken() const {
  const std::lock_guard lock(mutex_);
  return mapped_ ? places - free_.size() : 0;
}

}  // namespace routerone::store
