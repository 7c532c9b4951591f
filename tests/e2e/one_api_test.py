#!/usr/bin/env python3
"""routerone as a channel of one-api and new-api: models, balance and test as they do them, and no
passing trouble that would make them take the channel out of service."""
import contextlib
import decimal
import json
import sys

import cases
from daemon import Daemon
from one_api import Channel, ChannelError, disables
from provider import Provider
from raw_caller import Caller, request_body

MODEL = "openai/gpt-5-mini"
CLAUDE = "anthropic/claude-haiku-5.5"
PRICE = {"input": 2, "output": 10}
LIMIT = decimal.Decimal("5")


class World:
    """A daemon whose providers' models are in the catalog, so that they are listed and have a price."""

    def __init__(self, stack):
        self.chat = stack.enter_context(Provider(name="openai", key="sk-openai-11111111111111"))
        self.claude = stack.enter_context(
            Provider(name="anthropic", key="sk-anthropic-2222222222", auth="x-api-key"))
        self.daemon = stack.enter_context(Daemon())
        self.daemon.add_provider("openai", self.chat.base, "openai-chat,openai-responses",
                                 key=self.chat.key)
        self.daemon.add_provider("anthropic", self.claude.base, "anthropic", "x-api-key",
                                 self.claude.key)
        self.box = stack.enter_context(Provider(name="box", key="sk-box-333333333333333"))
        self.abox = stack.enter_context(
            Provider(name="abox", key="sk-abox-44444444444444", auth="x-api-key"))
        self.daemon.add_provider("box", self.box.base, "openai-chat,openai-responses", key=self.box.key)
        self.daemon.add_provider("abox", self.abox.base, "anthropic", "x-api-key", self.abox.key)
        for model in ("box/ok", "box/slow"):
            self.daemon.control("/models/price", {"model": model, "price": json.dumps(PRICE)})
        self.tried = 0
        self.names = 0

    def channel(self, **limits):
        self.names += 1
        return Channel(self.daemon.base, self.daemon.create_key(f"relay{self.names}", **limits))

    def fresh(self, provider, status):
        """A model that fails so, and that nobody has asked for yet."""
        self.tried += 1
        return f"{provider}/m{self.tried}/err-{status}"

    @contextlib.contextmanager
    def under_way(self, channel, max_tokens):
        """A stream that lasts as long as the block."""
        caller = Caller(self.daemon, channel.key)
        body = json.loads(request_body("openai-chat", "box/slow", stream=True))
        caller.send("openai-chat", json.dumps({**body, "max_tokens": max_tokens}).encode())
        status, _ = caller.read_head()
        assert status == 200, status
        try:
            yield
        finally:
            caller.close()

    def budget(self):
        """How the newest channel's key stands, the amounts as numbers."""
        told = self.daemon.control("/budgets/show", {"name": f"key:relay{self.names}"})
        return {name: decimal.Decimal(told[name]) for name in ("left_usd", "reserved_usd")}

    def spent(self, channel_number):
        """What the traces of that key say it cost."""
        rows = self.daemon.traces(f"key=relay{channel_number}")
        return sum(decimal.Decimal(row["cost_picousd"]) for row in rows) / 10**12

    def wait_spent(self, count):
        self.daemon.wait_traces(count, f"key=relay{self.names}")
        return self.spent(self.names)


world = None


def fails(channel, *wish, **more):
    try:
        channel.test(*wish, **more)
    except ChannelError as failure:
        return failure
    raise AssertionError("the test passed")


def test_models():
    """the models are synced, each once and usable as it stands"""
    channel = world.channel()
    models = channel.sync_models()
    assert MODEL in models and CLAUDE in models, models[:20]
    assert len(models) == len(set(models))


def test_channel_test():
    """the channel test passes in every endpoint type, whole and streamed, with usage"""
    channel = world.channel(max_spend=str(LIMIT))
    for model, endpoint in ((MODEL, "openai"), (MODEL, "openai-response"), (CLAUDE, "anthropic")):
        for stream in (False, True):
            usage = channel.test(model, stream, endpoint)
            assert usage, (endpoint, stream)
    assert channel.enabled
    world.chat.check()
    world.claude.check()


def test_balance():
    """the balance is the limit less what the traces say was spent, to the picodollar, by both readings"""
    channel = world.channel(max_spend=str(LIMIT))
    assert channel.update_balance() == channel.update_openrouter_balance() == LIMIT
    for n in range(1, 4):
        channel.test(MODEL, stream=n % 2 == 0)
        spent = world.wait_spent(n)
        assert spent > 0
        assert channel.update_balance() == LIMIT - spent, spent
        assert channel.update_openrouter_balance() == LIMIT - spent
    assert channel.enabled


def test_unlimited():
    """a key without a limit is never taken for one that is used up"""
    channel = world.channel()
    channel.test(MODEL)
    world.wait_spent(1)
    assert channel.update_balance() > 1_000_000 and channel.update_openrouter_balance() > 1_000_000
    assert channel.enabled


def test_balance_while_money_is_held():
    """requests under way do not make the balance look used up"""
    channel = world.channel(max_spend="0.5", on_limit="refuse")
    with world.under_way(channel, max_tokens=45_000):
        assert world.budget()["left_usd"] < decimal.Decimal("0.1")
        half = decimal.Decimal("0.5")
        assert channel.update_balance() == channel.update_openrouter_balance() == half
    assert channel.enabled


def test_money_held_by_others():
    """what others hold is a passing refusal: 429, and no word that would disable the channel"""
    channel = world.channel(max_spend="0.5", on_limit="refuse")
    with world.under_way(channel, max_tokens=40_000):
        tight = world.budget()["reserved_usd"] + decimal.Decimal("0.00005")
        world.daemon.control("/keys/update", {"name": f"relay{world.names}", "max_spend": str(tight)})
        failure = fails(channel, "box/ok")
    assert failure.status == 429, failure
    assert not disables(failure), disables(failure)
    assert channel.enabled, channel.why


def test_upstream_trouble():
    """an upstream that is down, overloaded or rate limited does not disable the channel"""
    channel = world.channel()
    for status in (408, 429, 500, 502, 503, 529):
        for provider, endpoint in (("box", "openai"), ("box", "openai-response"), ("abox", "anthropic")):
            for stream in (False, True):
                model = world.fresh(provider, status)
                # First the upstream says it, then we do: it is left alone for a while.
                for failure in (fails(channel, model, stream, endpoint) for _ in range(2)):
                    assert failure.status in (408, 429, 500, 502, 503, 529), failure
                    assert not disables(failure), (status, disables(failure), failure)
    assert channel.enabled, channel.why


def test_our_credential():
    """a credential of ours that the upstream refuses is not the relay's: its channel stays"""
    for status in (401, 402, 403):
        with contextlib.ExitStack() as stack:
            alone = World(stack)
            channel = alone.channel()
            failure = fails(channel, alone.fresh("box", status))
            assert failure.status == 502, failure
            assert not disables(failure), disables(failure)
            assert channel.enabled, channel.why


def test_our_rates():
    """our own 429s, for requests, tokens and concurrency, do not disable the channel"""
    for limit in ({"rate_limit": "2"}, {"requests_per_day": "2"}, {"token_limit_tpm": "60"},
                  {"concurrency": "1"}):
        channel = world.channel(**limit)
        with world.under_way(channel, max_tokens=16):
            failure = until_refused(channel)
        assert failure.status == 429, (limit, failure)
        assert not disables(failure), disables(failure)
        assert channel.enabled, channel.why


def until_refused(channel):
    for _ in range(20):
        try:
            channel.test(MODEL)
        except ChannelError as failure:
            return failure
    raise AssertionError("no rate was enforced")


def test_used_up():
    """a limit that is used up is a 402, and the balance is what no request fits in any more"""
    channel = world.channel(max_spend="0.001")
    for _ in range(200):
        try:
            channel.test(MODEL)
        except ChannelError as failure:
            assert failure.status == 402, failure
            assert channel.update_balance() < decimal.Decimal("0.0004")
            return
    raise AssertionError("the limit was never reached")


def test_wrong_key():
    """a wrong key is refused at each of the calls, and disables"""
    channel = Channel(world.daemon.base, "sk-rk-wrong")
    for call in (channel.sync_models, channel.update_balance, channel.update_openrouter_balance):
        try:
            call()
        except ChannelError as failure:
            assert failure.status == 401
        else:
            raise AssertionError(call)
    assert disables(fails(channel, MODEL))


if __name__ == "__main__":
    with contextlib.ExitStack() as everything:
        world = World(everything)
        sys.exit(cases.run("one-api", cases.collect(globals())))
