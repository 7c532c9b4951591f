#!/usr/bin/env python3
"""Fault row 26: the wall clock jumps while the daemon runs, and between two of its lives. No jump opens a
second window of a limit, none refuses what is allowed, nothing takes less than no time."""
import contextlib
import datetime
import decimal
import json
import sys

import cases
from daemon import Daemon
from fake_clock import faketime
from raw_caller import Caller
from tcp_provider import TcpProvider, json_answer

# One dollar an answer, whatever is asked.
ANSWER = {"id": "c1", "object": "chat.completion", "model": "m", "choices": [
    {"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 0, "total_tokens": 1000}}
PRICE = {"input": 1000, "output": 0}
NOON = datetime.datetime(2026, 11, 18, 12, 0, 0, tzinfo=datetime.timezone.utc)
LIMIT = "3"  # a request could cost 1.1 USD, and costs one: two are let through
HOUR, DAY = 3600, 86400


def rfc3339(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class World:
    """A daemon whose wall clock stands `shift` seconds from a day at noon, as a file tells it."""

    def __init__(self, stack):
        self.provider = stack.enter_context(TcpProvider(self._script))
        self.daemon = Daemon()
        self.clock_file = self.daemon.home / "clock"
        self.began = datetime.datetime.now(datetime.timezone.utc)
        env = faketime(rfc3339(NOON))
        del env["FAKETIME"]
        self.daemon.extra_env = {**env, "FAKETIME_TIMESTAMP_FILE": str(self.clock_file)}
        self.jump(0)
        stack.enter_context(self.daemon)
        self.daemon.add_provider("box", self.provider.base, "openai-chat")
        self.daemon.control("/models/price", {"model": "box/m", "price": json.dumps(PRICE)})
        self.names = 0

    @staticmethod
    def _script(connection):
        while connection.read_request():
            connection.send(json_answer(json.dumps(ANSWER).encode()))

    def jump(self, shift):
        """The wall clock now shows noon of that day plus the time since then plus `shift`."""
        offset = int((NOON - self.began).total_seconds()) + shift
        new = self.clock_file.with_suffix(".new")
        new.write_text(f"{offset:+d}")
        new.rename(self.clock_file)

    def key(self, **limits):
        self.names += 1
        return self.daemon.create_key(f"k{self.names}", **limits)

    def ask(self, key):
        caller = Caller(self.daemon, key)
        body = {"model": "box/m", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}
        caller.send("openai-chat", json.dumps(body).encode())
        answer = caller.read()
        caller.close()
        if answer.status == 200:
            row = self.daemon.control("/traces/show", {"name": answer.fields["x-request-id"]})
            assert row["cost_picousd"] == 10**12, row
            assert 0 <= row["latency_ms"] < 60_000 and row["overhead_us"] >= 0, row
        return answer.status

    def spend_up(self, key):
        """As many as the limit lets through; then one more is refused."""
        served = 0
        while (status := self.ask(key)) == 200:
            served += 1
        assert status == 402, status
        return served


world = None
JUMPS = (("an hour on", HOUR), ("an hour back", -HOUR), ("four hundred days on", 400 * DAY),
         ("a day back", -DAY), ("a day on", DAY))


def test_the_clock_is_another():
    """the daemon's day is the one that the file tells"""
    world.ask(world.key())
    time = world.daemon.traces(limit=1)[0]["time"]
    assert time.startswith("2026-11-18T12:"), time
    world.jump(400 * DAY)
    world.ask(world.key())
    time = world.daemon.traces(limit=1)[0]["time"]
    assert time.startswith("2027-12-23T12:"), time
    world.jump(0)


def test_jumps_while_it_runs():
    """a used-up window stays used up, and one with room has room, wherever the clock jumps"""
    for every in ("hour", "day", "month"):
        for rolling in (False, True):
            used = world.key(max_spend=LIMIT, every=every, rolling=rolling)
            assert world.spend_up(used) == 2
            for words, shift in JUMPS:
                world.jump(shift)
                assert world.ask(used) == 402, (every, rolling, words, "a free window")
                roomy = world.key(max_spend=LIMIT, every=every, rolling=rolling)
                assert world.spend_up(roomy) == 2, (every, rolling, words, "a false refusal")
                world.jump(0)
                assert world.ask(used) == 402 and world.ask(roomy) == 402, (every, rolling, words)


def test_rates_while_it_runs():
    """a rate neither lets more through nor starves when the clock jumps"""
    for words, shift in JUMPS:
        used, roomy = world.key(rate_limit="2"), world.key(rate_limit="2")
        assert [world.ask(used), world.ask(used), world.ask(used)] == [200, 200, 429]
        assert world.ask(roomy) == 200
        world.jump(shift)
        assert world.ask(used) == 429, (words, "a free window")
        assert world.ask(roomy) == 200, (words, "starved")
        assert world.ask(roomy) == 429, words
        world.jump(0)


def test_jumps_between_two_lives():
    """over a restart a window that the clock says is over is over; going back gives none away"""
    for kill in (False, True):
        key = world.key(max_spend=LIMIT, every="day")
        assert world.spend_up(key) == 2
        name = f"key:k{world.names}"
        for words, shift in (("at once", 0), ("an hour on", HOUR), ("an hour back", -HOUR),
                             ("a day back", -DAY)):
            world.jump(shift)
            world.daemon.restart(kill=kill)
            assert world.ask(key) == 402, (words, kill, "a free window")
        for words, shift in (("the next day", DAY), ("four hundred days on", 400 * DAY)):
            world.jump(shift)
            world.daemon.restart(kill=kill)
            assert world.spend_up(key) == 2, (words, kill, "a false refusal")
        world.jump(2 * DAY)
        world.daemon.restart(kill=kill)
        assert world.ask(key) == 402, "what was spent in the future is forgotten"
        budget = world.daemon.control("/budgets/show", {"name": name})
        assert decimal.Decimal(budget["settled_usd"]) == 6, budget
        world.jump(0)
        world.daemon.restart(kill=kill)


if __name__ == "__main__":
    with contextlib.ExitStack() as everything:
        try:
            world = World(everything)
        except cases.Skipped as reason:
            print(f"skipped clock: {reason}")
            sys.exit(0)
        sys.exit(cases.run("clock", cases.collect(globals())))
