// Stands between a Node SDK and its socket: keeps the bytes of each exchange, and compares them with
// what the provider saw and said. The same rules as in tap.py.
import assert from "node:assert/strict";
import http from "node:http";

export const world = JSON.parse(process.env.E2E_WORLD);
const OURS = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PATIENCE = 5_000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function connect() {
  const tap = { exchanges: [], last: null, label: null, fetch: null };
  let number = 0;
  tap.fetch = async (url, init = {}) => {
    const headers = new Headers(init.headers);
    const label = `node-${++number}`;
    headers.set("x-client-request-id", label);
    tap.label = label;
    const response = await fetch(url, { ...init, headers });
    const exchange = {
      label, path: new URL(url).pathname, sent: init.body ?? "", sentHeaders: headers,
      status: response.status, headers: response.headers, received: [], complete: false,
    };
    tap.exchanges.push(exchange);
    tap.last = exchange;
    const keep = new TransformStream({
      transform(part, controller) {
        exchange.received.push(part);
        controller.enqueue(part);
      },
      flush() {
        exchange.complete = true;
      },
    });
    const body = response.body?.pipeThrough(keep);
    return new Response(body, { status: response.status, headers: response.headers });
  };
  return tap;
}

async function views() {
  const answers = await Promise.all(Object.values(world.providers).map((at) => fetch(`${at}/_test/records`)));
  return Promise.all(answers.map((answer) => answer.json()));
}

export async function violations() {
  return (await views()).flatMap((view) => view.violations);
}

/// What providers saw of an exchange, once `ready` says so.
export async function recordsOf(exchange, ready = () => true) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const records = (await views()).flatMap((view) => view.records)
      .filter((record) => record.label === exchange.label);
    for (const record of records) {
      record.header = (name) => record.headers.find(([n]) => n.toLowerCase() === name)?.[1];
    }
    if (ready(records)) return records;
    assert.ok(Date.now() < end, `waited ${PATIENCE} ms for what providers see of ${exchange.label}`);
    await pause(20);
  }
}

function control(path, body) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "routerone-contract": "1" };
    const request = http.request({ socketPath: world.control, path, method: "POST", headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, body: JSON.parse(text) }));
    });
    request.on("error", reject).end(JSON.stringify(body));
  });
}

/// The trace of an exchange, which is there as soon as the caller has the whole answer.
export async function trace(exchange) {
  const answer = await control("/traces/show", { name: exchange.headers.get("x-request-id") });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

export async function traceInState(exchange, state) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await control("/traces/show", { name: exchange.headers.get("x-request-id") });
    if (answer.status === 200) {
      assert.equal(answer.body.state, state);
      return answer.body;
    }
    assert.ok(Date.now() < end, JSON.stringify(answer.body));
    await pause(20);
  }
}

function forwarded(exchange, model) {
  const wish = JSON.parse(exchange.sent);
  const body = exchange.sent.replace(/("model"\s*:\s*)"[^"]*"/, (_, name) => name + JSON.stringify(model));
  const asks = ["/v1/chat/completions", "/v1/completions"].includes(exchange.path);
  if (!wish.stream || !asks || wish.stream_options) return [body, false];
  return [body.replace("{", '{"stream_options":{"include_usage":true},'), true];
}

const withoutUnaskedUsage = (answer) =>
  answer.match(/[^]*?\n\n/g).filter((event) => !event.includes('"choices": []')).join("");

/// The rules that hold for every exchange, whatever it was about.
export async function checkExchange(exchange) {
  const { headers } = exchange;
  assert.match(headers.get("x-request-id") ?? "", OURS);
  assert.equal(headers.get("request-id"), headers.get("x-request-id"));
  for (const name of ["set-cookie", "alt-svc", "openai-model"]) assert.equal(headers.get(name), null);
  const records = await recordsOf(exchange);
  for (const record of records) checkRequest(exchange, record);
  if (!headers.get("x-routerone-provider")) return;
  const record = records.find((one) => one.status === exchange.status);
  assert.equal(headers.get("x-routerone-upstream-request-id"), record.request_id);
  assert.equal(headers.get("x-ratelimit-remaining-requests"), "99");
  if (!exchange.complete || !record.finished) return;
  const [, injected] = forwarded(exchange, "");
  const expected = injected && exchange.status === 200 ? withoutUnaskedUsage(record.answer) : record.answer;
  assert.equal(Buffer.concat(exchange.received).toString(), expected);
  assert.equal((await trace(exchange)).upstream_request_id, record.request_id);
}

function checkRequest(exchange, record) {
  assert.equal(record.body, forwarded(exchange, JSON.parse(record.body).model)[0]);
  for (const [name, value] of exchange.sentHeaders) {
    if (/^(x-stainless-|anthropic-|user-agent$|content-type$)/.test(name)) {
      assert.equal(record.header(name), value, `header ${name}`);
    }
  }
}
