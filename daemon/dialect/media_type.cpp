#include "daemon/dialect/media_type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/core/text.h"
#include "daemon/dialect/base64.h"

namespace routerone::dialect {
namespace {

using chat::Media;

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view scheme = "data:";

struct Magic {
  std::size_t at;
  std::string_view bytes;
  std::string_view type;
};
constexpr std::array<Magic, 9> magics = {{{0, "\x89PNG\r\n\x1a\n", "image/png"},
                                          {0, "\xff\xd8\xff", "image/jpeg"},
                                          {0, "GIF8", "image/gif"},
                                          {8, "WEBP", "image/webp"},
                                          {0, "%PDF-", "application/pdf"},
                                          {8, "WAVE", "audio/wav"},
                                          {0, "ID3", "audio/mpeg"},
                                          {0, "\xff\xfb", "audio/mpeg"},
                                          {0, "\xff\xf3", "audio/mpeg"}}};

bool is_base64(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '-' || c == '_' || c == '=';
  });
}

std::string without_blanks(std::string_view text) {
  std::string out(text);
  if (text.find_first_of(blanks) != std::string_view::npos) {
    std::erase_if(out, [](char c) { return blanks.find(c) != std::string_view::npos; });
  }
  return out;
}

std::optional<Media> plain_media(Media::Kind kind, std::string_view type, std::string_view data) {
  if (data.empty()) return std::nullopt;
  Media out;
  out.kind = kind;
  out.media_type = type.empty() ? "text/plain" : normal_media_type(type);
  out.data = percent_decoded(data);
  out.is_text = out.media_type.starts_with("text/");
  if (!out.is_text) out.data = to_base64(out.data);
  return out;
}

}  // namespace

std::string normal_media_type(std::string_view said) {
  const std::string out = lower(trim(said.substr(0, said.find(';'))));
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> same = {
      {{"image/jpg", "image/jpeg"},
       {"image/pjpeg", "image/jpeg"},
       {"audio/mp3", "audio/mpeg"},
       {"audio/x-wav", "audio/wav"},
       {"audio/wave", "audio/wav"},
       {"application/x-pdf", "application/pdf"}}};
  for (const auto& [other, normal] : same) {
    if (out == other) return std::string(normal);
  }
  return out;
}

std::string_view sniff_media_type(std::string_view base64) {
  constexpr std::size_t enough = 16;
  const auto bytes = from_base64(base64.substr(0, enough));
  if (!bytes) return {};
  for (const Magic& magic : magics) {
    if (std::string_view(*bytes).substr(std::min(magic.at, bytes->size())).starts_with(magic.bytes))
      return magic.type;
  }
  return {};
}

std::optional<Media> inline_media(Media::Kind kind, std::string_view said_type,
                                  std::string_view base64) {
  Media out;
  out.kind = kind;
  out.data = without_blanks(base64);
  if (out.data.empty() || !is_base64(out.data)) return std::nullopt;
  out.media_type = normal_media_type(said_type);
  const std::string_view seen = sniff_media_type(out.data);
  if (!seen.empty()) out.media_type = seen;
  if (out.media_type.empty()) return std::nullopt;
  return out;
}

bool is_inline_url(std::string_view url) { return istarts_with(url, scheme); }

std::optional<Media> media_of_url(Media::Kind kind, std::string_view url) {
  if (!is_inline_url(url)) {
    Media out;
    out.kind = kind;
    out.url = url;
    return url.empty() ? std::nullopt : std::optional(std::move(out));
  }
  url.remove_prefix(scheme.size());
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view head = url.substr(0, comma), data = url.substr(comma + 1);
  const std::string_view type = head.substr(0, head.find(';'));
  const bool encoded = lower(head).find(";base64") != std::string::npos;
  return encoded ? inline_media(kind, type, data) : plain_media(kind, type, data);
}

std::string base64_of(const Media& media) {
  return media.is_text ? to_base64(media.data) : media.data;
}

std::string inline_url(const Media& media) {
  const std::string_view type = media.media_type.empty() && media.is_text
                                    ? std::string_view("text/plain")
                                    : std::string_view(media.media_type);
  return std::string(scheme) + std::string(type) + ";base64," + base64_of(media);
}

std::optional<std::string> text_of(const Media& media) {
  if (media.is_text) return media.data;
  if (!media.media_type.starts_with("text/") || media.data.empty()) return std::nullopt;
  return from_base64(media.data);
}

}  // namespace routerone::dialect
