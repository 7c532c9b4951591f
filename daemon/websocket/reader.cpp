#include "daemon/websocket/reader.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace routerone::websocket {
namespace {

constexpr std::uint8_t final_bit = 0x80, reserved_bits = 0x70, opcode_bits = 0x0F;
constexpr std::uint8_t mask_bit = 0x80, length_bits = 0x7F;
constexpr std::uint8_t two_bytes = 126, eight_bytes = 127;
constexpr std::size_t mask_size = 4;
constexpr std::uint64_t longest_control = 125;

/// How long a frame's head is, as its second byte tells.
std::size_t head_length(std::uint8_t second) {
  const std::uint8_t length = second & length_bits;
  const std::size_t extended = length == two_bytes ? 2 : length == eight_bytes ? 8 : 0;
  return 2 + extended + ((second & mask_bit) != 0 ? mask_size : 0);
}

std::uint64_t big_endian(const std::uint8_t* at, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) number = number << 8 | at[i];
  return number;
}

/// In place; `done` bytes of the same payload came before. Eight at a time.
void unmask(std::span<char> payload, const std::array<std::uint8_t, 4>& mask, std::uint64_t done) {
  std::array<std::uint8_t, 8> turned{};
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(done + i) % mask_size];
  std::uint64_t wide = 0;
  std::memcpy(&wide, turned.data(), sizeof wide);
  std::size_t at = 0;
  for (; at + sizeof wide <= payload.size(); at += sizeof wide) {
    std::uint64_t block = 0;
    std::memcpy(&block, payload.data() + at, sizeof block);
    block ^= wide;
    std::memcpy(payload.data() + at, &block, sizeof block);
  }
  for (; at < payload.size(); ++at) {
    payload[at] = static_cast<char>(payload[at] ^ turned[at % turned.size()]);
  }
}

}  // namespace

Event Reader::next(std::string_view& bytes) {
  if (over_) bytes = {};
  while (!over_) {
    if (!in_payload_) {
      if (!read_head(bytes)) return {};
      if (const CloseCode fault = check_head(); fault != CloseCode::none) return broken(fault);
      in_payload_ = true;
      got_ = 0;
    }
    if (const CloseCode fault = take_payload(bytes); fault != CloseCode::none) {
      return broken(fault);
    }
    if (got_ < size_) return {};
    in_payload_ = false;
    head_size_ = 0;
    Event event = end_frame();
    if (event.kind != Event::Kind::none) return event;
  }
  return {};
}

/// False: more bytes are needed. A fault that shows in the first byte or two is not waited behind.
bool Reader::read_head(std::string_view& bytes) {
  const auto take = [&](std::size_t upto) {
    const std::size_t some = std::min(upto - std::min(upto, head_size_), bytes.size());
    std::copy_n(bytes.begin(), some, head_.begin() + static_cast<std::ptrdiff_t>(head_size_));
    head_size_ += some;
    bytes.remove_prefix(some);
    return head_size_ >= upto;
  };
  return take(2) && take(head_length(head_[1]));
}

CloseCode Reader::check_head() {
  constexpr CloseCode fault = CloseCode::protocol_error;
  if ((head_[0] & reserved_bits) != 0 || (head_[1] & mask_bit) == 0) return fault;
  final_ = (head_[0] & final_bit) != 0;
  opcode_ = static_cast<Opcode>(head_[0] & opcode_bits);

  const std::uint8_t length = head_[1] & length_bits;
  const std::size_t extended = head_length(head_[1]) - 2 - mask_size;
  size_ = extended == 0 ? length : big_endian(head_.data() + 2, extended);
  std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(2 + extended), mask_size, mask_.begin());
  if (length == two_bytes && size_ < two_bytes) return fault;
  if (length == eight_bytes && (size_ <= 0xFFFF || size_ >> 63 != 0)) return fault;

  if (!is_control()) return check_data_head();
  const bool known = opcode_ == Opcode::close || opcode_ == Opcode::ping || opcode_ == Opcode::pong;
  return known && final_ && size_ <= longest_control ? CloseCode::none : fault;
}

CloseCode Reader::check_data_head() const {
  if (opcode_ > Opcode::binary) return CloseCode::protocol_error;
  if ((opcode_ == Opcode::continuation) != inside_message_) return CloseCode::protocol_error;
  if (opcode_ == Opcode::binary) return CloseCode::unsupported;
  return size_ > max_message_ - message_.size() ? CloseCode::too_big : CloseCode::none;
}

CloseCode Reader::take_payload(std::string_view& bytes) {
  const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(size_ - got_, bytes.size()));
  std::string& into = is_control() ? control_ : message_;
  const std::size_t at = into.size();
  into.append(bytes.substr(0, some));
  unmask(std::span(into).subspan(at), mask_, got_);
  bytes.remove_prefix(some);
  got_ += some;
  if (is_control()) return CloseCode::none;
  const bool sound = utf8_.feed(std::string_view(into).substr(at));
  return sound ? CloseCode::none : CloseCode::bad_data;
}

Event Reader::end_frame() {
  switch (opcode_) {
    case Opcode::ping:
      return {Event::Kind::ping, std::exchange(control_, {})};
    case Opcode::pong:
      return {Event::Kind::pong, std::exchange(control_, {})};
    case Opcode::close:
      return end_close();
    default:
      break;
  }
  inside_message_ = !final_;
  if (inside_message_) return {};
  if (!utf8_.at_boundary()) return broken(CloseCode::bad_data);
  return {Event::Kind::text, std::exchange(message_, {})};
}

Event Reader::end_close() {
  if (control_.empty()) {
    over_ = true;
    return {Event::Kind::close};
  }
  if (control_.size() == 1) return broken(CloseCode::protocol_error);
  const auto* const said = reinterpret_cast<const std::uint8_t*>(control_.data());
  const auto code = static_cast<std::uint16_t>(big_endian(said, 2));
  if (!may_be_sent(code)) return broken(CloseCode::protocol_error);
  Utf8Check reason;
  const bool sound = reason.feed(std::string_view(control_).substr(2)) && reason.at_boundary();
  if (!sound) return broken(CloseCode::bad_data);
  over_ = true;
  return {Event::Kind::close, {}, static_cast<CloseCode>(code)};
}

Event Reader::broken(CloseCode code) {
  over_ = true;
  std::string().swap(message_);
  return {Event::Kind::broken, {}, code};
}

}  // namespace routerone::websocket
