// Prices as the packages state them, in the catalog's words: USD per million tokens.

const GENAI_RATES = {
  input_mtok: "input",
  output_mtok: "output",
  cache_read_mtok: "cache_read",
  cache_write_mtok: "cache_write",
  cache_write_1h_mtok: "cache_write_1h",
  output_reasoning_mtok: "reasoning",
  input_audio_mtok: "input_audio",
  output_audio_mtok: "output_audio",
  cache_audio_read_mtok: "cache_read_audio",
  input_image_mtok: "input_image",
  output_image_mtok: "output_image",
  input_video_mtok: "input_video",
  web_searches_kcount: "web_search_per_1k",
  requests_kcount: "request_per_1k",
};
const PI_RATES = {
  input: "input",
  output: "output",
  cacheRead: "cache_read",
  cacheWrite: "cache_write",
};
const ORDER = Object.values(GENAI_RATES);

// What the packages compute in floating point is meant to six decimals.
const exact = (usd) => Math.round(usd * 1e6) / 1e6;

/** Rates in one order; but for input and output a zero says that none is posted. */
function rates(pairs) {
  const found = new Map(pairs);
  const out = {};
  for (const name of ORDER) {
    const usd = found.get(name);
    if (!Number.isFinite(usd) || usd < 0) continue;
    if (usd > 0 || name === "input" || name === "output") out[name] = exact(usd);
  }
  return out;
}

// These labs post their step as "N and above", the others as "above N".
const FROM_STEP = { openai: 272_000, "x-ai": 200_000 };
const firstToken = (above, lab) => (above === FROM_STEP[lab] ? above : above + 1);

const without = (tables) => tables.filter((table) => Object.keys(table).length > 1);

export function piPrice(row, lab) {
  const table = (cost) => rates(Object.entries(PI_RATES).map(([from, to]) => [to, cost[from]]));
  const price = table(row.cost);
  if (price.input === undefined || price.output === undefined) return null;
  const tiers = without(
    (row.cost.tiers ?? []).map((step) => ({
      min_input_tokens: firstToken(step.inputTokensAbove, lab),
      ...table(step),
    })),
  );
  return { price, ...(tiers.length && { tiers }) };
}

const today = (prices, date) => {
  if (!Array.isArray(prices)) return prices;
  // The last entry whose day has come; hours of the day are the provider's own page's to state.
  const begun = prices.filter((one) => !one.constraint || one.constraint.start_date <= date);
  if (prices.some((one) => one.constraint?.type === "time_of_date")) return null;
  return begun.at(-1)?.prices;
};

export function genaiPrice(row, lab, date) {
  const posted = today(row.prices, date);
  if (!posted) return null;
  const known = Object.entries(posted).filter(([name]) => name in GENAI_RATES);
  const base = (value) => (typeof value === "object" ? value.base : value);
  const price = rates(known.map(([name, value]) => [GENAI_RATES[name], base(value)]));
  if (price.input === undefined) return null;
  price.output ??= 0;
  const starts = new Set(
    known.flatMap(([, value]) => (value.tiers ?? []).map((step) => step.start)),
  );
  const tiers = [...starts]
    .sort((a, b) => a - b)
    .map((start) => ({
      min_input_tokens: firstToken(start, lab),
      ...rates(
        known.flatMap(([name, value]) => {
          const step = (value.tiers ?? []).find((one) => one.start === start);
          return step ? [[GENAI_RATES[name], step.price]] : [];
        }),
      ),
    }));
  return { price, ...(tiers.length && { tiers: without(tiers) }) };
}

/** Does a clause of genai-prices mean this id? */
function means(clause, id) {
  if (!clause) return false;
  if (clause.or) return clause.or.some((one) => means(one, id));
  if (clause.and) return clause.and.every((one) => means(one, id));
  if (clause.equals !== undefined) return id === clause.equals;
  if (clause.starts_with !== undefined) return id.startsWith(clause.starts_with);
  if (clause.ends_with !== undefined) return id.endsWith(clause.ends_with);
  if (clause.contains !== undefined) return id.includes(clause.contains);
  if (clause.regex !== undefined) return new RegExp(clause.regex).test(id);
  return false;
}

/** The row of genai-prices for an id: its own, else the first whose clause means it. */
export function genaiRow(models, id) {
  const lower = id.toLowerCase();
  return models.find((row) => row.id === lower) ?? models.find((row) => means(row.match, lower));
}
