#include "daemon/listener/page_desk.h"

#include <utility>

#include "daemon/listener/docs_page.h"

namespace routerone {
namespace {

constexpr std::string_view docs_path = "/docs.md", openapi_path = "/openapi.json",
                           models_path = "/models.md";
constexpr std::string_view markdown = "text/markdown; charset=utf-8", json = "application/json";

}  // namespace

PageDesk::PageDesk(std::uint16_t port, std::function<Text()> models)
    : docs_(std::make_shared<const std::string>(docs_page(port))),
      openapi_(std::make_shared<const std::string>(openapi_page(port))),
      models_(std::move(models)) {}

bool PageDesk::has(std::string_view path) {
  return path == docs_path || path == openapi_path || path == models_path;
}

net::Task<PageDesk::Page> PageDesk::find(std::string_view path, net::Loop& loop) {
  if (path == models_path) return find_models(loop);
  if (path == openapi_path) return known({json, openapi_});
  return known({markdown, docs_});
}

void PageDesk::close() {
  const std::lock_guard hold(mutex_);
  models_ = nullptr;
}

std::function<void()> PageDesk::writing_to(std::shared_ptr<Text> written) {
  return [this, written = std::move(written)] {
    const std::lock_guard hold(mutex_);
    if (models_) *written = models_();
  };
}

net::Task<PageDesk::Page> PageDesk::find_models(net::Loop& loop) {
  const auto written = std::make_shared<Text>();
  const std::function<void()> work = writing_to(written);
  const bool ran = co_await lookups_.run(loop, work);
  Page page;
  page.type = markdown;
  if (ran) page.text = *written;
  co_return page;
}

net::Task<PageDesk::Page> PageDesk::known(Page page) { co_return page; }

}  // namespace routerone
