#!/usr/bin/env python3
"""`auto` between two real servers, one of which fails and comes back: left after three bad requests, asked
again by itself, kept in mind over a restart; a session stays where its cache is warm."""
import http.client
import json
import sys
import threading
import time

import cases
from daemon import Daemon
from provider import Provider
from tcp_provider import TcpProvider, good_answer

CHEAP, DEAR = {"input": 1, "output": 4}, {"input": 2, "output": 8}
RETURNS_WITHIN = 30.0
LONG = "word " * 2000  # A prompt that a provider would cache.


class World:
    """Two models behind `auto`; `near` is the cheaper one, and cost is all that counts."""

    def __init__(self):
        self.near, self.far = Provider(name="near").__enter__(), Provider(name="far").__enter__()
        self.daemon = Daemon().start()
        for provider, price in ((self.near, CHEAP), (self.far, DEAR)):
            self.daemon.add_provider(provider.name, provider.base, "openai-chat")
            self.daemon.control("/models/price", {"model": f"{provider.name}/ok",
                                                  "price": json.dumps(price)})
        self.daemon.control("/routes/candidates", {"name": "auto", "models": ["near/ok", "far/ok"]})
        self.key = self.daemon.create_key()

    def ask(self, prompt="hi", model="auto", stream=False, **fields):
        """The provider that served; an answer that is not good is an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": prompt}]}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {
            "Content-Type": "application/json", "Authorization": f"Bearer {self.key}",
            "x-routerone-weights": "latency=0,cost=1,quality=0", **fields})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status == 200, (answer.status, text)
        return answer.headers["x-routerone-provider"]

    def serve(self, count, **fields):
        return [self.ask(**fields) for _ in range(count)]

    def health(self, target):
        shown = self.daemon.control("/providers/show", {"name": target.split("/")[0]})
        return next(one for one in shown["targets"] if one["target"] == target)

    def settle(self):
        """Both are well and known."""
        self.near.outage = self.far.outage = None
        for provider in ("near", "far"):
            self.daemon.control("/providers/reset", {"name": provider})
        self.serve(30)

    def wait_for_return(self):
        """How long it takes until `near` serves again by itself."""
        began = time.monotonic()
        while self.ask() != "near":
            assert time.monotonic() - began < RETURNS_WITHIN, self.health("near/ok")
            time.sleep(0.05)
        return time.monotonic() - began

    def close(self):
        self.daemon.terminate()
        self.near.__exit__()
        self.far.__exit__()


world = None


def bad_requests(since):
    return sum(record.status == 503 for record in world.near.records[since:])


def test_an_outage():
    """a provider that fails is left after three bad requests, costs nobody an answer, and is come back to"""
    world.settle()
    since = len(world.near.records)
    world.near.outage = 503
    served = world.serve(40)
    assert set(served) == {"far"}, served
    state = world.health("near/ok")
    bad = bad_requests(since)
    assert 3 <= bad <= 3 + 2 and state["state"] != "ok" and state["why"] == "server_error", (bad, state)
    world.near.outage = None
    took = world.wait_for_return()
    print(f"        bad requests of 40 in the outage {bad}, back after {took:.1f} s")
    assert world.health("near/ok")["state"] == "ok"
    after = world.serve(20)
    assert after.count("near") >= 15, after


def test_a_long_outage():
    """while it lasts only probes go there, ever more seldom"""
    world.settle()
    since = len(world.near.records)
    world.near.outage = 503
    end = time.monotonic() + 8
    while time.monotonic() < end:
        assert world.ask() == "far"
    probes = bad_requests(since) - 3
    assert 1 <= probes <= 4, probes  # after 1, 2, 4 and 8 seconds
    world.near.outage = None
    print(f"        {probes} probes in 8 s, back after {world.wait_for_return():.1f} s")


def test_a_restart():
    """who said when to come back is not asked before, although the daemon was started anew"""
    world.settle()
    world.near.outage = 429  # its answer says: in 7 s
    while world.ask() != "far" or world.health("near/ok")["state"] == "ok":
        pass
    world.near.outage = None
    asked = len(world.near.records)
    before = world.health("near/ok")
    world.daemon.restart()
    kept = world.daemon.home / "state" / "health.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    after = world.health("near/ok")
    assert after["state"] == before["state"] == "cooling" and after["told"], (before, after)
    assert after["first_byte_ms"] == before["first_byte_ms"], (before, after)
    assert after["per_token_ms"] == before["per_token_ms"], (before, after)
    assert set(world.serve(10)) == {"far"} and len(world.near.records) == asked
    world.daemon.control("/providers/reset", {"name": "near"})
    assert "near" in world.serve(10)


def test_a_damaged_file():
    """what was kept and cannot be read is told of in the log, and costs nothing else"""
    world.settle()
    world.daemon.terminate()
    kept = world.daemon.home / "state" / "health.json"
    kept.write_bytes(kept.read_bytes()[:-7])
    world.daemon.start()
    assert "health.json cannot be used" in world.daemon.stderr()
    assert world.serve(10).count("near") >= 5


def test_a_session():
    """a session stays where its cache is warm, moves when that fails, and does not go back"""
    world.settle()
    session = {"x-session-id": "one"}
    world.near.outage = 503
    assert world.ask(LONG, **session) == "far"
    world.near.outage = None
    world.wait_for_return()
    assert {world.ask(LONG, **session) for _ in range(20)} == {"far"}
    world.far.outage = 503
    assert {world.ask(LONG, **session) for _ in range(5)} == {"near"}
    world.far.outage = None
    assert {world.ask(LONG, **session) for _ in range(20)} == {"near"}


def test_patience():
    """a stream is not awaited for a minute at a target that always began at once"""
    world.settle()
    silent = threading.Event()

    def serve(connection):
        while connection.read_request():
            if silent.is_set():
                return connection.wait_closed()
            connection.send(good_answer("openai-chat", True))
    with TcpProvider(serve) as quick:
        world.daemon.add_provider("quick", quick.base, "openai-chat")
        world.daemon.control("/models/price", {"model": "quick/ok", "price": json.dumps(CHEAP)})
        world.daemon.control("/routes/candidates", {"name": "two", "models": ["quick/ok", "far/ok"]})
        world.daemon.control("/routes/set", {"first_byte_floor": "1s", "first_byte_ceiling": "60s"})

        def stream():
            return world.ask(model="auto:two", stream=True)
        assert [stream() for _ in range(30)].count("quick") >= 20
        silent.set()
        while stream() == "quick":  # a trial of the other one may come first
            pass
        trace = world.daemon.traces(limit=1)[0]
        while len(trace["attempts"]) < 2:
            assert stream() == "far"
            trace = world.daemon.traces(limit=1)[0]
        first = trace["attempts"][0]
        assert first["provider"] == "quick" and first["code"] == "first_byte_timeout", trace


if __name__ == "__main__":
    world = World()
    code = cases.run("routing health", cases.collect(globals()))
    world.close()
    sys.exit(code)
