#include "daemon/dialect/model_list.h"

#include <chrono>

#include "common/core/text.h"
#include "common/json/json.h"

namespace routerone::dialect {
namespace {

std::string write(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void add_anthropic(Json& to, const ListedModel& model) {
  to["type"] = "model";
  to["id"] = model.id;
  to["display_name"] = model.display_name.empty() ? model.id : model.display_name;
  to["created_at"] = format_rfc3339(WallTime{std::chrono::seconds{model.created}});
}

Json openai(const ListedModel& model) {
  Json to = {{"id", model.id}, {"object", "model"}, {"created", model.created}};
  to["owned_by"] = model.owner;
  add_anthropic(to, model);
  return to;
}

Json anthropic(const ListedModel& model) {
  Json to = Json::object();
  add_anthropic(to, model);
  return to;
}

void add_page(Json& list, std::span<const ListedModel> models) {
  list["has_more"] = false;
  list["first_id"] = models.empty() ? Json() : Json(models.front().id);
  list["last_id"] = models.empty() ? Json() : Json(models.back().id);
}

}  // namespace

std::string write_openai_models(std::span<const ListedModel> models) {
  Json list = {{"object", "list"}, {"data", Json::array()}};
  for (const ListedModel& model : models) list["data"].push_back(openai(model));
  add_page(list, models);
  return write(list);
}

std::string write_openai_model(const ListedModel& model) { return write(openai(model)); }

std::string write_anthropic_models(std::span<const ListedModel> models) {
  Json list = {{"data", Json::array()}};
  for (const ListedModel& model : models) list["data"].push_back(anthropic(model));
  add_page(list, models);
  return write(list);
}

std::string write_anthropic_model(const ListedModel& model) { return write(anthropic(model)); }

}  // namespace routerone::dialect
