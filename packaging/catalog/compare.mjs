// How far two catalogs agree, model by model and offer by offer.

const SUPPORTED = {
  dialects: new Set(["openai-chat", "openai-responses", "anthropic-messages"]),
  auths: new Set(["bearer", "x-api-key", "x-goog-api-key", "api-key", "none"]),
};

const known = (offer) =>
  offer.price && offer.zero_price !== "subscription" && offer.zero_price !== "unverified";

/** Models with a price at a provider that we can speak to, and all such providers. */
function reach(catalog) {
  const providers = new Map(catalog.providers.map((row) => [row.id, row]));
  const speaks = (offer) => {
    const row = providers.get(offer.provider);
    const dialects = offer.dialect
      ? [offer.dialect]
      : [row.dialect, ...(row.endpoints ?? []).map((one) => one.dialect)];
    return SUPPORTED.auths.has(row.auth) && dialects.some((one) => SUPPORTED.dialects.has(one));
  };
  const offers = catalog.models.flatMap((model) => model.offers);
  const priced = catalog.models.filter((model) => model.offers.some((o) => known(o) && speaks(o)));
  return {
    providers: catalog.providers.length,
    speakable: new Set(offers.filter(speaks).map((one) => one.provider)).size,
    priced_at: new Set(offers.filter((o) => known(o) && speaks(o)).map((o) => o.provider)).size,
    models: catalog.models.length,
    priced_models: priced.length,
    offers: offers.length,
    priced_offers: offers.filter(known).length,
  };
}

const flat = (catalog) =>
  new Map(
    catalog.models.flatMap((model) =>
      model.offers.map((offer) => [
        `${offer.provider} ${offer.upstream_id}`,
        { ...offer, model: model.id },
      ]),
    ),
  );

const sorted = (value) =>
  JSON.stringify(value ?? null, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
const CONDITIONS = ["tiers", "service_tiers", "off_peak", "scheduled", "zero_price"];

function difference(a, b) {
  const price = (offer) => [offer.price?.input, offer.price?.output].join();
  if (!a.price !== !b.price) return "one has no price";
  if (price(a) !== price(b)) return "other input or output";
  if (sorted(a.price) !== sorted(b.price)) return "other rates";
  return CONDITIONS.some((key) => sorted(a[key]) !== sorted(b[key])) ? "other conditions" : null;
}

export function compare(a, b) {
  const [ours, theirs] = [flat(a), flat(b)];
  const ids = (catalog) => new Set(catalog.models.map((model) => model.id));
  const both = [...ours.keys()].filter((key) => theirs.has(key));
  const counts = { "same price": 0 };
  const examples = [];
  for (const key of both) {
    const how = difference(ours.get(key), theirs.get(key));
    counts[how ?? "same price"] = (counts[how ?? "same price"] ?? 0) + 1;
    if (how) examples.push(`${how}: ${key}`);
    if (ours.get(key).model !== theirs.get(key).model) {
      counts["another model"] = (counts["another model"] ?? 0) + 1;
      examples.push(`another model: ${key} ${ours.get(key).model} ${theirs.get(key).model}`);
    }
  }
  const only = (one, other) => [...one].filter((id) => !other.has(id));
  const report = {
    a: reach(a),
    b: reach(b),
    models: {
      both: only(ids(a), new Set(only(ids(a), ids(b)))).length,
      only_a: only(ids(a), ids(b)).length,
      only_b: only(ids(b), ids(a)).length,
    },
    offers: {
      both: both.length,
      only_a: ours.size - both.length,
      only_b: theirs.size - both.length,
      ...counts,
    },
  };
  console.log(JSON.stringify(report, null, 1));
  for (const line of examples) console.log(line);
  for (const key of only(ours.keys(), theirs)) console.log(`only a: ${key} ${ours.get(key).model}`);
  for (const key of only(theirs.keys(), ours)) console.log(`only b: ${key} ${theirs.get(key).model}`);
}
