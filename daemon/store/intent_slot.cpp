#include "daemon/store/intent_slot.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace routerone::store {
namespace {

static_assert(std::is_trivially_copyable_v<IntentPlace>);

/// Against torn and flipped bytes, not against people. Eight bytes a step.
std::uint64_t checksum(const void* bytes, std::size_t size) {
  std::uint64_t hash = 0x9e37'79b9'7f4a'7c15;
  const char* at = static_cast<const char*>(bytes);
  for (; size >= sizeof hash; at += sizeof hash, size -= sizeof hash) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    hash = (hash ^ word) * 0xff51'afd7'ed55'8ccd;
    hash ^= hash >> 32;
  }
  return hash;
}

std::uint64_t check_of(IntentAccount account) {
  account.check = 0;
  return checksum(&account, sizeof account);
}

/// Fills an array with texts and numbers, one after the other.
template <std::size_t size>
class Packer {
 public:
  void text(std::string_view value, std::size_t most) {
    if (value.size() > most) {  // not in the middle of a character of UTF-8
      while (most > 0 && (static_cast<unsigned char>(value[most]) & 0xc0) == 0x80) --most;
      value = value.substr(0, most);
    }
    bytes[at_++] = static_cast<char>(value.size());
    std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += value.size();
  }
  void number(std::int64_t value) {
    std::memcpy(bytes.data() + at_, &value, sizeof value);
    at_ += sizeof value;
  }

  std::array<char, size> bytes{};

 private:
  std::size_t at_ = 0;
};

/// Reads what a Packer wrote; never beyond the end, whatever the bytes are.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : left_(bytes) {}
  std::string text() {
    if (left_.empty()) return {};
    const auto size = static_cast<unsigned char>(left_.front());
    const std::string value(left_.substr(1, size));
    left_.remove_prefix(std::min<std::size_t>(left_.size(), size + 1u));
    return value;
  }
  std::int64_t number() {
    std::int64_t value = 0;
    if (left_.size() < sizeof value) return 0;
    std::memcpy(&value, left_.data(), sizeof value);
    left_.remove_prefix(sizeof value);
    return value;
  }

 private:
  std::string_view left_;
};

constexpr std::size_t longest_id = 40, longest_word = 24, longest_name = 64, longest_text = 128;

const IntentAccount* newest_account(const IntentPlace& place) {
  const IntentAccount* newest = nullptr;
  for (const auto& account : place.accounts)
    if (account.check == check_of(account) && account.kind <= IntentAccount::Kind::settled_unknown)
      if (!newest || account.generation > newest->generation) newest = &account;
  return newest;
}

/// Into the one that does not count.
void write_account(IntentPlace& place, IntentAccount account) {
  const IntentAccount* newest = newest_account(place);
  const bool first_counts = newest == place.accounts.data();
  account.generation = newest ? newest->generation + 1 : 1;
  account.check = check_of(account);
  place.accounts[first_counts ? 1 : 0] = account;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace

void write_intent(IntentPlace& place, const Intent& intent) {
  place.accounts = {};
  write_target(place, intent, {});
  write_reserved(place, intent.reserved);

  Packer<sizeof place.request> packed;
  packed.text(intent.id, longest_id);
  packed.number(micros_since_epoch(intent.time));
  packed.number(intent.stream ? 1 : 0);
  for (const auto* name : {&intent.key_id, &intent.key_name, &intent.project, &intent.client})
    packed.text(*name, longest_name);
  for (const auto* word : {&intent.dialect, &intent.operation}) packed.text(*word, longest_word);
  packed.text(intent.session, longest_text);
  packed.text(intent.requested_model, longest_text);
  place.request = packed.bytes;
  place.request_check = checksum(place.request.data(), place.request.size());
  std::atomic_ref(place.state).store(IntentPlace::live, std::memory_order_release);
}

void write_target(IntentPlace& place, const Intent& intent, std::string_view upstream_request_id) {
  Packer<sizeof place.target> packed;
  packed.text(intent.provider, longest_name);
  for (const auto text : {std::string_view(intent.model), std::string_view(intent.upstream_model),
                          upstream_request_id})
    packed.text(text, longest_text);
  place.target = packed.bytes;
  place.target_check = checksum(place.target.data(), place.target.size());
}

void write_reserved(IntentPlace& place, Money reserved) {
  IntentAccount account;
  account.reserved = reserved.picousd;
  if (reserved.picousd > 0) account.kind = IntentAccount::Kind::reserved;
  write_account(place, account);
}

void write_settled(IntentPlace& place, std::optional<Money> cost, std::uint64_t floor) {
  IntentAccount account;
  if (const auto* newest = newest_account(place)) account = *newest;
  account.kind = cost ? IntentAccount::Kind::settled : IntentAccount::Kind::settled_unknown;
  account.cost = cost.value_or(Money{}).picousd;
  account.floor = floor;
  write_account(place, account);
}

void clear_intent(IntentPlace& place) {
  std::atomic_ref(place.state).store(0, std::memory_order_release);
}

std::optional<ReadIntent> read_intent(const IntentPlace& place) {
  if (place.state != IntentPlace::live ||
      place.request_check != checksum(place.request.data(), place.request.size()))
    return std::nullopt;
  ReadIntent read;
  Intent& intent = read.intent;
  Unpacker request({place.request.data(), place.request.size()});
  intent.id = request.text();
  intent.time = wall_from_micros(request.number());
  intent.stream = request.number() != 0;
  for (auto* text : {&intent.key_id, &intent.key_name, &intent.project, &intent.client,
                     &intent.dialect, &intent.operation, &intent.session, &intent.requested_model})
    *text = request.text();
  if (place.target_check == checksum(place.target.data(), place.target.size())) {
    Unpacker target({place.target.data(), place.target.size()});
    for (auto* text :
         {&intent.provider, &intent.model, &intent.upstream_model, &read.upstream_request_id})
      *text = target.text();
  }
  if (const auto* account = newest_account(place)) read.account = *account;
  intent.reserved = Money{read.account.reserved};
  return read;
}

}  // namespace routerone::store
