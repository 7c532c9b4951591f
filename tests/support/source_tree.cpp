#include "tests/support/source_tree.h"

namespace routerone::test {

std::filesystem::path source_tree() { return ROUTERONE_SOURCE_TREE; }

}  // namespace routerone::test
