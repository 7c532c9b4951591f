#include "daemon/dialect/gemini/model_list.h"

#include "daemon/dialect/json_out.h"

namespace routerone::dialect::gemini {
namespace {

void add(JsonOut& out, const ListedModel& model) {
  out.object().text("name", "models/" + model.id).text("version", "001");
  out.text("displayName", model.display_name.empty() ? model.id : model.display_name);
  out.array("supportedGenerationMethods");
  out.text("generateContent").text("streamGenerateContent").text("countTokens");
  out.end_array().end_object();
}

}  // namespace

std::string write_models(std::span<const ListedModel> models) {
  JsonOut out;
  out.object().array("models");
  for (const ListedModel& model : models) add(out, model);
  return std::move(out.end_array().end_object()).take();
}

std::string write_model(const ListedModel& model) {
  JsonOut out;
  add(out, model);
  return std::move(out).take();
}

}  // namespace routerone::dialect::gemini
