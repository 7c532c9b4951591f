#include "daemon/dialect/demand_maker.h"

#include <algorithm>
#include <utility>

#include "common/core/text.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/media.h"

namespace routerone::dialect {
namespace {

/// Beyond this a number of uses means "as often as it likes", and products stay far from overflow.
constexpr std::int64_t most_uses = 1'000'000, most_results = 1'000'000'000;

std::string_view inside_of(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2)
                                                   : std::string_view();
}

}  // namespace

DemandMaker::DemandMaker(std::string_view body) {
  demand.text_bytes = static_cast<std::int64_t>(body.size());
}

void DemandMaker::refuse_doubtful(std::span<const std::string_view> names,
                                  std::span<const Picked> picked) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name(names[i]);
    if (picked[i].times > 1) refuse("'" + name + "' is given more than once", name);
    if (picked[i].respelled) {
      refuse(
          "'" + name + "' is also given in another spelling, which some readers would take for it",
          name);
    }
  }
}

void DemandMaker::refuse(std::string message, std::string_view param) {
  if (refusal_) return;
  refusal_ = Refusal{RefusalKind::bad_request, std::move(message), std::string(param), {}};
}

void DemandMaker::refer(std::string_view field) {
  if (demand.refers_to.empty()) demand.refers_to = field;
}

void DemandMaker::unbounded(std::string_view word) {
  if (demand.unbounded_tool.empty()) demand.unbounded_tool = printable(word, 64);
}

void DemandMaker::server_tool(std::int64_t uses, std::int64_t results) {
  uses = std::min(uses, most_uses);
  demand.server_turns = std::min(demand.server_turns + uses, most_uses);
  const std::int64_t brought = uses * std::min(results, most_results);
  demand.server_results = std::min(demand.server_results + brought, most_uses * most_results);
}

void DemandMaker::take_out(std::string_view value) {
  demand.text_bytes -= static_cast<std::int64_t>(value.size());
}

void DemandMaker::image_url(std::string_view value, bool low_detail, std::string_view field) {
  const DataUrl url = read_data_url(inside_of(value));
  if (url.base64.empty()) return refer(field);
  take_out(value);
  ImageDemand image = read_image(url.base64);
  image.low_detail = low_detail;
  demand.images.push_back(image);
}

void DemandMaker::image(std::string_view value, bool low_detail) {
  take_out(value);
  ImageDemand image = read_image(inside_of(value));
  image.low_detail = low_detail;
  demand.images.push_back(image);
}

void DemandMaker::audio(std::string_view value) {
  const std::string_view inside = inside_of(value);
  const DataUrl url = read_data_url(inside);
  take_out(value);
  demand.audio_bytes += static_cast<std::int64_t>(
      ((is_data_url(inside) ? url.base64.size() : inside.size()) + 3) / 4 * 3);
}

/// A text stays text: its base64 is longer than itself. What packs text tighter than bytes tell
/// counts as all that fits.
void DemandMaker::file(std::string_view value, std::string_view field) {
  const std::string_view inside = inside_of(value);
  const std::string_view base64 = is_data_url(inside) ? read_data_url(inside).base64 : inside;
  if (is_data_url(inside) && base64.empty() && inside.find(',') != std::string_view::npos) return;
  switch (kind_of_file(base64)) {
    case FileKind::pdf:
      take_out(value);
      demand.document_pages += most_pages(base64);
      return;
    case FileKind::text:
      return;
    case FileKind::other:
      break;
  }
  const ImageDemand image = read_image(base64);
  if (image.width == 0) return refer(field);
  take_out(value);
  demand.images.push_back(image);
}

std::optional<std::int64_t> DemandMaker::count(const Picked& member, std::string_view name) {
  if (!member.there() || is_null(member.value)) return std::nullopt;
  const auto value = as_whole(member.value);
  if (value && *value >= 0) return value;
  refuse("'" + std::string(name) + "' must be a whole number", name);
  return std::nullopt;
}

tl::expected<Demand, Refusal> DemandMaker::done() && {
  if (refusal_) return tl::unexpected<Refusal>(*std::move(refusal_));
  demand.text_bytes = std::max<std::int64_t>(demand.text_bytes, 0);
  return std::move(demand);
}

bool is_given(const Picked& member) {
  return member.there() && !is_null(member.value) && member.value != "false";
}

bool says_something(const Picked& member) {
  if (!is_given(member)) return false;
  const std::string_view value = member.value;
  const bool container = value.starts_with('[') || value.starts_with('{');
  return !container || value.find_first_not_of(" \t\r\n", 1) != value.size() - 1;
}

std::string word_of(const Picked& member) {
  return member.there() ? as_string(member.value).value_or("") : std::string();
}

}  // namespace routerone::dialect
