#pragma once

#include <filesystem>

namespace routerone::test {

/// The folder that holds CMakeLists.txt. Not of __FILE__: what that says depends on the compiler's
/// options and on what caches its work.
std::filesystem::path source_tree();

}  // namespace routerone::test
