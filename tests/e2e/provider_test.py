"""The scripted provider is as strict as the tours rely on: each breach, sent to it directly, is seen."""
import http.client
import json
import sys

import cases
from provider import Provider

TURN = [{"role": "user", "content": "hi"}]
CHAT = {"model": "ok", "messages": TURN}
MESSAGES = {"model": "ok", "messages": TURN, "max_tokens": 9}
RULES = {
    "a routerone key": (CHAT, {"X-Title": "sk-rk-abc"}, "a routerone key is in it"),
    "a wrong credential": (CHAT, {"Authorization": "Bearer other"}, "is not this provider's key"),
    "a second credential": (CHAT, {"x-api-key": "other"}, "although this provider takes bearer"),
    "a foreign Host": (CHAT, {"Host": "localhost"}, "Host is 'localhost'"),
    "a cookie": (CHAT, {"Cookie": "a=b"}, "header cookie must not reach"),
    "a header of ours": (CHAT, {"X-Routerone-Tag": "a"}, "header x-routerone-tag must not reach"),
    "a hop-by-hop header": (CHAT, {"TE": "trailers"}, "header te must not reach"),
    "a wish for compression": (CHAT, {"Accept-Encoding": "gzip"}, "Accept-Encoding is 'gzip'"),
    "another content type": (CHAT, {"Content-Type": "text/plain"}, "Content-Type is"),
    "an unknown field": ({**CHAT, "routerone": 1}, {}, "unknown field 'routerone'"),
    "a missing field": ({"model": "ok"}, {}, "field 'messages' is missing"),
    "stream_options alone": ({**CHAT, "stream_options": {}}, {}, "stream_options without stream"),
    "a wrong role": ({**CHAT, "messages": [{"role": "me", "content": ""}]}, {}, "role 'me'"),
    "a wrong part": ({**CHAT, "messages": [{"role": "user", "content": [{"type": "x"}]}]}, {}, "part 'x'"),
    "an unasked tool result": ({**CHAT, "messages": [{"role": "tool", "tool_call_id": "a", "content": ""}]},
                               {}, "follows no call"),
    "include_usage in Responses": ({"model": "ok", "input": "hi", "stream": True,
                                    "stream_options": {"include_usage": True}}, {}, "include_usage"),
    "no anthropic-version": (MESSAGES, {"anthropic-version": None}, "anthropic-version is missing"),
    "no max_tokens": ({"model": "ok", "messages": TURN, "max_tokens": None}, {"anthropic-version": "1"},
                      "max_tokens is not"),
}


def post(provider, body, headers):
    path = "/v1/chat/completions"
    if "input" in body:
        path = "/v1/responses"
    elif "max_tokens" in body:
        path = "/v1/messages"
    sent = {"Authorization": f"Bearer {provider.key}", "Content-Type": "application/json",
            "Host": provider.host, "Accept-Encoding": "identity", **headers}
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=10)
    connection.request("POST", path, json.dumps(body),
                       {name: value for name, value in sent.items() if value is not None})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_sound():
    """a sound request is answered and is no breach"""
    with Provider() as provider:
        assert post(provider, CHAT, {}) == 200
        assert post(provider, MESSAGES, {"anthropic-version": "2023-06-01"}) == 200
        provider.check()


def test_breaches():
    """each breach is refused and kept"""
    for name, (body, headers, words) in RULES.items():
        with Provider() as provider:
            assert post(provider, body, headers) == 400, name
            found = [one for one in provider.violations if words in one]
            assert found, f"{name}: {words!r} is not in {provider.violations}"


if __name__ == "__main__":
    sys.exit(cases.run("provider", cases.collect(globals())))
