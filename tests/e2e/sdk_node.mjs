// The tour of the Node SDKs: openai, and two generations of @anthropic-ai/sdk. Run by world.py, which
// sets the stage and describes it in $E2E_WORLD.
import assert from "node:assert/strict";
import AnthropicNew, * as anthropicNew from "@anthropic-ai/sdk";
import AnthropicOld, * as anthropicOld from "anthropic-sdk-0";
import OpenAI, * as openaiErrors from "openai";
import { checkExchange, connect, recordsOf, trace, traceInState, violations, world } from "./tap.mjs";

const TEXT = 'Hello, this is an answer with ünïcode — and "quotes".';
const AFTER_TOOL = "It is 21 degrees.";
const CALLED_WITH = { city: "Paris", unit: "celsius" };
const ASK = [{ role: "user", content: "How is the weather in Paris?" }];
const PARAMETERS = { type: "object", properties: { city: { type: "string" }, unit: { type: "string" } } };
const CHAT_TOOL = { type: "function", function: { name: "get_weather", parameters: PARAMETERS } };
const RESPONSES_TOOL = { type: "function", name: "get_weather", parameters: PARAMETERS, strict: false };
const MESSAGES_TOOL = { name: "get_weather", description: "Weather", input_schema: PARAMETERS };

const tap = connect();
const options = { maxRetries: 0, timeout: 30_000, fetch: tap.fetch };
const clients = (more = {}) => ({
  openai: new OpenAI({ ...options, baseURL: `${world.base}/v1`, apiKey: world.key, ...more }),
  fresh: new AnthropicNew({ ...options, baseURL: world.base, apiKey: world.key, ...more }),
  old: new AnthropicOld({ ...options, baseURL: world.base, apiKey: world.key, ...more }),
});
const { openai, fresh, old } = clients();
const generations = [[fresh, anthropicNew], [old, anthropicOld]];

const chat = (model, more = {}, sdk = openai) => sdk.chat.completions.create({ model, messages: ASK, ...more });
const message = (sdk, model, more = {}) => sdk.messages.create({ model, messages: ASK, max_tokens: 64, ...more });
const respond = (model, more = {}) => openai.responses.create({ model, input: "Hi", ...more });

async function all(stream) {
  const events = [];
  for await (const event of await stream) events.push(event);
  return events;
}
const words = (chunks) => chunks.map((chunk) => chunk.choices[0].delta.content ?? "").join("");

async function refused(kind, status, call, text = "") {
  const error = await call().then(() => assert.fail(`it did not throw ${kind.name}`), (thrown) => thrown);
  assert.equal(error.constructor, kind, `${error.constructor.name} (${error.message}) instead of ${kind.name}`);
  assert.equal(error.status, status);
  assert.equal(tap.last.status, status);
  assert.equal(error.requestID, tap.last.headers.get("x-request-id"));
  assert.ok(error.message.includes(text), `"${text}" is not in "${error.message}"`);
  return error;
}

const cases = {
  "chat: whole, with usage, request id and trace": async () => {
    const answer = await chat("box/ok");
    assert.equal(answer.choices[0].message.content, TEXT);
    assert.equal(answer.usage.total_tokens, 21);
    assert.equal(answer._request_id, tap.last.headers.get("x-request-id"));
    const row = await trace(tap.last);
    assert.equal(row.state, "completed");
    assert.equal(row.cost_picousd, 8 * 2_000_000 + 3 * 500_000 + 10 * 10_000_000);
  },
  "chat: streamed, without and with usage": async () => {
    const silent = await all(chat("box/ok", { stream: true }));
    assert.equal(words(silent), TEXT);
    assert.ok(silent.every((chunk) => chunk.choices.length === 1 && !chunk.usage));
    assert.equal((await trace(tap.last)).output_tokens, 10);
    const telling = await all(chat("box/ok", { stream: true, stream_options: { include_usage: true } }));
    assert.equal(telling.at(-1).usage.total_tokens, 21);
  },
  "chat: a tool is called, whole and streamed, and its result is sent back": async () => {
    const called = (await chat("box/tool", { tools: [CHAT_TOOL] })).choices[0].message;
    assert.deepEqual(JSON.parse(called.tool_calls[0].function.arguments), CALLED_WITH);
    const chunks = await all(chat("box/tool", { tools: [CHAT_TOOL], stream: true }));
    const parts = chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []);
    assert.deepEqual(JSON.parse(parts.map((part) => part.function.arguments).join("")), CALLED_WITH);
    const result = { role: "tool", tool_call_id: called.tool_calls[0].id, content: "21" };
    const final = await chat("box/tool", { tools: [CHAT_TOOL], messages: [...ASK, called, result] });
    assert.equal(final.choices[0].message.content, AFTER_TOOL);
  },
  "completions and embeddings": async () => {
    assert.equal((await openai.completions.create({ model: "box/ok", prompt: "Hi" })).choices[0].text, TEXT);
    const chunks = await all(openai.completions.create({ model: "box/ok", prompt: "Hi", stream: true }));
    assert.equal(chunks.map((chunk) => chunk.choices[0].text).join(""), TEXT);
    for (const more of [{}, { encoding_format: "float" }]) {
      const answer = await openai.embeddings.create({ model: "box/embed", input: ["one"], ...more });
      assert.deepEqual(Array.from(answer.data[0].embedding), [0.25, -0.5, 0.125, 1]);
    }
  },
  "responses: whole, streamed and with a tool": async () => {
    assert.equal((await respond("box/ok")).output_text, TEXT);
    const events = await all(respond("box/ok", { stream: true }));
    assert.equal(events.at(-1).type, "response.completed");
    const call = (await respond("box/tool", { tools: [RESPONSES_TOOL] })).output[0];
    assert.deepEqual(JSON.parse(call.arguments), CALLED_WITH);
    const parts = await all(respond("box/tool", { tools: [RESPONSES_TOOL], stream: true }));
    const deltas = parts.filter((event) => event.type === "response.function_call_arguments.delta");
    assert.deepEqual(JSON.parse(deltas.map((event) => event.delta).join("")), CALLED_WITH);
    const input = [{ role: "user", content: "Hi" }, call,
      { type: "function_call_output", call_id: call.call_id, output: "21" }];
    assert.equal((await respond("box/tool", { tools: [RESPONSES_TOOL], input })).output_text, AFTER_TOOL);
  },
  "messages: whole, streamed and counted": async () => {
    for (const [sdk] of generations) {
      const answer = await message(sdk, "abox/ok");
      assert.equal(answer.content[0].text, TEXT);
      assert.equal(answer._request_id, tap.last.headers.get("request-id"));
      const events = await all(message(sdk, "abox/ok", { stream: true }));
      assert.equal(events.at(-1).type, "message_stop");
      const stream = sdk.messages.stream({ model: "abox/ok", messages: ASK, max_tokens: 64 });
      assert.equal((await stream.finalMessage()).content[0].text, TEXT);
      assert.equal((await trace(tap.last)).cache_write_tokens, 2);
      const counted = await sdk.messages.countTokens({ model: "abox/ok", messages: ASK });
      assert.equal(counted.input_tokens, 42);
      assert.equal((await trace(tap.last)).cost_picousd, 0);
      await sdk.beta.messages.create({ model: "abox/ok", messages: ASK, max_tokens: 64, betas: ["a-1", "b-2"] });
      const [record] = await recordsOf(tap.last);
      assert.equal(record.header("anthropic-beta"), "a-1,b-2");
    }
  },
  "messages: a tool is called, whole and streamed, and its result is sent back": async () => {
    for (const [sdk] of generations) {
      const answer = await message(sdk, "abox/tool", { tools: [MESSAGES_TOOL] });
      assert.deepEqual(answer.content[0].input, CALLED_WITH);
      const stream = sdk.messages.stream({ model: "abox/tool", messages: ASK, max_tokens: 64, tools: [MESSAGES_TOOL] });
      assert.deepEqual((await stream.finalMessage()).content[0].input, CALLED_WITH);
      const result = { type: "tool_result", tool_use_id: answer.content[0].id, content: "21" };
      const messages = [...ASK, { role: "assistant", content: answer.content }, { role: "user", content: [result] }];
      const final = await message(sdk, "abox/tool", { tools: [MESSAGES_TOOL], messages });
      assert.equal(final.content[0].text, AFTER_TOOL);
    }
  },
  "models: listed and retrieved, ids with a slash too": async () => {
    const listed = (await openai.models.list()).data.map((model) => model.id);
    assert.ok(listed.includes(world.failover_chat));
    assert.equal((await openai.models.retrieve(world.failover_chat)).id, world.failover_chat);
    await refused(openaiErrors.NotFoundError, 404, () => openai.models.retrieve("no/such"));
    for (const [sdk, kinds] of generations) {
      const shown = (await sdk.models.list()).data;
      assert.ok(shown.some((model) => model.id === world.failover_messages && model.type === "model"));
      assert.ok((await sdk.models.retrieve(world.failover_messages)).display_name);
      await refused(kinds.NotFoundError, 404, () => sdk.models.retrieve("no/such"));
    }
  },
  "errors: 400 and 422 of a provider come through with their words": async () => {
    for (const [status, name] of [[400, "BadRequestError"], [422, "UnprocessableEntityError"]]) {
      const text = `scripted failure ${status}`;
      const model = `err-${status}`;
      await refused(openaiErrors[name], status, () => chat(`box/${model}`), text);
      await refused(openaiErrors[name], status, () => chat(`box/${model}`, { stream: true }), text);
      await refused(openaiErrors[name], status, () => respond(`box/${model}`), text);
      for (const [sdk, kinds] of generations) {
        await refused(kinds[name], status, () => message(sdk, `abox/${model}`), text);
      }
    }
  },
  "errors: a wrong routerone key is 401, and is not tried again": async () => {
    const apiKey = world.key.slice(0, -4) + (world.key.endsWith("aaaa") ? "bbbb" : "aaaa");
    const wrong = clients({ apiKey, maxRetries: 2 });
    const before = tap.exchanges.length;
    const error = await refused(openaiErrors.AuthenticationError, 401, () => chat("box/ok", {}, wrong.openai));
    assert.equal(error.code, "invalid_api_key");
    await refused(anthropicNew.AuthenticationError, 401, () => message(wrong.fresh, "abox/ok"), "routerone key");
    await refused(anthropicOld.AuthenticationError, 401, () => message(wrong.old, "abox/ok"), "routerone key");
    assert.equal(tap.exchanges.length, before + 3, "it was tried again");
  },
  "errors: a web page is 403, an unknown model 404, a body above 32 MiB 413": async () => {
    const defaultHeaders = { Origin: "https://example.com" };
    const page = clients({ defaultHeaders });
    await refused(openaiErrors.PermissionDeniedError, 403, () => chat("box/ok", {}, page.openai));
    const error = await refused(openaiErrors.NotFoundError, 404, () => chat("no-such-model"));
    assert.equal(error.code, "model_not_found");
    await refused(openaiErrors.NotFoundError, 404, () => chat("box/err-404"), "does not exist");
    const messages = [{ role: "user", content: "x".repeat(33 << 20) }];
    await refused(openaiErrors.APIError, 413, () => chat("box/ok", { messages }));
    for (const [sdk, kinds] of generations) {
      const other = sdk === fresh ? page.fresh : page.old;
      await refused(kinds.PermissionDeniedError, 403, () => message(other, "abox/ok"));
      await refused(kinds.NotFoundError, 404, () => message(sdk, "no-such-model"));
      await refused(kinds.ContentTooLargeError ?? kinds.APIError, 413, () => message(sdk, "abox/ok", { messages }));
    }
    tap.exchanges.length = 0;
  },
  "errors: 429 says when to come back": async () => {
    await refused(openaiErrors.RateLimitError, 429, () => chat("box/err-429"));
    assert.ok(Number(tap.last.headers.get("retry-after")) <= 7);
    for (const [sdk, kinds] of generations) {
      await refused(kinds.RateLimitError, 429, () => message(sdk, "abox/err-429"));
      assert.ok(Number(tap.last.headers.get("retry-after")) <= 7);
    }
  },
  "errors: what a provider fails at is 502, 503 or 529": async () => {
    for (const status of [500, 502, 503, 529]) {
      await refused(openaiErrors.InternalServerError, 503, () => chat(`box/err-${status}`));
      for (const [sdk, kinds] of generations) {
        const kind = kinds.OverloadedError ?? kinds.InternalServerError;
        await refused(kind, 529, () => message(sdk, `abox/err-${status}`));
      }
    }
    await refused(openaiErrors.InternalServerError, 502, () => chat("box/err-401"));
    for (const [sdk, kinds] of generations) {
      await refused(kinds.InternalServerError, 502, () => message(sdk, "abox/err-401"));
    }
  },
  "errors: a stream that dies is an error, never a shorter answer": async () => {
    const broken = async (call, kind) => {
      const error = await all(call()).then(() => assert.fail("it ended as if it were whole"), (thrown) => thrown);
      assert.ok(error instanceof kind, `${error.constructor.name}: ${error.message}`);
      await traceInState(tap.last, "upstream_failed");
    };
    await broken(() => chat("box/cut", { stream: true }), openaiErrors.APIError);
    for (const [sdk, kinds] of generations) {
      await broken(() => message(sdk, "abox/cut", { stream: true }), kinds.APIError);
    }
  },
  "a caller that leaves in the middle of a stream: the provider is hung up on": async () => {
    const calls = [() => chat("box/slow", { stream: true }), () => respond("box/slow", { stream: true }),
      () => message(fresh, "abox/slow", { stream: true }), () => message(old, "abox/slow", { stream: true })];
    for (const call of calls) {
      const stream = await call();
      let seen = 0;
      for await (const _ of stream) if (++seen === 4) break;
      await traceInState(tap.last, "client_gone");
      const [record] = await recordsOf(tap.last, (found) => found[0]?.disconnected);
      assert.ok(record.disconnected && !record.finished);
    }
  },
  "a caller that aborts while it waits for a whole answer: the provider is hung up on": async () => {
    const signal = AbortSignal.timeout(300);
    const call = openai.chat.completions.create({ model: "box/slow", messages: ASK }, { signal });
    await assert.rejects(call, openaiErrors.APIUserAbortError);
    const [record] = await recordsOf({ label: tap.label }, (found) => found[0]?.disconnected);
    assert.ok(record.disconnected);
  },
  "32 at once, of all sorts": async () => {
    const sorts = [
      async () => (await chat("box/think")).choices[0].message.content,
      async () => words(await all(chat("box/think", { stream: true }))),
      async () => (await message(fresh, "abox/think")).content[0].text,
      async () => (await message(old, "abox/think")).content[0].text,
    ];
    const answers = await Promise.all(Array.from({ length: 32 }, (_, n) => sorts[n % 4]()));
    assert.deepEqual(answers, Array(32).fill(TEXT));
  },
  "failover: where the first provider fails or is down, the second serves": async () => {
    assert.equal((await chat(world.failover_chat)).choices[0].message.content, TEXT);
    assert.equal(tap.last.headers.get("x-routerone-route"), "fallback");
    assert.equal(tap.last.headers.get("x-routerone-provider"), "openrouter");
    assert.equal(words(await all(chat(world.failover_chat, { stream: true }))), TEXT);
    assert.equal((await respond(world.failover_chat)).output_text, TEXT);
    assert.equal((await chat(world.fallback)).choices[0].message.content, TEXT);
    for (const [sdk] of generations) {
      assert.equal((await message(sdk, world.failover_messages)).content[0].text, TEXT);
      assert.equal((await trace(tap.last)).route, "fallback");
    }
  },
};

let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  const began = performance.now();
  let trouble = "";
  try {
    await run();
    for (const exchange of tap.exchanges.splice(0)) await checkExchange(exchange);
    assert.deepEqual(await violations(), []);
  } catch (error) {
    trouble = `\n${error.stack ?? error}`;
    failed += 1;
    tap.exchanges.length = 0;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(2);
  console.log(`${trouble ? "FAILED " : "ok     "} node: ${name} (${seconds} s)${trouble}`);
}
process.exit(failed ? 1 : 0);
