#!/usr/bin/env python3
"""What the SDKs are told of money and rates: the cost where they ask for it, the rates of the key, and
the end of a budget in words that each of them shows."""
import contextlib
import datetime
import decimal
import json
import sys

import anthropic
import httpx2
import openai

import cases
from daemon import Daemon
from provider import Provider

ASK = [{"role": "user", "content": "How is the weather in Paris?"}]
PRICE = {"input": 2, "output": 10, "cache_read": 0.5, "cache_write": 2.5}
WANTED = {"extra_body": {"usage": {"include": True}}}


class World:
    def __init__(self, stack):
        self.box = stack.enter_context(Provider(name="box", key="sk-box-1111111111111111"))
        self.abox = stack.enter_context(Provider(name="abox", key="sk-abox-222222222222222",
                                                 auth="x-api-key"))
        self.daemon = stack.enter_context(Daemon())
        self.daemon.add_provider("box", self.box.base, "openai-chat,openai-responses", key=self.box.key)
        self.daemon.add_provider("abox", self.abox.base, "anthropic", "x-api-key", self.abox.key)
        for model in ("box/ok", "abox/ok"):
            self.daemon.control("/models/price", {"model": model, "price": json.dumps(PRICE)})
        self.names = 0

    def key(self, **limits):
        self.names += 1
        return self.daemon.create_key(f"sdk{self.names}", **limits)

    def openai(self, key=None, **options):
        return openai.OpenAI(base_url=f"{self.daemon.base}/v1", api_key=key or self.key(), timeout=30,
                             http_client=httpx2.Client(trust_env=False), **options)

    def anthropic(self, key=None, **options):
        return anthropic.Anthropic(base_url=self.daemon.base, api_key=key or self.key(), timeout=30,
                                   http_client=httpx2.Client(trust_env=False), **options)

    def cost(self, request_id):
        trace = self.daemon.control("/traces/show", {"name": request_id})
        assert trace["cost_picousd"] > 0, trace
        return decimal.Decimal(trace["cost_usd"])


world = None


def same(told, due):
    """The JSON number that was told is the exact cost, as a float can have it."""
    assert told is not None and float(told) == float(due) > 0, (told, due)


def test_cost_whole():
    """chat, responses, messages: a whole answer states its cost where it was asked for, in usage and head"""
    chat, messages = world.openai(), world.anthropic()
    for call, more in ((chat.chat.completions, {"model": "box/ok", "messages": ASK}),
                       (chat.responses, {"model": "box/ok", "input": "hi"}),
                       (messages.messages, {"model": "abox/ok", "messages": ASK, "max_tokens": 64})):
        for asked in (WANTED, {}):
            answer = call.with_raw_response.create(**more, **asked)
            due = world.cost(answer.headers["x-request-id"])
            assert decimal.Decimal(answer.headers["x-routerone-cost-usd"]) == due
            usage = json.loads(answer.http_response.text)["usage"]
            if asked is WANTED:
                same(usage["cost"], due)
                assert answer.parse().usage.cost == usage["cost"]
            else:
                assert "cost" not in usage, usage
    for provider in (world.box, world.abox):
        provider.check()  # none of them was asked for what it does not know


def test_cost_chat_stream():
    """chat: the last chunk of a stream states its cost where it was asked for"""
    client = world.openai()
    for asked, options in ((WANTED, {}), (WANTED, {"stream_options": {"include_usage": True}}),
                           ({}, {"stream_options": {"include_usage": True}}), ({}, {})):
        stream = client.chat.completions.create(model="box/ok", messages=ASK, stream=True, **asked, **options)
        request_id = stream.response.headers["x-request-id"]
        told = [chunk.usage for chunk in stream if chunk.usage is not None]
        if asked:
            assert len(told) == 1, told
            same(told[0].cost, world.cost(request_id))
        else:
            assert len(told) == (1 if options else 0)
            assert all(getattr(usage, "cost", None) is None for usage in told), told


def test_cost_responses_stream():
    """responses: the event that completes a stream states its cost where it was asked for"""
    client = world.openai()
    for asked in (WANTED, {}):
        stream = client.responses.create(model="box/ok", input="hi", stream=True, **asked)
        request_id = stream.response.headers["x-request-id"]
        last = list(stream)[-1]
        assert last.type == "response.completed"
        if asked:
            same(last.response.usage.cost, world.cost(request_id))
        else:
            assert getattr(last.response.usage, "cost", None) is None


def test_cost_messages_stream():
    """messages: the last usage of a stream states its cost where it was asked for"""
    client = world.anthropic()
    for asked in (WANTED, {}):
        stream = client.messages.create(model="abox/ok", messages=ASK, max_tokens=64, stream=True, **asked)
        request_id = stream.response.headers["x-request-id"]
        usages = [event.usage for event in stream if event.type == "message_delta"]
        if asked:
            same(usages[-1].cost, world.cost(request_id))
        else:
            assert getattr(usages[-1], "cost", None) is None


def test_rates_openai():
    """chat: a key's own rates stand in the head, fall with each request, and end in RateLimitError"""
    client = world.openai(world.key(rate_limit="3", token_limit_tpm="100000"), max_retries=0)
    for left in (2, 1, 0):
        answer = client.chat.completions.with_raw_response.create(model="box/ok", messages=ASK, max_tokens=9)
        head = answer.headers
        assert head["x-ratelimit-limit-requests"] == "3", dict(head)
        assert head["x-ratelimit-remaining-requests"] == str(left), dict(head)
        assert head["x-ratelimit-limit-tokens"] == "100000"
        assert 0 < int(head["x-ratelimit-remaining-tokens"]) < 100_000
        assert head["x-ratelimit-reset-requests"].endswith("s")
    try:
        client.chat.completions.create(model="box/ok", messages=ASK)
    except openai.RateLimitError as error:
        assert error.code == "rate_limit_exceeded" and error.type == "rate_limit_error", error.body
        assert 1 <= int(error.response.headers["retry-after"]) <= 60
        assert error.response.headers["x-ratelimit-remaining-requests"] == "0"
        assert not {"credit", "balance", "quota"} & set(str(error.message).lower().split())
    else:
        raise AssertionError("a fourth request in a minute was served")


def test_rates_anthropic():
    """messages: the same in this dialect's words"""
    client = world.anthropic(world.key(rate_limit="1"), max_retries=0)
    answer = client.messages.with_raw_response.create(model="abox/ok", messages=ASK, max_tokens=9)
    head = answer.headers
    assert head["anthropic-ratelimit-requests-limit"] == "1", dict(head)
    assert head["anthropic-ratelimit-requests-remaining"] == "0"
    reset = datetime.datetime.fromisoformat(head["anthropic-ratelimit-requests-reset"].replace("Z", "+00:00"))
    assert reset > datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    assert "x-ratelimit-limit-requests" not in head
    try:
        client.messages.create(model="abox/ok", messages=ASK, max_tokens=9)
    except anthropic.RateLimitError as error:
        assert error.body["error"]["type"] == "rate_limit_error", error.body
        assert 1 <= int(error.response.headers["retry-after"]) <= 60
    else:
        raise AssertionError("a second request in a minute was served")


def used_up(dialect):
    """A key that has spent what it may: its limit is lowered to that."""
    key = world.key(max_spend="1", every="total")
    name = f"sdk{world.names}"
    call, model = ((world.anthropic(key).messages.create, "abox/ok") if dialect == "anthropic" else
                   (world.openai(key).chat.completions.create, "box/ok"))
    for _ in range(40):  # until more is spent than one request could cost
        call(model=model, messages=ASK, max_tokens=9)
    spent = world.daemon.control("/budgets/show", {"name": f"key:{name}"})["spent_usd"]
    limit = str(decimal.Decimal(spent) + decimal.Decimal("0.0005"))
    world.daemon.control("/budgets/set", {"scope": f"key:{name}", "max_spend": limit, "every": "total"})
    return key, spent


def traced():
    return len(world.daemon.traces())


def test_used_up_openai():
    """chat, responses: a used-up limit is a 402 with its numbers, which the SDK does not retry"""
    key, spent = used_up("openai-chat")
    client = world.openai(key, max_retries=3)
    for call, more in ((client.chat.completions.create, {"messages": ASK, "max_tokens": 9}),
                       (client.responses.create, {"input": "hi", "max_output_tokens": 9})):
        before = traced()
        try:
            call(model="box/ok", **more)
        except openai.APIStatusError as error:
            assert error.status_code == 402 and error.code == "insufficient_balance", error.body
            assert error.type == "billing_error" and spent in error.message, error.message
            assert "routerone budgets set key:" in error.message, error.message
            assert error.response.headers["x-should-retry"] == "false"
        else:
            raise AssertionError("served beyond the limit")
        assert traced() == before + 1, "it was retried"


def test_used_up_anthropic():
    """messages: the same in this dialect's words"""
    key, spent = used_up("anthropic")
    client = world.anthropic(key, max_retries=3)
    before = traced()
    try:
        client.messages.create(model="abox/ok", messages=ASK, max_tokens=9)
    except anthropic.APIStatusError as error:
        assert error.status_code == 402 and error.body["error"]["type"] == "billing_error", error.body
        assert spent in error.body["error"]["message"], error.body
        assert error.response.headers["x-should-retry"] == "false"
    else:
        raise AssertionError("served beyond the limit")
    assert traced() == before + 1, "it was retried"


def test_used_up_codex():
    """an agent that retries 402 in silence is told with 400 and the code that it shows at once"""
    key, spent = used_up("openai-chat")
    client = world.openai(key, max_retries=0, default_headers={"User-Agent": "codex_cli_rs/0.169 (Linux)"})
    for stream in (False, True):
        try:
            client.responses.create(model="box/ok", input="hi", max_output_tokens=9, stream=stream)
        except openai.BadRequestError as error:
            assert error.code == "invalid_prompt" and spent in error.message, error.body
        else:
            raise AssertionError("served beyond the limit")


if __name__ == "__main__":
    with contextlib.ExitStack() as everything:
        world = World(everything)
        sys.exit(cases.run("money_sdk", cases.collect(globals())))
