"""Stands between a Python SDK and its socket: keeps the bytes of each exchange, and compares them
with what the provider saw and said. Needs httpx2, which the SDKs bring."""
import itertools
import json
import re

import httpx2

OURS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
NEVER_RETURNED = ("set-cookie", "alt-svc", "openai-model")
ASKS_USAGE = ("/v1/chat/completions", "/v1/completions")


class Exchange:
    def __init__(self, label, request, response):
        self.label, self.path = label, request.url.path
        self.sent_headers, self.sent = request.headers, request.content
        self.status, self.headers = response.status_code, response.headers
        self.received, self.complete = b"", False


class Kept(httpx2.SyncByteStream):
    def __init__(self, stream, exchange):
        self.stream, self.exchange = stream, exchange

    def __iter__(self):
        for part in self.stream:
            self.exchange.received += part
            yield part
        self.exchange.complete = True

    def close(self):
        self.stream.close()


class Tap(httpx2.BaseTransport):
    def __init__(self, name):
        self.name, self.exchanges, self.numbers = name, [], itertools.count(1)
        limits = httpx2.Limits(max_connections=64, max_keepalive_connections=64)
        self.inner = httpx2.HTTPTransport(trust_env=False, limits=limits)

    def handle_request(self, request):
        label = f"{self.name}-{next(self.numbers)}"
        request.headers["x-client-request-id"] = label
        request.read()
        response = self.inner.handle_request(request)
        exchange = Exchange(label, request, response)
        self.exchanges.append(exchange)
        response.stream = Kept(response.stream, exchange)
        return response

    def close(self):
        self.inner.close()


def forwarded(sent, path, model):
    """What must reach a provider of `sent`, with the model it calls `model`; and whether usage was
    asked for that the caller does not want to see."""
    wish = json.loads(sent)
    body = re.sub(rb'("model"\s*:\s*)"[^"]*"', lambda m: m[1] + json.dumps(model).encode(), sent, count=1)
    if not wish.get("stream") or path not in ASKS_USAGE:
        return body, False
    if "stream_options" not in wish:
        return body.replace(b"{", b'{"stream_options":{"include_usage":true},', 1), True
    asked = wish["stream_options"].get("include_usage")
    return (body, False) if asked else (re.sub(rb'("include_usage"\s*:\s*)false', rb"\1true", body), True)


def without_unasked_usage(answer):
    return b"".join(part for part in re.findall(rb".*?\n\n", answer, re.S) if b'"choices": []' not in part)


def check_exchange(exchange, world):
    """The rules that hold for every exchange, whatever it was about."""
    headers = exchange.headers
    assert OURS.fullmatch(headers["x-request-id"]), f"x-request-id is {headers['x-request-id']!r}"
    assert headers["request-id"] == headers["x-request-id"], "two different request ids"
    for name in NEVER_RETURNED:
        assert name not in headers, f"{name} came back"
    records = world.of(exchange.label)
    for record in records:
        check_request(exchange, record)
    if "x-routerone-provider" in headers:
        check_answer(exchange, next(r for r in records if r.status == exchange.status))


def check_request(exchange, record):
    expected, _ = forwarded(exchange.sent, exchange.path, record.json()["model"])
    assert record.body == expected, f"sent {exchange.sent!r}\nbut the provider saw {record.body!r}"
    for name, value in exchange.sent_headers.items():
        if name.startswith(("x-stainless-", "anthropic-")) or name in ("user-agent", "content-type"):
            assert record.header(name) == value, f"{name}: {value!r} became {record.header(name)!r}"


def check_answer(exchange, record):
    headers, anthropic = exchange.headers, exchange.path.startswith("/v1/messages")
    assert headers["x-routerone-upstream-request-id"] == record.request_id
    assert headers["x-ratelimit-remaining-requests"] == "99"
    assert headers.get("anthropic-ratelimit-requests-remaining") == ("98" if anthropic else None)
    assert headers.get("openai-processing-ms") == (None if anthropic else "12")
    if not (exchange.complete and record.finished):
        return
    _, injected = forwarded(exchange.sent, exchange.path, "")
    expected = without_unasked_usage(record.answer) if injected and exchange.status == 200 else record.answer
    assert exchange.received == expected, f"said {expected!r}\nbut the caller got {exchange.received!r}"


def check_trace(exchange, world):
    """Every exchange has its trace, committed before the caller saw its end."""
    trace = world.daemon.control("/traces/show", {"name": exchange.headers["x-request-id"]})
    if exchange.complete:
        assert trace["status"] == exchange.status, trace
    if "x-routerone-provider" in exchange.headers:
        assert trace["provider"] == exchange.headers["x-routerone-provider"], trace
        assert trace["upstream_request_id"] == exchange.headers["x-routerone-upstream-request-id"]
    return trace
