#include "daemon/upstream/pool.h"

#include <utility>

namespace routerone::upstream {

std::unique_ptr<Connection> Pool::take(const std::string& origin) {
  const auto found = idle_.find(origin);
  if (found == idle_.end()) return nullptr;
  std::vector<Idle>& idle = found->second;
  while (!idle.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle.back().connection);
    idle.pop_back();
    if (connection->still_good()) return connection;
  }
  return nullptr;
}

void Pool::put(std::unique_ptr<Connection> connection) {
  std::vector<Idle>& idle = idle_[connection->origin()];
  if (idle.size() >= most_idle) return;
  connection->rest();
  idle.push_back({std::move(connection), loop_.now()});
  if (sweep_.expired() || size() == 1) sweep_.set(loop_.now() + idle_limit);
}

std::size_t Pool::size() const {
  std::size_t count = 0;
  for (const auto& [origin, idle] : idle_) count += idle.size();
  return count;
}

void Pool::drop_old() {
  const SteadyTime limit = loop_.now() - idle_limit;
  for (auto& [origin, idle] : idle_) {
    std::erase_if(idle, [limit](const Idle& one) { return one.since <= limit; });
  }
  std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
  if (!idle_.empty()) sweep_.set(loop_.now() + idle_limit / 2);
}

}  // namespace routerone::upstream
