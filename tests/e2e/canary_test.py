#!/usr/bin/env python3
"""Secrets and contents are planted wherever they could come from, then searched for in every byte that
the daemon and the command line have written."""
import base64
import contextlib
import json
import os
import pathlib
import secrets
import stat
import subprocess
import sys
import time

import cases
from daemon import ControlError, Daemon, binary_dir
from raw_caller import DIALECTS, PATHS, Caller
from tcp_provider import END, TcpProvider, chunked, head, json_answer, stream_events, stream_head

CANARY = {name: f"canary{name}{secrets.token_hex(8)}" for name in (
    "prompt", "system", "image", "toolargs", "completion", "called", "query", "errortext", "header",
    "upstreamheader", "cookie", "reason", "finish", "tier", "answerid", "callerkey", "path", "sent")}
PROVIDER_KEY = f"sk-canaryproviderkey{secrets.token_hex(8)}"
SECOND_PROVIDER_KEY = f"sk-canarysecondkey{secrets.token_hex(8)}"
SPOILED_KEY = f"sk-rk-canary{secrets.token_hex(12)}"
KINDS = ("good", "refused", "unauthorized", "ratelimited", "down", "html", "broken", "cut", "errorfirst",
         "errorlater", "badhead", "redirect", "encoded", "oddwords", "hugeline")


def request_body(dialect, model, stream):
    """A prompt with all that agents send: system words, an image, a tool and an earlier call of it."""
    arguments = json.dumps({"path": CANARY["toolargs"]})
    wish = {"model": model, "stream": stream, "user": CANARY["sent"], "metadata": {"a": CANARY["sent"]}}
    image = f"data:image/png;base64,{CANARY['image']}"
    if dialect == "openai-responses":
        return {**wish, "instructions": CANARY["system"], "input": [
            {"role": "user", "content": [{"type": "input_text", "text": CANARY["prompt"]},
                                         {"type": "input_image", "image_url": image}]},
            {"type": "function_call", "call_id": "1", "name": "f", "arguments": arguments}]}
    if dialect == "anthropic":
        return {**wish, "max_tokens": 9, "system": CANARY["system"], "messages": [
            {"role": "user", "content": [{"type": "text", "text": CANARY["prompt"]}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "f",
                                               "input": {"path": CANARY["toolargs"]}}]}]}
    return {**wish, "messages": [
        {"role": "system", "content": CANARY["system"]},
        {"role": "user", "content": [{"type": "text", "text": CANARY["prompt"]},
                                     {"type": "image_url", "image_url": {"url": image}}]},
        {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {
            "name": "f", "arguments": arguments}}]}]}


def whole_answer(dialect, odd):
    """An answer whose every free word is a canary; `odd`: those of closed lists, too."""
    finish, tier = (CANARY["finish"], CANARY["tier"]) if odd else ("stop", "default")
    arguments = json.dumps({"x": CANARY["called"]})
    common = {"id": CANARY["answerid"], "model": CANARY["answerid"], "service_tier": tier}
    if dialect == "anthropic":
        return {**common, "type": "message", "role": "assistant", "content": [
            {"type": "text", "text": CANARY["completion"]},
            {"type": "tool_use", "id": "1", "name": "f", "input": {"x": CANARY["called"]}}],
            "stop_reason": finish if odd else "end_turn",
            "usage": {"input_tokens": 3, "output_tokens": 2, "service_tier": tier}}
    if dialect == "openai-responses":
        return {**common, "object": "response", "status": finish if odd else "completed", "output": [
            {"type": "message", "content": [{"type": "output_text", "text": CANARY["completion"]}]},
            {"type": "function_call", "name": "f", "arguments": arguments}],
            "usage": {"input_tokens": 3, "output_tokens": 2}}
    return {**common, "object": "chat.completion", "system_fingerprint": CANARY["answerid"], "choices": [
        {"message": {"role": "assistant", "content": CANARY["completion"], "tool_calls": [
            {"function": {"name": "f", "arguments": arguments}}]}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2}}


def error_answer(status):
    words = CANARY["errortext"]
    return json_answer(json.dumps({"type": "error", "error": {
        "type": words, "code": words, "param": words, "message": f"{words}: {CANARY['prompt']}"}}).encode(),
        status, f"X-Diagnosis: {CANARY['upstreamheader']}", f"Retry-After: {1 if status == 429 else 0}")


def error_event(dialect):
    words = CANARY["errortext"]
    error = {"type": words, "code": words, "message": words}
    if dialect == "openai-responses":
        return b"event: error\ndata: " + json.dumps({**error, "type": "error"}).encode() + b"\n\n"
    name = b"event: error\n" if dialect == "anthropic" else b""
    return name + b"data: " + json.dumps({"type": "error", "error": error}).encode() + b"\n\n"


def stream_of(dialect, kind):
    events = stream_events(dialect, (CANARY["completion"], CANARY["called"]))
    if kind == "oddwords":
        old = {"anthropic": b'"end_turn"', "openai-chat": b'"stop"', "openai-responses": b'"completed"'}
        events = [event.replace(old[dialect], json.dumps(CANARY["finish"]).encode()) for event in events]
    if kind == "hugeline":
        events.insert(3, b"data: {\"x\":\"" + CANARY["completion"].encode() * 20_000 + b"\"}\n\n")
    if kind == "errorfirst":
        events = [error_event(dialect)]
    if kind == "errorlater":
        events = [*events[:3], error_event(dialect)]
    return events


def kind_of(request):
    return next((kind for kind in KINDS if f'"m-{kind}"'.encode() in request), "good")


def answer_request(connection, request):
    """Whether the connection goes on."""
    dialect = next((d for d in DIALECTS if PATHS[d][3:].encode() in request.split(b"\r\n")[0]),
                   "openai-chat")
    kind, words = kind_of(request), CANARY["errortext"]
    extra = (f"Set-Cookie: {CANARY['cookie']}", f"X-Words: {CANARY['upstreamheader']}")
    statuses = {"refused": 400, "unauthorized": 401, "ratelimited": 429, "down": 500}
    raw = {"html": head(200, "Content-Type: text/html", *extra) + words.encode(),
           "badhead": f"HTTP/1.1 200 {CANARY['reason']}\r\n{words}\r\nX : {words}\r\n\r\n".encode(),
           "redirect": head(302, f"Location: http://127.0.0.1:1/{words}?{CANARY['query']}",
                            "Content-Length: 0"),
           "encoded": head(200, f"Content-Encoding: {words}", "Content-Length: 0"),
           "broken": json_answer(CANARY["completion"].encode())}
    if kind in statuses:
        connection.send(error_answer(statuses[kind]))
    elif kind in raw:
        connection.send(raw[kind])
        return False
    elif b'"stream": true' not in request:
        body = json.dumps(whole_answer(dialect, kind == "oddwords")).encode()
        connection.send(json_answer(body, 200, *extra) if kind != "cut" else json_answer(body)[:-9])
        return kind != "cut"
    else:
        events = stream_of(dialect, kind)
        body = b"".join(map(chunked, events[:3] if kind == "cut" else events))
        connection.send(stream_head(*extra) + body + (b"" if kind == "cut" else END))
        return kind != "cut"
    return True


def provider_script(connection):
    while request := connection.read_request():
        if not answer_request(connection, request):
            return


def send(caller, dialect, credential, body, path=None):
    """With canaries in the query, and in headers that are passed on and such that are not."""
    caller.sock.sendall((
        f"POST {path or PATHS[dialect]}?key={CANARY['query']}&x={CANARY['query']} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{caller.port}\r\nAuthorization: Bearer {credential}\r\n"
        f"Cookie: session={CANARY['cookie']}\r\nX-Words: {CANARY['header']}\r\n"
        f"anthropic-beta: {CANARY['header']}\r\nProxy-Authorization: Basic {CANARY['header']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body)


class Sweep:
    """A daemon in its own home, everything it has said, and the keys it has made."""

    def __init__(self, log_format):
        self.said, self.printed, self.keys = [], [], []
        self.provider = TcpProvider(provider_script)
        self.daemon = Daemon(options=["--log-level", "trace", "--log-format", log_format])
        self.files = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.provider)
            stack.enter_context(self.daemon)
            (self.daemon.home / "tmp").mkdir()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *what):
        return self.stack.__exit__(*what)

    def control(self, path, body=None):
        try:
            result = self.daemon.control(path, body)
        except ControlError as error:
            result = str(error)
        self.said.append(json.dumps(result).encode())
        return result

    def make_key(self, path, **wish):
        """The one answer that holds the new key holds it once; it is searched for like the rest then."""
        answer = self.daemon.control(path, wish)
        text = json.dumps(answer)
        assert text.count(answer["key"]) == 1, "the new key is told more than once"
        self.said.append(text.replace(answer["key"], "").encode())
        self.keys.append(answer["key"])
        return answer["key"]

    def command(self, *words):
        done = subprocess.run([binary_dir() / "routerone", *words], capture_output=True, timeout=60,
                              env={**os.environ, "ROUTERONE_HOME": str(self.daemon.home)}, check=False)
        self.printed.append(done.stdout + done.stderr)
        return done

    def ask(self, dialect, model, stream, credential):
        caller = Caller(self.daemon, credential)
        send(caller, dialect, credential, json.dumps(request_body(dialect, model, stream)).encode())
        answer = caller.read()
        caller.close()
        return answer

    def raw(self, data):
        caller = Caller(self.daemon, "")
        with contextlib.suppress(OSError):
            caller.sock.sendall(data)
            caller.sock.shutdown(1)
            caller.read()
        caller.close()

    def keep_files(self):
        for path in pathlib.Path(self.daemon.home).rglob("*"):
            if path.is_file():
                self.files.setdefault(path, []).append(
                    (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)))

    # -- the traffic

    def furnish(self):
        for dialect in DIALECTS:
            auth = "x-api-key" if dialect == "anthropic" else "bearer"
            self.daemon.add_provider(dialect, self.provider.base, dialect, auth, PROVIDER_KEY)
            self.daemon.add_provider(f"{dialect}-2", self.provider.base, dialect, auth, PROVIDER_KEY)
            for kind in KINDS:
                self.control("/routes/fallback", {"model": f"{dialect}/m-{kind}",
                                                  "chain": [f"{dialect}-2/m-good"]})
        return self.make_key("/keys/create", name="tour")

    def relay_everything(self, key):
        for dialect in DIALECTS:
            for stream in (False, True):
                for kind in KINDS:
                    assert self.ask(dialect, f"{dialect}/m-{kind}", stream, key), (dialect, stream, kind)
                    self.ask(dialect, f"{dialect}-2/m-{kind}", stream, key)
                for credential in (CANARY["callerkey"], SPOILED_KEY, key[:-1] + "#"):
                    answer = self.ask(dialect, f"{dialect}/m-good", stream, credential)
                    assert answer.status == 401, answer.status

    def leave_in_the_middle(self, key):
        caller = Caller(self.daemon, key)
        body = json.dumps(request_body("openai-chat", "openai-chat/m-hugeline", True)).encode()
        send(caller, "openai-chat", key, body)
        caller.read_head()
        caller.close()

    def malformed(self, key):
        start = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{self.daemon.port}\r\n"
        auth = f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        prompt, header = CANARY["prompt"], CANARY["header"]
        self.raw(f"{start}{auth}Content-Length: 5000\r\n\r\n{{\"model\": \"{prompt}\"".encode())
        for body in (prompt, f'{{"messages": "{prompt}"', f'{{"model": 7, "x": "{prompt}"}}',
                     f'{{"model": "openai-chat/m-good", "model": "{prompt}"}}'):
            self.raw(f"{start}{auth}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        for field in (f"X: {header}\nY: {header}", f"{header} : x", f"{header}", f"Origin: {header}",
                      f"Content-Encoding: {header}", f"Content-Type: {header}", f"Expect: {header}",
                      f"Transfer-Encoding: {header}", f"X: {header * 4000}", f"Upgrade: {header}"):
            self.raw(f"{start}{auth}{field}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        self.raw(f"GET http://{header}/ HTTP/1.1\r\nHost: {header}\r\n\r\n".encode())
        self.raw(f"{header} /{CANARY['path']} HTTP/1.1\r\n\r\n".encode())
        self.raw(f"POST /v1/{CANARY['path']}?{CANARY['query']} {start[28:]}{auth}\r\n".encode())
        self.raw(b"\x16\x03\x01" + header.encode())

    def administrate(self, key):
        """Keys and providers come and go; what they were is planted, too."""
        rotated = self.make_key("/keys/rotate", name="tour")
        self.ask("openai-chat", "openai-chat/m-good", False, rotated)
        gone = self.make_key("/keys/create", name="gone")
        self.control("/keys/revoke", {"name": "gone"})
        self.ask("anthropic", "anthropic/m-good", True, gone)
        self.control("/providers/update", {"id": "openai-chat", "key": SECOND_PROVIDER_KEY})
        self.ask("openai-chat", "openai-chat/m-good", False, rotated)
        self.control("/providers/test", {"id": "openai-chat"})
        self.control("/providers/test", {"id": "anthropic"})
        told = self.control("/keys/create", {"name": key})
        assert isinstance(told, str), "a key was taken for the name of one"
        self.control("/nothing", {"secret": CANARY["prompt"]})
        return rotated

    def look_at_everything(self):
        for path, body in (("/daemon/status", {}), ("/keys/list", {"all": True}), ("/providers/list", {}),
                           ("/keys/show", {"name": "tour"}), ("/providers/show", {"name": "anthropic"}),
                           ("/traces/list", {"terms": [], "limit": 1000}), ("/routes/show", {}),
                           ("/models/list", {}), ("/usage/sum", {"terms": [], "by": ["model", "key"]})):
            assert not isinstance(self.control(path, body), str), (path, self.said[-1])
        for row in self.daemon.traces(limit=200):
            self.control("/traces/show", {"name": row["id"]})
        for words in (("status",), ("status", "--json"), ("keys", "list"), ("keys", "list", "--json"),
                      ("keys", "show", "tour", "--json"), ("providers", "list", "--json"),
                      ("providers", "show", "anthropic"), ("providers", "test", "openai-chat"),
                      ("traces", "list"), ("traces", "list", "--json", "--limit", "500"),
                      ("traces", "path"), ("usage", "--by", "model,key"), ("usage", "--json"),
                      ("routes", "show"), ("models", "list"), ("models", "list", "--json"), ("logs",)):
            self.command(*words)

    # -- the search

    def needles(self):
        return [*CANARY.values(), PROVIDER_KEY, SECOND_PROVIDER_KEY, SPOILED_KEY, *self.keys]

    def check(self):
        assert any(path.name == "routerone.db" for path in self.files)
        assert any(path.name == "control.json" for path in self.files)
        assert any(content for content, _ in self.files[self.daemon.stderr_file]), "nothing was logged"
        found = set()
        for path, versions in self.files.items():
            for content, mode in versions:
                for needle in filter(lambda n: holds(content, n), self.needles()):
                    if path.parent.name == "secrets" and needle in (PROVIDER_KEY, SECOND_PROVIDER_KEY):
                        assert mode == 0o600, (path, oct(mode))
                    else:
                        found.add((needle, str(path.relative_to(self.daemon.home))))
        for where, texts in (("control answers", self.said), ("what was printed", self.printed)):
            found.update((needle, where) for text in texts for needle in self.needles()
                         if holds(text, needle))
        assert not found, sorted(found)


def spellings(needle):
    """As it is, in hexadecimal, and in base64 wherever it may begin there."""
    text = needle.encode()
    yield text
    yield text.hex().encode()
    for before in range(3):
        yield base64.b64encode(b"\0" * before + text)[(before * 8 + 5) // 6:-4]


def holds(content, needle):
    return any(spelling in content for spelling in spellings(needle))


def sweep(log_format, kill):
    with Sweep(log_format) as world:
        key = world.furnish()
        world.relay_everything(key)
        world.leave_in_the_middle(key)
        world.malformed(key)
        world.administrate(key)
        time.sleep(0.3)  # unauthenticated refusals are written when there is time
        world.look_at_everything()
        assert len(world.daemon.traces(limit=1000)) > 2 * len(KINDS) * len(MODES)
        commands = f"/proc/{world.daemon.pid}/cmdline"
        world.printed.append(pathlib.Path(commands).read_bytes())
        world.keep_files()
        if kill:
            world.daemon.kill()
            world.keep_files()
            world.daemon.start()
        world.daemon.terminate()
        world.keep_files()
        world.check()


MODES = [(dialect, stream) for dialect in DIALECTS for stream in (False, True)]


def test_no_canary_is_written():
    """no secret and no content is in any file, log, control answer or output, in text logs"""
    sweep("text", kill=False)


def test_no_canary_is_left_by_a_kill():
    """nor with JSON logs, in what SIGKILL leaves and the next start makes of it"""
    sweep("json", kill=True)


def test_the_sweep_finds_what_is_there():
    """a canary that is written is found, in any of its spellings"""
    with Daemon() as daemon:
        daemon.create_key("canary-name-that-is-kept")
        assert any(holds(path.read_bytes(), "canary-name-that-is-kept")
                   for path in daemon.home.rglob("*") if path.is_file())
    for before in (b"", b"x", b"xy", b"xyz"):
        assert holds(base64.b64encode(before + CANARY["prompt"].encode() + b"behind"), CANARY["prompt"])
    assert holds(CANARY["prompt"].encode().hex().encode(), CANARY["prompt"])
    assert not holds(CANARY["prompt"].encode()[:-1], CANARY["prompt"])


if __name__ == "__main__":
    sys.exit(cases.run("canaries", cases.collect(globals())))
