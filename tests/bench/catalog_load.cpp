#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "common/catalog/catalog.h"

/// Prints how long the built-in catalog takes to load, best and median of 51.
int main() {
  std::vector<double> times;
  std::size_t models = 0;
  for (int i = 0; i < 51; ++i) {
    const auto began = std::chrono::steady_clock::now();
    const auto catalog = routerone::catalog::Catalog::built_in();
    models = catalog.models().size();
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
            .count());
  }
  std::sort(times.begin(), times.end());
  std::printf("catalog_load models=%zu best=%.2f ms median=%.2f ms n=%zu\n", models, times.front(),
              times[times.size() / 2], times.size());
}
