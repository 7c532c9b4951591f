#include "daemon/tokens/image_rules.h"

#include <algorithm>

namespace routerone::tokens {
namespace {

struct Size {
  std::int64_t width = 0, height = 0;
  bool known() const { return width > 0 && height > 0; }
};

Size size_of(const ImageDemand& image) { return {image.width, image.height}; }

std::int64_t squares(Size size, std::int64_t side) {
  return ((size.width + side - 1) / side) * ((size.height + side - 1) / side);
}

/// 85 and 170 a tile, at most eight tiles after scaling down to 2048 and the short side to 768.
constexpr std::int64_t most_of_tiles = 85 + 8 * 170;
constexpr std::int64_t dear_base = 2'833, dear_tile = 5'667;
/// At most 10,000 patches at the largest detail, each up to 2.46 tokens.
constexpr std::int64_t most_patches = 10'000;
constexpr std::int64_t patches_to_tokens(std::int64_t patches) {
  return (patches * 246 + 99) / 100;
}
constexpr std::int64_t low_patches = 256;

/// Patches of 28 pixels on a long edge of at most 2,576.
constexpr std::int64_t most_by_area = 4'784;
/// Open models cut patches of 16 pixels, up to 16,384; small images are scaled up first.
constexpr std::int64_t most_of_open = 16'384, least_of_open = 2'560;

std::int64_t bound_by_patches(const ImageDemand& image) {
  if (image.low_detail) return std::max(most_of_tiles, patches_to_tokens(low_patches));
  const Size size = size_of(image);
  const std::int64_t patches =
      size.known() ? std::min(squares(size, 32), most_patches) : most_patches;
  return std::max(most_of_tiles, patches_to_tokens(patches));
}

std::int64_t bound_by_area(const ImageDemand& image) {
  const Size size = size_of(image);
  if (!size.known()) return most_by_area;
  return std::min(most_by_area, squares(size, 28) * 784 / 750 + 16);
}

std::int64_t bound_of_open(const ImageDemand& image) {
  const Size size = size_of(image);
  if (!size.known()) return most_of_open;
  return std::clamp(squares(size, 16), least_of_open, most_of_open);
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

ImageRule image_rule(std::string_view model) {
  if (has(model, "4o-mini")) return ImageRule::dear_tiles;
  if (has(model, "claude")) return ImageRule::area;
  const std::string_view name = model.substr(model.rfind('/') + 1);
  const bool gpt = name.starts_with("gpt-") && !name.starts_with("gpt-oss");
  const bool reasoner = name.size() >= 2 && name[0] == 'o' && name[1] >= '1' && name[1] <= '9';
  return gpt || reasoner ? ImageRule::patches : ImageRule::unknown;
}

std::int64_t image_bound(const ImageDemand& image, ImageRule rule) {
  switch (rule) {
    case ImageRule::patches:
      return bound_by_patches(image);
    case ImageRule::dear_tiles:
      return image.low_detail ? dear_base : dear_base + 8 * dear_tile;
    case ImageRule::area:
      return bound_by_area(image);
    case ImageRule::unknown:
      break;
  }
  // Whether it knows of a cheap reading is not known either.
  ImageDemand full = image;
  full.low_detail = false;
  return std::max({bound_by_patches(full), bound_by_area(full), bound_of_open(full)});
}

}  // namespace routerone::tokens
