#!/usr/bin/env python3
"""Claude Code's prompt caches live: what it sends comes to a Messages provider byte for byte, and to any
other without what differs from conversation to conversation. Started by table.sh."""
import contextlib
import json
import pathlib
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import cases  # noqa: E402
from agents import ALL, MESSAGES  # noqa: E402
from player import says  # noqa: E402
from scenario import CHAT, GEMINI, RESPONSES  # noqa: E402
from stage import Stage  # noqa: E402

CLAUDE = next(agent for agent in ALL if agent.name == "claude")
MODEL = "claude-opus-5-5"  # what Claude Code asks for when nobody chose
BILLING = "x-anthropic-billing-header"


class Tap:
    """Passes connections on to the daemon's port and keeps what the caller wrote, a buffer a connection.
    It has the same port of the other loopback address, as the daemon looks at the Host that it is told."""

    def __init__(self, port):
        self.target, self.heard = port, []
        self.server = socket.create_server(("::1", port), family=socket.AF_INET6)
        self.base = f"http://[::1]:{port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self.server.accept()
                daemon = socket.create_connection(("127.0.0.1", self.target))
                kept = bytearray()
                self.heard.append(kept)
                threading.Thread(target=self.pump, args=(caller, daemon, kept), daemon=True).start()
                threading.Thread(target=self.pump, args=(daemon, caller, bytearray()), daemon=True).start()

    @staticmethod
    def pump(source, sink, kept):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                kept += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def requests(self):
        """(request line, headers, body) of each, in the order of the connections."""
        for kept in self.heard:
            data = bytes(kept)
            while data:
                head, _, data = data.partition(b"\r\n\r\n")
                first, *fields = head.decode().split("\r\n")
                headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in fields)}
                size = int(headers.get("content-length", 0))
                yield first, headers, data[:size]
                data = data[size:]


def answer(arrived, n):
    return says("ANSWER-", "WORDS")


def talk(stage, tap, key, *words):
    """One turn, as `claude` has it who was told where to find the gateway."""
    env = {"ANTHROPIC_BASE_URL": tap.base, "ANTHROPIC_AUTH_TOKEN": key,
           "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    stage.launch(["claude", "-p", *words], env)
    stage.finish()
    assert stage.code == 0 and "ANSWER-WORDS" in stage.out, stage.story()


def played(dialect, *turns):
    """The tap, and the provider, once each of `turns` was said to the agent's own model's name."""
    with contextlib.ExitStack() as stack:
        stage = Stage(stack, CLAUDE, dialect, [answer], upstream_model=MODEL if dialect == MESSAGES else None)
        key = stage.daemon.create_key("bytes")
        upstream = stage.named_as_asked(MODEL)
        tap = Tap(stage.daemon.port)
        for words in turns:
            talk(stage, tap, key, *words)
        assert not upstream.problems, upstream.problems
        return list(tap.requests()), upstream.requests + upstream.side_requests


def test_what_it_sends_comes_byte_for_byte():
    """What Claude Code sends comes to a Messages provider byte for byte, and so does its beginning again"""
    sent, got = played(MESSAGES, ["first"], ["-c", "--", "second"])
    assert len(sent) == len(got) == 2, (len(sent), len(got))
    for (line, headers, body), arrived in zip(sent, got):
        record = arrived.record
        assert body == record.body, "the body was changed"
        assert record.path in line.removeprefix("POST "), (line, record.path)
        told = {name.lower(): value for name, value in record.headers}
        for name in [name for name in headers if name.startswith("anthropic-")]:
            assert told.get(name) == headers[name], f"{name}: {told.get(name)!r} instead of {headers[name]!r}"
    first, second = (json.loads(body) for _, _, body in sent)
    for name in ("system", "tools", "model"):
        assert first[name] == second[name], f"{name} differs between two turns"
    assert conversation(second)[:len(conversation(first))] == conversation(first), "a turn was rewritten"


def conversation(body):
    """The messages without the marks of the caches, which move on to the newest."""
    def bare(value):
        if isinstance(value, dict):
            if set(value) == {"type", "text"} or set(value) == {"type", "text", "cache_control"}:
                return value["text"]
            return {name: bare(each) for name, each in value.items() if name != "cache_control"}
        if isinstance(value, list):
            return bare(value[0]) if len(value) == 1 else [bare(each) for each in value]
        return value
    return [bare(message) for message in body["messages"]]


def test_other_providers_see_no_billing_block():
    """What differs between conversations in Claude Code's instructions does not come to other providers"""
    for dialect in (CHAT, RESPONSES, GEMINI):
        sent, got = played(dialect, ["first"], ["another beginning"])
        assert all(BILLING.encode() in body for _, _, body in sent), "Claude Code sends no such block any more"
        texts = [instructions(dialect, arrived.body) for arrived in got]
        assert BILLING not in "".join(texts), f"{dialect}: {texts[0][:300]}"
        assert texts[0] == texts[1], f"{dialect}: the instructions differ between conversations"


def instructions(dialect, body):
    if dialect == GEMINI:
        return json.dumps(body["systemInstruction"])
    if dialect == RESPONSES:
        return body["instructions"]
    return json.dumps(next(message for message in body["messages"] if message["role"] in ("system", "developer")))


if __name__ == "__main__":
    sys.exit(cases.run("claude's bytes", cases.collect(globals())))
