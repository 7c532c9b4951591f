// The Node SDKs as a program: reads a line of JSON a request, {client, asked, stream}, and writes a line of
// JSON with what the SDK made of the answer, or raised: {answer | raised, exchange}. With `result`, that of
// every tool, it is a loop of calls, and the answer its last words. Driven by tour_node.py. $E2E_BASE and
// $E2E_KEY say whom to ask.
import readline from "node:readline";
import AnthropicNew from "@anthropic-ai/sdk";
import AnthropicOld from "anthropic-sdk-0";
import { GoogleGenAI as GoogleNew } from "@google/genai";
import { GoogleGenAI as GoogleOld } from "google-genai-1";
import OpenAI from "openai";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { Output, generateText, jsonSchema, streamText, tool } from "ai";
import { loopsOf } from "./tour_loops.mjs";

const { E2E_BASE: base, E2E_KEY: apiKey } = process.env;
let exchange = null;

// Keeps the bytes of the last exchange.
const plainFetch = globalThis.fetch;
globalThis.fetch = async (url, init) => {
  const kept = { status: 0, headers: {}, parts: [] };
  exchange = kept;
  const response = await plainFetch(url, init);
  kept.status = response.status;
  kept.headers = Object.fromEntries(response.headers);
  const keep = new TransformStream({
    transform(part, controller) {
      kept.parts.push(part);
      controller.enqueue(part);
    },
  });
  return new Response(response.body?.pipeThrough(keep), { status: response.status, headers: response.headers });
};

const options = { apiKey, maxRetries: 0, timeout: 30_000 };
const openai = new OpenAI({ ...options, baseURL: `${base}/v1` });

const chat = async (asked, stream) => {
  if (!stream) return openai.chat.completions.create(asked);
  const running = openai.chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
  // Fields that the SDK does not know, of which it keeps but the last piece: a program keeps them itself.
  const reasoning = { reasoning_content: "", reasoning_details: [] };
  running.on("chunk", (chunk) => {
    const { delta = {} } = chunk.choices[0] ?? {};
    reasoning.reasoning_content += delta.reasoning_content ?? "";
    reasoning.reasoning_details.push(...(delta.reasoning_details ?? []));
  });
  const answer = await running.finalChatCompletion();
  for (const [name, value] of Object.entries(reasoning)) {
    if (value.length) answer.choices[0].message[name] = value;
  }
  return answer;
};

const responses = async (asked, stream) => {
  if (!stream) return openai.responses.create(asked);
  let last = null;
  for await (const event of openai.responses.stream(asked)) last = event;
  if (last?.type === "response.failed") throw Object.assign(new Error(last.response.error.message), { status: 500 });
  return last.response;
};

const messages = (sdk) => async (asked, stream) =>
  stream ? sdk.messages.stream(asked).finalMessage() : sdk.messages.create(asked);

const google = (sdk) => async (asked, stream) => {
  if (!stream) return [await sdk.models.generateContent(asked)];
  const chunks = [];
  for await (const chunk of await sdk.models.generateContentStream(asked)) chunks.push(chunk);
  return chunks;
};

const vercel = (model) => async ({ model: id, tools = [], schema, ...asked }, stream) => {
  const settings = { ...asked, model: model(id), maxRetries: 0 };
  if (tools.length) {
    settings.tools = Object.fromEntries(tools.map(({ name, description, schema }) =>
      [name, tool({ description, inputSchema: jsonSchema(schema) })]));
  }
  if (schema) settings.output = Output.object({ schema: jsonSchema(schema.schema), name: schema.name });
  let failure = null;
  const done = stream
    ? streamText({ ...settings, onError: ({ error }) => { failure ??= error; } })
    : await generateText(settings);
  if (stream) {
    await done.consumeStream();
    if (failure) throw failure;
  }
  const names = ["content", "text", "reasoningText", "toolCalls", "finishReason", "rawFinishReason", "usage",
    "responseMessages", "warnings"];
  const out = {};
  for (const name of names) out[name] = await done[name];
  out.model = (await done.response).modelId.replace(/^models\//, "");
  if (schema) out.object = await done.output;
  return out;
};

const googleOptions = { apiKey, httpOptions: { baseUrl: base } };
const anthropic1 = new AnthropicNew({ ...options, baseURL: base });
const anthropic0 = new AnthropicOld({ ...options, baseURL: base });
const genai3 = new GoogleNew(googleOptions);
const genai1 = new GoogleOld(googleOptions);
const viaOpenai = createOpenAI({ apiKey, baseURL: `${base}/v1` });
const viaAnthropic = createAnthropic({ apiKey, baseURL: `${base}/v1` });
const viaGoogle = createGoogle({ apiKey, baseURL: `${base}/v1beta` });
const vercelModels = {
  "ai-chat": (id) => viaOpenai.chat(id),
  "ai-responses": (id) => viaOpenai.responses(id),
  "ai-messages": (id) => viaAnthropic(id),
  "ai-gemini": (id) => viaGoogle(`models/${id}`),
};

const clients = {
  "openai-chat": chat,
  "openai-responses": responses,
  "anthropic-1": messages(anthropic1),
  "anthropic-0": messages(anthropic0),
  "genai-3": google(genai3),
  "genai-1": google(genai1),
  ...Object.fromEntries(Object.entries(vercelModels).map(([name, model]) => [name, vercel(model)])),
};
const loops = loopsOf({ openai, anthropic1, anthropic0, genai3, genai1, vercel: vercelModels });

function kindsOf(error) {
  const kinds = new Set();
  for (let at = error; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    if (at.constructor?.name) kinds.add(at.constructor.name);
  }
  return [...kinds];
}

function described(error) {
  if (!(error instanceof Error)) return { kinds: [], status: null, message: JSON.stringify(error) };
  return {
    kinds: kindsOf(error), status: error.status ?? error.statusCode ?? null,
    message: [error.message, error.code, error.responseBody].filter(Boolean).join(" "),
  };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { client, asked, stream, result } = JSON.parse(line);
  exchange = null;
  const out = {};
  try {
    out.answer = await (result ? loops[client](asked, result, stream) : clients[client](asked, stream));
  } catch (error) {
    out.raised = described(error);
  }
  if (exchange) {
    const { status, headers, parts } = exchange;
    out.exchange = { status, headers, received: Buffer.concat(parts).toString("base64") };
  }
  process.stdout.write(JSON.stringify(out) + "\n");
}
