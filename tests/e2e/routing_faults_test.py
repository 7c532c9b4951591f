#!/usr/bin/env python3
"""A provider that fails before content in one of ten attempts, in every way there is, beside two that
do not: `routing_faults_test.py [REQUESTS]`. Whole answers and streams, 32 at once. Every answer is
compared byte by byte; those that died after content are counted apart, and must not end as if whole."""
import asyncio
import collections
import json
import random
import sqlite3
import sys
import time

import cases
import faulty_provider as faulty
from daemon import Daemon
from faulty_provider import AFTER_CONTENT, BEFORE_CONTENT, DONE, Provider

REQUESTS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
AT_ONCE = 32
FAILING = 0.1            # Of the attempts at the bad one, before content.
DYING = 0.01             # Of its streams, after content.
WELL = 0.9999
MODELS = 8               # A way to fail.
SEED = 20260101
NOTHING_SENT = ("connect_refused", "connect_timeout")
STALLED = 5.0            # Seconds until the daemon gives up on a first byte; providers share two cores here.
TIMERS = {"first_byte_timeout_ms": int(STALLED * 1000), "idle_timeout_ms": 15_000}


class Script:
    """What goes wrong: drawn by the bad provider as attempts come, and kept by number."""

    def __init__(self, dice):
        self.dice, self.died, self.failed = dice, {}, collections.Counter()
        self.ways = list(BEFORE_CONTENT)

    def how(self, number, body):
        if self.dice.random() < FAILING:
            way = self.ways[number % len(self.ways)]
            self.failed[way] += 1
            return way
        if faulty.STREAM in body and self.dice.random() < DYING:
            self.died[number] = "after " + self.dice.choice(AFTER_CONTENT)
            return self.died[number]
        return None

    def model(self, number):
        return f"way{number % len(self.ways)}-{self.dice.randrange(MODELS)}"


class Answer:
    def __init__(self, status, body, ended):
        self.status, self.body, self.ended = status, body, ended


class Caller:
    """A connection that is kept as long as it is good."""

    def __init__(self, daemon, key):
        self.port, self.key, self.reader, self.writer = daemon.port, key, None, None

    async def ask(self, body):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %b\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (self.port, self.key.encode(), len(body), body))
        answer = await self.read()
        if not answer.ended:
            self.leave()
        return answer

    def leave(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def read(self):
        status, body = 0, b""
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
            status = int(head.split(b" ", 2)[1])
            if (length := faulty.LENGTH.search(head)) is not None:
                body = await self.reader.readexactly(int(length[1]))
            else:
                while size := int(await self.reader.readuntil(b"\r\n"), 16):
                    body += (await self.reader.readexactly(size + 2))[:-2]
                await self.reader.readexactly(2)
            return Answer(status, body, b"connection: close" not in head)
        except (asyncio.IncompleteReadError, ConnectionError):
            return Answer(status, body, False)


class Tally:
    def __init__(self):
        self.outcomes, self.wrong = collections.Counter(), []
        self.left_over, self.told = [], {}

    def judge(self, number, stream, answer, died):
        content = faulty.events(number) if stream else [faulty.whole_body(number)]
        if answer.status == 200 and answer.body == b"".join(content) and answer.ended:
            return self.count("well")
        seen = number in died and answer.status == 200
        if seen and answer.body.startswith(b"".join(content[:3])):
            forged = DONE in answer.body or answer.ended or b'"error"' not in answer.body
            return self.count("forged" if forged else "died after content", number, answer, forged)
        return self.count("badly", number, answer, True)

    def count(self, outcome, number=None, answer=None, show=False):
        self.outcomes[outcome] += 1
        if show and len(self.wrong) < 10:
            self.wrong.append((outcome, number, answer.status, answer.ended, answer.body[-300:]))


def body_of(number, stream, asked):
    """`asked`: what names the model, or models."""
    more = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    return json.dumps({**asked, "user": f"n{number}", **more,
                       "messages": [{"role": "user", "content": "hi"}]},
                      separators=(",", ":")).encode()


class Ways:
    """How a caller says that others may serve instead of the bad one: by a chain that the user made, by
    a list in the request, or by leaving the choice to us."""

    def __init__(self, daemon, dice):
        self.daemon, self.dice, self.known = daemon, dice, set()

    def ask(self, model):
        names = [f"{provider}/{model}" for provider in ("bad", "fair", "good")]
        way = self.dice.choice((self.chain, self.list, self.auto))
        return way(model, names)

    def chain(self, model, names):
        self.once("/routes/fallback", {"model": f"{names[0]}-c", "chain": names[1:]})
        return {"model": f"{names[0]}-c"}

    def list(self, model, names):
        """Costs no call, so that many models may be kept away from by what they answered once."""
        names = [f"{name}-{self.dice.randrange(100)}" for name in names]
        return {"model": names[0], "models": names[1:]}

    def auto(self, model, names):
        self.once("/routes/candidates", {"name": model, "models": names})
        return {"model": f"auto:{model}"}

    def once(self, path, wish):
        if (path, str(wish)) not in self.known:
            self.known.add((path, str(wish)))
            self.daemon.control(path, wish)


async def play(daemon, key, script, requests):
    tally, numbers, ways = Tally(), iter(range(requests)), Ways(daemon, script.dice)

    async def call():
        caller = Caller(daemon, key)
        for number in numbers:
            stream = script.dice.random() < 0.5
            answer = await caller.ask(body_of(number, stream, ways.ask(script.model(number))))
            tally.judge(number, stream, answer, script.died)
        caller.leave()
    await asyncio.gather(*(call() for _ in range(AT_ONCE)))
    return tally


def set_timers(daemon):
    daemon.terminate()
    file = daemon.home / "state" / "control.json"
    control = json.loads(file.read_text())
    control["settings"].update(TIMERS)
    file.write_text(json.dumps(control))
    daemon.start()


def in_flight(daemon, providers):
    """Attempts that health still counts as under way; an end takes a moment to be told."""
    deadline = time.monotonic() + 5
    while True:
        left = [one["target"] for provider in providers for one in
                daemon.control("/providers/show", {"name": provider.name})["targets"]
                if one["in_flight"]]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def told_attempts(daemon, requests):
    """How often each provider was asked, by what the traces tell; they are one a request."""
    told = collections.Counter()
    connection = sqlite3.connect(daemon.database, timeout=10)
    try:
        deadline = time.monotonic() + 10
        while connection.execute("SELECT count(*) FROM traces").fetchone() != (requests,):
            assert time.monotonic() < deadline, "not one trace a request"
            time.sleep(0.05)
        for text, in connection.execute("SELECT attempts FROM traces"):
            for one in json.loads(text):
                told[one["provider"]] += (one["error_code"] not in NOTHING_SENT
                                          ) + one.get("replayed", False)
    finally:
        connection.close()
    return told


async def story(requests):
    script = Script(random.Random(SEED))
    providers = [await Provider("bad", script.how).start(), await Provider("fair").start(),
                 await Provider("good").start()]
    with Daemon() as daemon:
        for one in providers:
            daemon.add_provider(one.name, one.base, "openai-chat")
        set_timers(daemon)
        began = time.monotonic()
        tally = await play(daemon, daemon.create_key(), script, requests)
        seconds = time.monotonic() - began
        tally.left_over = in_flight(daemon, providers)
        tally.told = told_attempts(daemon, requests)
        return script, tally, providers, seconds


def test_failures_before_content():
    """of requests at a provider that fails before content in every way, 99.99 % end well, none forged"""
    script, tally, providers, seconds = asyncio.run(story(REQUESTS))
    died = tally.outcomes["died after content"]
    share = tally.outcomes["well"] / (REQUESTS - died)
    print(f"        {REQUESTS} requests in {seconds:.0f} s: {dict(tally.outcomes)}; "
          f"{share:.4%} of those that could end well did; attempts "
          + ", ".join(f"{one.name} {one.asked}" for one in providers))
    print(f"        {sum(script.failed.values())} failures before content: " + ", ".join(
        f"{way} {script.failed[way]}" for way in script.ways))
    assert share >= WELL and not tally.outcomes["forged"], tally.wrong
    assert not tally.left_over, tally.left_over
    # Who waits at a listener that closes has sent a request that nobody reads.
    unread = {one.name: tally.told[one.name] - one.asked for one in providers}
    assert 0 <= unread.pop("bad") <= AT_ONCE * script.failed["refused"] and not any(unread.values()), unread
    assert died == len(script.died), (died, len(script.died))
    missing = [way for way in script.ways if not script.failed[way]]
    assert REQUESTS < 20_000 or not missing, missing


if __name__ == "__main__":
    sys.exit(cases.run("routing faults", cases.collect(globals())))
