#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/exchange/demand.h"

namespace routerone::dialect {

/// Base64 as it stands inside a JSON string, decoded piece by piece. Escaped slashes and line ends
/// are understood; anything else that is not base64 ends it.
class Base64Reader {
 public:
  explicit Base64Reader(std::string_view inside) : rest_(inside) {}

  /// Appends up to about `most` more bytes; false: there are no more.
  bool read(std::string& out, std::size_t most);

 private:
  std::string_view rest_;
  std::uint32_t bits_ = 0;
  int count_ = 0;
};

/// A `data:` URL as it stands inside a JSON string, taken apart.
struct DataUrl {
  std::string_view media_type;
  std::string_view base64;  ///< Empty: it is not in base64.
};
bool is_data_url(std::string_view inside);
DataUrl read_data_url(std::string_view inside);

/// The pixel size that an image's own header tells (PNG, JPEG, GIF, WebP); only its first bytes are
/// decoded. 0 x 0: it could not be read.
ImageDemand read_image(std::string_view base64);
/// The same of a file as it is.
ImageDemand read_image_file(std::string_view bytes);

enum class FileKind { pdf, text, other };
/// What kind of file it is by its first bytes; text if those are printable.
FileKind kind_of_file(std::string_view base64);

/// At least as many pages as this PDF has. Told by its page objects and page counts; where those
/// may be compressed, by its size.
std::int64_t most_pages(std::string_view base64);

}  // namespace routerone::dialect
