#!/usr/bin/env node
// Makes common/catalog/catalog.json from pinned packages and the facts beside this file: same input,
// same bytes.
//   make_catalog.mjs OUT.json [FOLDER]       fetches the packages into FOLDER, if they are not there
//   make_catalog.mjs --compare A.json B.json says how far two catalogs agree
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { compare } from "./compare.mjs";
import { genaiPrice, genaiRow, piPrice } from "./prices.mjs";
import { fetchPackages, json, readSources } from "./sources.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

// The same provider under a package's own name for it.
const PI_PROVIDERS = {
  fireworks: "fireworks-ai",
  "kimi-coding": "kimi-for-coding",
  "qwen-token-plan": "alibaba-token-plan",
  "qwen-token-plan-cn": "alibaba-token-plan-cn",
  "qwen-token-plan-individual": "alibaba-token-plan-individual",
  "qwen-token-plan-individual-cn": "alibaba-token-plan-individual-cn",
  together: "togetherai",
  "vercel-ai-gateway": "vercel",
};
const GENAI_PROVIDERS = {
  aws: "amazon-bedrock",
  cloudflare: "cloudflare-workers-ai",
  fireworks: "fireworks-ai",
  novita: "novita-ai",
  together: "togetherai",
  "x-ai": "xai",
};
// Listed by pi-ai for its own service or for a login that is no key.
const PI_OTHERS = new Set(["openai-codex", "radius", "typesafe", "zai-coding-cn"]);

const DIALECTS = {
  "openai-completions": "openai-chat",
  "mistral-conversations": "openai-chat",
  "openai-responses": "openai-responses",
  "azure-openai-responses": "openai-responses",
  "anthropic-messages": "anthropic-messages",
  "google-generative-ai": "gemini",
  "google-vertex": "gemini",
  "bedrock-converse-stream": "bedrock-converse",
};

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** What is left of a model's name when spelling is taken off. */
export const spelling = (id) =>
  id.split("/").at(-1).toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

/** Which canonical model a provider's own id means. */
function namer(facts) {
  const known = new Map();
  for (const [id, model] of Object.entries(facts.models)) {
    for (const name of [id, ...(model.spelled ?? [])]) known.set(spelling(name), id);
  }
  return (provider, upstream) => {
    const exception = facts.exceptions[`${provider} ${upstream}`];
    return exception !== undefined ? exception : known.get(spelling(upstream));
  };
}

/** All (provider, upstream id) with what each source says of it. */
function listings(sources, facts) {
  const found = new Map();
  const at = (provider, upstream) => {
    const key = `${provider} ${upstream}`;
    if (!found.has(key)) found.set(key, { provider, upstream });
    return found.get(key);
  };
  for (const [provider, row] of Object.entries(sources.mastra)) {
    for (const upstream of row.models) {
      const one = at(provider, upstream);
      one.listed = true;
      one.deprecated = row.deprecatedModels?.includes(upstream);
    }
  }
  for (const row of sources.pi) {
    if (row.type !== "chat" || PI_OTHERS.has(row.provider)) continue;
    at(PI_PROVIDERS[row.provider] ?? row.provider, row.id).pi ??= row;
  }
  for (const [key, offer] of Object.entries(facts.offers)) {
    const [provider, ...upstream] = key.split(" ");
    at(provider, upstream.join(" ")).own = offer;
  }
  const genai = new Map(sources.genai.map((p) => [GENAI_PROVIDERS[p.id] ?? p.id, p.models]));
  genai.set("google-vertex", genai.get("google"));
  for (const one of found.values()) {
    if (genai.has(one.provider)) one.genai = genaiRow(genai.get(one.provider), one.upstream);
  }
  return [...found.values()];
}

function zeroPrice(price, one, provider) {
  if (price.input !== 0 || price.output !== 0) return {};
  if (provider.kind === "subscription") return { zero_price: "subscription" };
  if (provider.kind === "local") return { zero_price: "local" };
  return { zero_price: /[:-]free$/.test(one.upstream) ? "free_variant" : "unverified" };
}

/** Anthropic posts its one-hour write as twice the input rate. */
function withHourWrite(posted) {
  const add = (table) =>
    table.cache_write && !table.cache_write_1h && table.input
      ? { ...table, cache_write_1h: Math.round(table.input * 2e6) / 1e6 }
      : table;
  const out = { ...posted, price: add(posted.price) };
  if (posted.tiers) out.tiers = posted.tiers.map(add);
  return out;
}

const agree = (a, b) => a.input === b.input && a.output === b.output;

function pricing(one, lab, provider, dates) {
  const genai = one.genai && genaiPrice(one.genai, lab, dates["genai-prices"]);
  let posted = one.pi && piPrice(one.pi, lab);
  let source = "pi-ai";
  if (!posted) {
    [posted, source] = [genai, "genai-prices"];
  } else if (genai && agree(genai.price, posted.price)) {
    // The steps, fees and media rates that the other does not list.
    posted = { ...genai, ...posted, price: { ...genai.price, ...posted.price } };
  }
  if (!posted) return { price: null };
  if (provider.hour_writes && lab === "anthropic") posted = withHourWrite(posted);
  return { ...posted, ...zeroPrice(posted.price, one, provider), price_source: source };
}

function dialectOf(one, provider) {
  const dialect = one.pi && DIALECTS[one.pi.api];
  // Others serve each model in every dialect that they speak.
  return dialect && provider.one_dialect_a_model ? { dialect } : {};
}

function regionOf(one) {
  if (one.provider !== "amazon-bedrock") return {};
  const prefix = /^(us-gov|us|eu|jp|au|apac|ca|in|global)\./.exec(one.upstream);
  return { region: prefix ? prefix[1] : "in-region" };
}

/** A window that ends where the dearer step begins is a thrifty client's, not the model's. */
function contextOf(one, tiers = []) {
  const window = one.pi?.contextWindow;
  const thrifty = tiers.some((step) => [0, 1].includes(step.min_input_tokens - window));
  return window && !thrifty ? { context: window } : {};
}

function offerOf(one, lab, provider, dates) {
  const priced = pricing(one, lab, provider, dates);
  return {
    provider: one.provider,
    upstream_id: one.upstream,
    ...regionOf(one),
    ...dialectOf(one, provider),
    ...priced,
    ...contextOf(one, priced.tiers),
    ...(one.pi?.maxTokens && { max_output: one.pi.maxTokens }),
    ...(one.deprecated && { status: "deprecated" }),
    ...one.own,
  };
}

/** The lab's own offer first, then OpenRouter, then clouds, then the rest. */
function rank(offer, lab, facts) {
  if (offer.provider === (facts.homes[lab] ?? lab)) return 0;
  if (offer.provider === "openrouter") return 1;
  return facts.providers[offer.provider].kind === "cloud" ? 2 : 3;
}

const TRAITS = [
  ["tools", (row) => true],
  ["reasoning", (row) => row.reasoning],
  ["images", (row) => row.input.includes("image")],
  ["adaptive_thinking", (row) => row.compat?.forceAdaptiveThinking],
  ["no_temperature", (row) => row.compat?.supportsTemperature === false],
];

function modelOf(id, listed, facts, dates) {
  const own = facts.models[id];
  const lab = own.lab ?? id.split("/")[0];
  const offers = listed
    .map((one) => offerOf(one, lab, facts.providers[one.provider], dates))
    .sort((a, b) => rank(a, lab, facts) - rank(b, lab, facts) || byText(a.provider, b.provider) ||
      byText(a.upstream_id, b.upstream_id));
  // The model's own numbers are those of the first offer that states them: the lab's, if it does.
  const stated = (key) => own[key] ?? offers.find((offer) => offer[key])?.[key] ?? null;
  const [context, max_output] = [stated("context"), stated("max_output")];
  for (const offer of offers) {
    if (offer.context === context) delete offer.context;
    if (offer.max_output === max_output) delete offer.max_output;
  }
  const described = listed.filter((one) => one.pi);
  const first = described.find((one) => one.provider === (facts.homes[lab] ?? lab)) ?? described[0];
  const traits = first ? TRAITS.filter(([, has]) => has(first.pi)).map(([name]) => name) : [];
  return {
    id,
    name: own.name ?? first?.pi.name ?? id.split("/")[1],
    lab,
    kind: own.kind ?? "chat",
    ...(own.released && { released: own.released }),
    context,
    max_output,
    ...(traits.length && { traits }),
    ...(own.aliases && { aliases: own.aliases }),
    offers,
  };
}

/** A provider's row: what mastra's registry says, then what the facts say better. */
function providerOf(id, facts, sources) {
  const own = facts.providers[id];
  const listed = sources.mastra[id];
  const env = listed?.apiKeyEnvVar ?? [];
  const { hour_writes, one_dialect_a_model, ...said } = own;
  return {
    id,
    name: listed?.name ?? id,
    kind: "inference",
    base_url: listed?.url?.replace(/\/chat\/completions\/?$/, "").replace(/\/$/, ""),
    dialect: "openai-chat",
    auth: "bearer",
    env: Array.isArray(env) ? env : [env],
    hq: null,
    policy: null,
    ...said,
  };
}

function make(sources, facts, packages) {
  const dates = Object.fromEntries(packages.map((one) => [one.id, one.date]));
  const providers = Object.keys(facts.providers).sort(byText)
    .map((id) => providerOf(id, facts, sources));
  const complete = { ...facts, providers: {} };
  for (const row of providers) complete.providers[row.id] = { ...facts.providers[row.id], ...row };
  const named = namer(facts);
  const models = new Map();
  for (const one of listings(sources, facts)) {
    const id = facts.providers[one.provider] && named(one.provider, one.upstream);
    if (!id) continue;
    if (!models.has(id)) models.set(id, []);
    models.get(id).push(one);
  }
  const rows = [...models].sort(([a], [b]) => byText(a, b))
    .map(([id, listed]) => modelOf(id, listed, complete, dates));
  const head = {
    schema_version: 1,
    generated: packages.map((one) => one.date).sort().at(-1),
    currency: "USD",
    unit: "USD per 1,000,000 tokens unless the key says otherwise",
    sources: [
      ...packages.map(({ id, package: name, version, date, license }) => ({
        id, name, version, date, license, via: "npm",
      })),
      ...facts.sources,
    ],
  };
  return { head, providers, models: rows };
}

function write(catalog, file) {
  const lines = (rows) => rows.map((row) => JSON.stringify(row)).join(",\n");
  const head = JSON.stringify(catalog.head).slice(0, -1);
  const parts = [head, ',\n"providers":[\n', lines(catalog.providers), '\n],\n"models":[\n'];
  writeFileSync(file, parts.join("") + lines(catalog.models) + "\n]}\n");
}

function main([first, second, third]) {
  if (first === "--compare") return compare(json(second), json(third));
  if (!first) throw new Error("usage: make_catalog.mjs OUT.json [FOLDER]");
  const packages = json(join(HERE, "packages.json"));
  const folder = second ?? mkdtempSync(join(tmpdir(), "catalog-"));
  fetchPackages(folder, packages);
  write(make(readSources(folder), json(join(HERE, "facts.json")), packages), first);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
