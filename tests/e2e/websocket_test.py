#!/usr/bin/env python3
"""Responses over WebSocket, with a client that is not ours: the framing's corners, the conversation that a
connection keeps, every kind of target, refusals, cuts, and callers that leave."""
import contextlib
import http.server
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

import openai
import websockets.exceptions
from websockets.frames import Frame, Opcode
from websockets.sync.client import connect

import cases
from background_server import BackgroundServer
from daemon import Daemon
from provider import Provider

BETA = {"OpenAI-Beta": "responses_websockets=2026-02-06"}
PRICE = {"input": 2, "output": 10, "cache_read": 0.5, "cache_write": 2.5}


class Gemini(BackgroundServer):
    """Streams one and the same answer, and keeps what it was asked."""

    def __init__(self):
        super().__init__(GeminiHandler)
        self.base, self.asked = f"http://{self.host}/v1beta", []


class GeminiHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        answer = {"candidates": [{"content": {"role": "model", "parts": [{"text": "from Gemini"}]},
                                  "finishReason": "STOP"}],
                  "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}}
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: " + json.dumps(answer).encode() + b"\n\n")


class World:
    def __init__(self, stack):
        self.box = stack.enter_context(Provider(name="box", key="sk-box-11111111111111"))
        self.gemini = stack.enter_context(Gemini())
        self.daemon = stack.enter_context(Daemon())
        add = self.daemon.add_provider
        add("box", self.box.base, "openai-responses", key=self.box.key)
        add("chat", self.box.base, "openai-chat", key=self.box.key)
        self.abox = stack.enter_context(Provider(name="abox", key="sk-abox-2222222222222", auth="x-api-key"))
        add("abox", self.abox.base, "anthropic", "x-api-key", self.abox.key)
        add("gbox", self.gemini.base, "gemini", "x-goog-api-key", "sk-gemini-33333333333")
        self.price("box/ok")
        self.names = 0
        self.unlimited = self.key()

    def price(self, model):
        self.daemon.control("/models/price", {"model": model, "price": json.dumps(PRICE)})

    def key(self, **limits):
        self.names += 1
        return self.daemon.create_key(f"w{self.names}", **limits)

    def open(self, key=None, path="/v1/responses", headers=None, **options):
        everything = {"Authorization": f"Bearer {key or self.unlimited}", **BETA, **(headers or {})}
        return connect(f"ws://127.0.0.1:{self.daemon.port}{path}", additional_headers=everything,
                       proxy=None, **options)

    def check(self):
        self.box.check()
        self.abox.check()


def create(model="box/ok", text="hi", **more):
    body = {"type": "response.create", "model": model, "store": False,
            "input": [{"type": "message", "role": "user",
                       "content": [{"type": "input_text", "text": text}]}]}
    return json.dumps({**body, **more})


def events(line):
    """Up to and with the one that ends a response."""
    found = []
    while True:
        found.append(json.loads(line.recv(timeout=20)))
        kind = found[-1]["type"]
        failed_here = kind == "error" and "status" in found[-1]
        if failed_here or kind in ("response.completed", "response.failed", "response.incomplete"):
            return found


def ask(line, **body):
    line.send(create(**body))
    return events(line)


def closed_with(line):
    """The code that the connection ends with; what comes before is passed over."""
    with contextlib.suppress(websockets.exceptions.ConnectionClosed):
        while True:
            line.recv(timeout=20)
    return line.protocol.close_rcvd and line.protocol.close_rcvd.code


def send_raw(line, data):
    line.socket.sendall(data)


def masked(first, payload, length=None):
    """A frame by hand: `length` is what it says of itself."""
    size = len(payload) if length is None else length
    head = bytes([first, 0x80 | min(size, 126 if size <= 0xFFFF else 127) if size > 125 else 0x80 | size])
    if size > 0xFFFF:
        head += struct.pack("!Q", size)
    elif size > 125:
        head += struct.pack("!H", size)
    return head + b"\0\0\0\0" + payload


def test_answers(world):
    """each event of an answer is a message, and the request is traced, priced and counted as a POST's"""
    with world.open(headers={"session-id": "s1", "User-Agent": "wscaller/1.2 (x)"}) as line:
        assert line.protocol.extensions == [], "compression is declined"
        found = ask(line)
    assert found[0]["type"] == "response.created" and found[-1]["type"] == "response.completed"
    sent = world.box.records[-1]
    assert sent.path == "/v1/responses" and sent.json()["stream"] is True
    assert not {"type", "generate", "previous_response_id"} & sent.json().keys()
    assert sent.header("openai-beta") is None and sent.header("upgrade") is None
    told = b"".join(b"data: " + json.dumps(event, separators=(",", ":")).encode() for event in found)
    assert len(found) == sent.answer.count(b"data: {"), (told, sent.answer)
    trace = world.daemon.wait_traces(1, "session=s1")[0]
    shown = world.daemon.control("/traces/show", {"name": trace["id"]})
    assert shown["dialect"] == "openai-responses" and shown["operation"] == "responses" and shown["stream"]
    assert shown["client"] == "wscaller/1.2" and float(shown["cost_usd"]) > 0, shown


def test_sdk(world):
    """the official SDK's own connection asks twice and reads its events"""
    client = openai.OpenAI(base_url=f"{world.daemon.base}/v1", api_key=world.unlimited, max_retries=0)
    with client.responses.connect() as connection:
        for text in ("one", "two"):
            connection.response.create(model="box/ok", input=text)
            kinds = []
            for event in connection:
                kinds.append(event.type)
                if event.type in ("response.completed", "error"):
                    break
            assert kinds[-1] == "response.completed", kinds


def test_conversation(world):
    """what was said is kept by the connection, sent whole, and forgotten with it"""
    with world.open() as line:
        line.send(create(input=[], generate=False))
        before = len(world.box.records)
        start = events(line)[-1]["response"]
        assert start["usage"]["total_tokens"] == 0 and start["output"] == []
        first = ask(line, text="one", previous_response_id=start["id"])[-1]["response"]
        ask(line, text="two", previous_response_id=first["id"])
        assert len(world.box.records) == before + 2
        whole = world.box.records[-1].json()["input"]
        texts = [part["text"] for item in whole for part in item.get("content", [])]
        assert texts[0] == "one" and texts[-1] == "two" and len(texts) == 3, whole
        assert whole[1] == first["output"][0], "the answer as it was told"
    with world.open() as line:
        told = ask(line, previous_response_id=first["id"])[0]
        assert told["status"] == 400 and told["error"]["code"] == "previous_response_not_found"
        assert ask(line)[-1]["type"] == "response.completed", "and goes on"


def test_translated(world):
    """a Chat, a Messages and a Gemini target answer alike"""
    for model in ("chat/ok", "abox/ok", "gbox/ok"):
        with world.open() as line:
            found = ask(line, model=model)
            assert found[0]["type"] == "response.created", found
            assert found[-1]["type"] == "response.completed", found
            more = ask(line, model=model, previous_response_id=found[-1]["response"]["id"])
            assert more[-1]["type"] == "response.completed", more
    said = [part["text"] for turn in world.gemini.asked[-1]["contents"] for part in turn["parts"]]
    assert said == ["hi", "from Gemini", "hi"], said


def test_refused_opening(world):
    """no key, a wrong one, a web page and another path are refused in HTTP"""
    for options, status in (({"key": "sk-rk-nobody"}, 401), ({"path": "/v1/chat/completions"}, 426),
                            ({"path": "/v1/nothing"}, 404), ({"origin": "http://evil.example"}, 403)):
        try:
            with world.open(**options):
                raise AssertionError(f"{options} was let in")
        except websockets.exceptions.InvalidStatus as refused:
            assert refused.response.status_code == status, (options, refused)


def test_budget(world):
    """a used-up budget is told as an error message, for Codex in its own words, and the line stays open"""
    for agent, status, code in (("x/1", 402, "insufficient_balance"), ("codex_exec/0.169.0", 400, "invalid_prompt")):
        key = world.key(max_spend="0.0056", every="total")
        with world.open(key, headers={"User-Agent": agent}) as line:
            told = next(told for _ in range(50) if (told := ask(line)[-1])["type"] == "error")
            for told in (told, ask(line)[-1]):
                assert told["status"] == status, told
                assert told["error"]["code"] == code and told["headers"]["x-should-retry"] == "false", told


def test_failures(world):
    """a provider's refusal, an outage and a cut in the middle leave the connection usable"""
    with world.open() as line:
        told = ask(line, model="box/err-400")[0]
        assert told["type"] == "error" and told["status"] == 400 and told["error"]["message"], told
        assert ask(line, model="box/err-500")[0]["status"] == 503
        cut = ask(line, model="box/cut")
        assert cut[-1]["type"] == "response.failed" and cut[-1]["response"]["error"]["message"], cut
        assert ask(line)[-1]["type"] == "response.completed"


def test_leaving(world):
    """a caller that closes, or is killed, in mid-answer ends the provider's work and is charged"""
    def polite(line):
        line.close()

    def rude(line):
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.socket.close()

    for n, leave in enumerate((polite, rude)):
        line = world.open(headers={"session-id": f"leaves-{n}"}, legacy=True)
        line.send(create(model="box/slow"))
        for _ in range(8):
            line.recv(timeout=20)
        leave(line)
        world.box.wait_for(lambda records: records[-1].disconnected, what="the provider to be left")
        gone = world.daemon.wait_traces(1, f"session=leaves-{n}")[0]
        assert gone["state"] == "client_gone", gone


def test_killed(world):
    """a caller's process that is killed counts as gone"""
    program = (f"from websockets.sync.client import connect\n"
               f"line = connect('ws://127.0.0.1:{world.daemon.port}/v1/responses', proxy=None, legacy=True,"
               f" additional_headers={{'Authorization': 'Bearer {world.unlimited}', 'session-id': 'killed'}})\n"
               f"line.send({create(model='box/slow')!r})\n"
               "while True: line.recv(); print('.', flush=True)\n")
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as caller:
        caller.stdout.readline()
        os.kill(caller.pid, signal.SIGKILL)
        world.box.wait_for(lambda records: records[-1].disconnected, what="the provider to be left")
    assert world.daemon.wait_traces(1, "session=killed")[0]["state"] == "client_gone"


def test_frames(world):
    """fragments are joined around control frames, and pings are answered also in mid-answer"""
    with world.open() as line:
        text = create()
        line.send(text[i:i + 7] for i in range(0, len(text), 7))
        assert events(line)[-1]["type"] == "response.completed"
        assert line.ping(b"idle").wait(10)
        line.send(create(model="box/slow"))
        line.recv(timeout=20)
        assert line.ping(b"busy").wait(10)
    with world.open() as line:
        send_raw(line, masked(0x01, text[:20].encode()) + masked(0x89, b"p") + masked(0x80, text[20:].encode()))
        assert events(line)[-1]["type"] == "response.completed"
        large = create(text="x" * 3_000_000)
        line.send(large)
        assert events(line)[-1]["type"] == "response.completed"


def test_breaches(world):
    """what breaks the protocol ends the connection with the code for it"""
    unmasked = Frame(Opcode.TEXT, b"{}").serialize(mask=False)
    for data, code in ((unmasked, 1002), (masked(0xC1, b"{}"), 1002), (masked(0x83, b""), 1002),
                       (masked(0x80, b"x"), 1002), (masked(0x09, b"x"), 1002), (masked(0x89, b"x" * 126), 1002),
                       (masked(0x01, b"{") + masked(0x81, b"}"), 1002), (masked(0x82, b"{}"), 1003),
                       (masked(0x81, b"\xc3\x28"), 1007), (masked(0x88, b"\x03\xec"), 1002),
                       (masked(0x81, b"", length=1 << 30), 1009)):
        with world.open() as line:
            send_raw(line, data)
            assert closed_with(line) == code, (data[:20], code, line.protocol.close_rcvd)


def test_slow_reader(world):
    """a caller that does not read holds the provider back instead of growing the daemon"""
    with world.open(max_queue=1) as line:
        for _ in range(3):
            line.send(create(text="y" * 1_000_000))
        time.sleep(0.5)
        for _ in range(3):
            assert events(line)[-1]["type"] == "response.completed"


def test_stopping(world):
    """shutdown ends what waits with 1001 at once, and lets an answer under way come to its end"""
    with Daemon() as daemon:
        daemon.add_provider("box", world.box.base, "openai-responses", key=world.box.key)
        key = daemon.create_key("k")
        headers = {"Authorization": f"Bearer {key}"}
        address = f"ws://127.0.0.1:{daemon.port}/v1/responses"
        with connect(address, additional_headers=headers, proxy=None) as idle, \
                connect(address, additional_headers=headers, proxy=None) as busy:
            busy.send(create(model="box/think"))
            time.sleep(0.2)
            daemon.process.send_signal(signal.SIGTERM)
            assert closed_with(idle) == 1001
            assert events(busy)[-1]["type"] == "response.completed"
            assert closed_with(busy) == 1001


def test_switched_off(world):
    """with the setting off an upgrade is answered 426, as ever"""
    with Daemon(keep=True) as daemon:
        daemon.create_key("k")
        daemon.terminate()
        file = daemon.home / "state" / "control.json"
        data = json.loads(file.read_text())
        data["settings"]["websocket"] = False
        file.write_text(json.dumps(data))
        daemon.start()
        key = daemon.create_key("k2")
        try:
            connect(f"ws://127.0.0.1:{daemon.port}/v1/responses", proxy=None,
                    additional_headers={"Authorization": f"Bearer {key}"})
            raise AssertionError("it was let in")
        except websockets.exceptions.InvalidStatus as refused:
            assert refused.response.status_code == 426


def main():
    with contextlib.ExitStack() as stack:
        world = World(stack)
        bound = []
        for case in cases.collect(globals()):
            def run(case=case):
                case(world)
            run.__doc__ = case.__doc__
            bound.append(run)
        return cases.run("websocket", bound, world.check)


if __name__ == "__main__":
    sys.exit(main())
