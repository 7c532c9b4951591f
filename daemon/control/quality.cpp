#include "daemon/control/quality.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "daemon/control/model_names.h"
#include "daemon/routing/weights_text.h"

namespace routerone::control {

void add_quality(Json& out, const std::string& model, const ControlData& data) {
  const auto own = std::find_if(data.qualities.begin(), data.qualities.end(),
                                [&](const QualityRecord& one) { return one.model == model; });
  const bool known = own != data.qualities.end();
  out["quality"] = known ? Json(own->quality) : Json(nullptr);
  out["quality_source"] = known ? "user" : "unknown";
}

Result<Json> set_quality(Desk desk, const Json& body) {
  TRY(const auto wish, read<QualityWish>(body));
  std::optional<double> quality;
  if (wish.quality != "none") {
    TRY(quality, routing::read_quality(wish.quality));
  }
  Json out = Json::object();
  out["schema"] = schema_version;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    TRY(const std::string id, canonical_model(wish.model, draft.data, desk));
    auto& qualities = draft.data.qualities;
    const auto removed =
        std::erase_if(qualities, [&](const QualityRecord& one) { return one.model == id; });
    if (quality)
      qualities.push_back({id, *quality});
    else if (removed == 0)
      return fail(ErrorKind::not_found, fmt::format("{} has no quality that you have set", id));
    out["model"] = id;
    add_quality(out, id, draft.data);
    return {};
  }));
  return out;
}

}  // namespace routerone::control
