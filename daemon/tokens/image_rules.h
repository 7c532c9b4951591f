#pragma once

#include <cstdint>
#include <string_view>

#include "daemon/exchange/demand.h"

namespace routerone::tokens {

/// How a lab counts images, by its own published rule; where models of one lab differ, the dearest.
enum class ImageRule {
  patches,     ///< Squares of 32 pixels, or tiles of 512: the GPT and o models.
  dear_tiles,  ///< gpt-4o-mini alone: 33 times the tiles of its siblings.
  area,        ///< Pixels / 750: Claude.
  unknown,     ///< As dear as the dearest of the other two, and of the open models' patches.
};

/// By the model's name, wherever in it the lab's word stands.
ImageRule image_rule(std::string_view model);

/// The most tokens one image can count; of unknown size, the most the rule can give.
std::int64_t image_bound(const ImageDemand&, ImageRule);

}  // namespace routerone::tokens
