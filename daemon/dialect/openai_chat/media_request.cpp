#include "daemon/dialect/openai_chat/media_request.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "common/core/text.h"
#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/envelope_scan.h"
#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/media.h"

namespace routerone::dialect::openai_chat {
namespace {

constexpr std::int64_t most_images = 1'000'000;

tl::unexpected<Refusal> refuse(std::string message, std::string_view param) {
  return tl::unexpected<Refusal>(
      Refusal{RefusalKind::bad_request, std::move(message), std::string(param), {}});
}

/// Who asks for none gets one.
std::int64_t images_of(std::optional<std::int64_t> n) {
  return std::clamp<std::int64_t>(n.value_or(1), 1, most_images);
}

/// `model`, and `model[]` as some readers have it for lists.
std::string_view stem(std::string_view name) { return name.substr(0, name.find('[')); }

/// The one field of that name; null: there is none. Its name in another spelling, a second one and
/// a file are refused, because readers differ in what they make of them.
tl::expected<const FormPart*, Refusal> only_field(const Form& form, std::string_view name) {
  const FormPart* found = nullptr;
  const std::string shown(name);
  for (const FormPart& part : form.parts) {
    if (!iequals(trim(stem(part.name)), name)) continue;
    if (part.name != name) {
      return refuse("'" + shown +
                        "' is given in another spelling, which some readers would take "
                        "for it",
                    name);
    }
    if (found != nullptr) return refuse("'" + shown + "' is given more than once", name);
    if (part.file) return refuse("'" + shown + "' must be a field of text, not a file", name);
    found = &part;
  }
  return found;
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

tl::expected<bool, Refusal> as_switch(const FormPart* part) {
  if (part == nullptr) return false;
  const std::string_view value = part->value;
  for (const std::string_view yes : {"true", "1", "yes", "on"}) {
    if (iequals(value, yes)) return true;
  }
  for (const std::string_view no : {"", "false", "0", "no", "off", "null"}) {
    if (iequals(value, no)) return false;
  }
  return refuse("'" + std::string(part->name) + "' must be true or false", part->name);
}

tl::expected<std::optional<std::int64_t>, Refusal> as_count(const FormPart* part) {
  if (part == nullptr || part->value.empty()) return std::nullopt;
  const auto count = parse_uint(part->value);
  if (!count || *count > static_cast<std::uint64_t>(most_images)) {
    return refuse("'" + std::string(part->name) + "' must be a whole number", part->name);
  }
  return static_cast<std::int64_t>(*count);
}

/// An image where JSON has one: inside, or pointed to.
void take_image(std::string_view value, std::string_view field, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 3> wanted = {"image_url", "url", "file_id"};
  if (value.starts_with('"')) return maker.image_url(value, false, field);
  if (value.starts_with('[')) {
    return for_each_element(value, [&](std::string_view one) { take_image(one, field, maker); });
  }
  if (!value.starts_with('{')) return;
  const auto inside = maker.members(value, wanted);
  for (std::size_t i = 0; i < 2; ++i) {
    if (inside[i].there()) take_image(inside[i].value, field, maker);
  }
  if (says_something(inside[2])) maker.refer(field);
}

}  // namespace

bool makes_images(const Operation& operation) { return operation.name.starts_with("image"); }

tl::expected<Envelope, Refusal> read_media_envelope(const Operation& operation,
                                                    std::string_view body) {
  EnvelopeNames names;
  names.streams = operation.name != "speech";
  auto envelope = scan_envelope(names, body);
  if (!envelope) return envelope;
  static constexpr std::array<std::string_view, 2> more = {"n", "stream_format"};
  const auto members = *pick(body, more);
  DemandMaker maker(body);
  maker.refuse_doubtful(more, members);
  if (makes_images(operation)) envelope->images = images_of(maker.count(members[0], more[0]));
  if (operation.name == "speech") envelope->stream = word_of(members[1]) == "sse";
  if (const auto fine = std::move(maker).done(); !fine)
    return refuse(fine.error().message, fine.error().param);
  return envelope;
}

tl::expected<Envelope, Refusal> read_media_form(const Operation& operation, const Form& form,
                                                std::string_view body) {
  TRY(const FormPart* const model, only_field(form, "model"));
  TRY(const FormPart* const stream, only_field(form, "stream"));
  TRY(const FormPart* const n, only_field(form, "n"));
  if (model == nullptr) return refuse("you must say which model: 'model' is missing", "model");
  if (model->value.empty() || !is_one_line(model->value)) {
    return refuse("'model' must be one line of text that is not empty", "model");
  }
  for (const FormPart* part : {model, stream, n}) {
    if (part == nullptr || !part->encoded) continue;
    return refuse("'" + std::string(part->name) + "' must be sent as it is, without an encoding",
                  part->name);
  }
  Envelope envelope;
  envelope.model = model->value;
  envelope.model_at = static_cast<std::size_t>(model->value.data() - body.data());
  envelope.model_size = model->value.size();
  envelope.bare_model = true;
  if (!model->length.empty()) {
    envelope.length_at = static_cast<std::size_t>(model->length.data() - body.data());
    envelope.length_size = model->length.size();
  }
  TRY(envelope.stream, as_switch(stream));
  TRY(const std::optional<std::int64_t> count, as_count(n));
  if (makes_images(operation)) envelope.images = images_of(count);
  return envelope;
}

tl::expected<Demand, Refusal> measure_media(const Operation& operation, std::string_view body) {
  static constexpr std::array<std::string_view, 6> names = {"n",    "image", "images",
                                                            "mask", "file",  "url"};
  const auto top = *pick(body, names);
  DemandMaker maker(body);
  maker.refuse_doubtful(names, top);
  if (makes_images(operation)) {
    maker.demand.choices = maker.demand.images_made = images_of(maker.count(top[0], names[0]));
  }
  for (std::size_t i = 1; i <= 3; ++i) take_image(top[i].value, names[i], maker);
  for (std::size_t i = 4; i <= 5; ++i) {
    if (says_something(top[i])) maker.refer(names[i]);
  }
  return std::move(maker).done();
}

Demand measure_media_form(const Operation& operation, const Form& form) {
  Demand demand;
  const bool images = makes_images(operation);
  for (const FormPart& part : form.parts) {
    const auto size = static_cast<std::int64_t>(part.value.size());
    const std::string_view name = stem(part.name);
    const bool media = name == "image" || name == "mask" || name == "file" || name == "url";
    demand.text_bytes += static_cast<std::int64_t>(part.name.size());
    if (!part.file) {
      demand.text_bytes += size;
      if (media && demand.refers_to.empty()) demand.refers_to = name;
    } else if (images) {
      demand.images.push_back(read_image_file(part.value));
    } else {
      demand.audio_bytes += size;
    }
    if (images && part.name == "n") {
      demand.choices = images_of(as_count(&part).value_or(std::nullopt));
    }
  }
  if (images) demand.images_made = demand.choices;
  return demand;
}

}  // namespace routerone::dialect::openai_chat
