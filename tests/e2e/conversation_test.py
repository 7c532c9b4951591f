#!/usr/bin/env python3
"""Conversations that name no session: each stays with the provider that has read its beginning, also
when another becomes the better choice, which new ones are given to. Two providers whose prices change
places, and a list to choose from by price."""
import contextlib
import http.client
import json
import os
import subprocess
import sys

import cases
from daemon import Daemon, binary_dir
from provider import Provider

TARGETS = ("alpha/ok", "beta/ok")
CONVERSATIONS, TURNS = 5, 3
LONG = "You are a careful helper. " * 250  # Enough for a provider's cache to matter.


class Stage:
    def __init__(self, daemon):
        self.daemon, self.key = daemon, daemon.create_key()

    def cli(self, *words):
        subprocess.run([binary_dir() / "routerone", *words], check=True, capture_output=True,
                       env={**os.environ, "ROUTERONE_HOME": str(self.daemon.home)}, timeout=30)

    def prefer(self, cheap):
        for target in TARGETS:
            price = "1" if target.startswith(cheap) else "40"
            self.cli("models", "price", target, "--input", price, "--output", price)

    def served_by(self, path, model, **body):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("POST", path, json.dumps({"model": model, **body}), {
                "Authorization": f"Bearer {self.key}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 200, (answer.status, text)
            return answer.getheader("x-routerone-provider")


@contextlib.contextmanager
def stage():
    with Provider(name="alpha") as alpha, Provider(name="beta") as beta, Daemon() as daemon:
        made = Stage(daemon)
        for one in (alpha, beta):
            daemon.add_provider(one.name, one.base, "openai-chat")
        made.prefer("alpha")
        made.cli("routes", "set", "cost=1", "latency=0", "quality=0")
        made.cli("routes", "candidates", "auto", ",".join(TARGETS))
        for target in TARGETS * 10:  # so that nothing is tried out later
            made.served_by("/v1/chat/completions", target,
                           messages=[{"role": "user", "content": "hi"}])
        yield made
        alpha.check()
        beta.check()


def stays(made, path, ask):
    """`ask(n, turn)`: the rest of the body of a conversation's turn."""
    def served(conversations, turn):
        return {made.served_by(path, "auto", **ask(n, turn)) for n in conversations}
    old, new = range(CONVERSATIONS), range(CONVERSATIONS, 2 * CONVERSATIONS)
    assert served(old, 0) == {"alpha"}
    made.prefer("beta")
    for turn in range(TURNS):
        assert served(new, turn) == {"beta"}
        assert served(old, turn + 1) == {"alpha"}


def turns(n, count):
    yield {"role": "user", "content": f"question {n}"}
    for turn in range(count):
        yield {"role": "assistant", "content": "an answer"}
        yield {"role": "user", "content": f"and then {turn}"}


def test_chat():
    """a chat stays where it began, and a new one with the same system goes where it is best"""
    with stage() as made:
        stays(made, "/v1/chat/completions", lambda n, turn: {
            "messages": [{"role": "system", "content": LONG}, *turns(n, turn)]})


def test_moving_mark():
    """a conversation stays though its mark for the cache moves on with each turn"""
    def ask(n, turn):
        messages = list(turns(n, turn))
        messages[-1]["content"] = [{"type": "text", "text": messages[-1]["content"],
                                    "cache_control": {"type": "ephemeral"}}]
        return {"max_tokens": 9, "messages": messages,
                "system": [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral"}}]}
    with stage() as made:
        stays(made, "/v1/messages", ask)


if __name__ == "__main__":
    sys.exit(cases.run("conversations", cases.collect(globals())))
