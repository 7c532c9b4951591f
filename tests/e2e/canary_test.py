#!/usr/bin/env python3
"""Secrets and contents are planted everywhere they could come from, then searched for in every byte the
daemon and the command line wrote."""
import json
import os
import pathlib
import stat
import subprocess
import sys

import cases
from daemon import Daemon, binary_dir
from raw_caller import DIALECTS, Caller
from tcp_provider import TcpProvider, chunked, END, json_answer, stream_events, stream_head

CANARY = {name: f"canary-{name}-7f3a91c2" for name in (
    "prompt", "completion", "toolargs", "query", "providererror", "header", "cookie", "modelsecret")}
PROVIDER_KEY = "sk-canary-provider-key-51d2ab90"


def body(dialect, model, stream):
    message = [{"role": "user", "content": CANARY["prompt"]}]
    wish = {"model": model, "stream": stream, "metadata": {"secret": CANARY["header"]}}
    if dialect == "openai-responses":
        return {**wish, "input": message}
    tools = [{"name": "f", "input_schema": {"type": "object", "title": CANARY["toolargs"]}}]
    return {**wish, "messages": message, "max_tokens": 9, "tools": tools}


def answers(connection):
    """By turns: a good answer, an error with a telling message, a broken one, a cut one."""
    while request := connection.read_request():
        dialect = ("anthropic" if b"/messages" in request else
                   "openai-responses" if b"/responses" in request else "openai-chat")
        stream = b'"stream": true' in request
        words = (CANARY["completion"], CANARY["toolargs"])
        events = stream_events(dialect, words)
        if b"m-error" in request:
            message = json.dumps({"error": {"message": CANARY["providererror"], "type": "x",
                                            "code": CANARY["providererror"]}}).encode()
            connection.send(json_answer(message, 400, f"X-Request-Id: {CANARY['header']}"[:22]))
        elif b"m-broken" in request:
            connection.send(json_answer(CANARY["completion"].encode()))
        elif b"m-cut" in request:
            connection.send(stream_head() + chunked(b"".join(events[:3])))
            return
        elif stream:
            connection.send(stream_head(f"Set-Cookie: {CANARY['cookie']}") +
                            b"".join(chunked(e) for e in events) + END)
        else:
            answer = json.dumps({"id": "x", "object": "chat.completion", "type": "message", "choices": [
                {"message": {"content": CANARY["completion"]}, "finish_reason": "stop"}], "content": [
                {"type": "text", "text": CANARY["completion"]}], "output": [], "status": "completed",
                "usage": {"prompt_tokens": 1, "completion_tokens": 1}}).encode()
            connection.send(json_answer(answer))


def command(daemon, *words):
    env = {**os.environ, "ROUTERONE_HOME": str(daemon.home)}
    done = subprocess.run([binary_dir() / "routerone", *words], env=env, capture_output=True,
                          timeout=30, check=False)
    return done.stdout + done.stderr


def traffic(daemon, key):
    for dialect in DIALECTS:
        for model in ("m-good", "m-error", "m-broken", "m-cut"):
            for stream in (False, True):
                for credential in (key, key[:-1] + "x", CANARY["modelsecret"]):
                    caller = Caller(daemon, credential)
                    text = json.dumps(body(dialect, f"{dialect}/{model}", stream)).encode()
                    path = {"openai-chat": "/v1/chat/completions", "anthropic": "/v1/messages",
                            "openai-responses": "/v1/responses"}[dialect]
                    caller.send(dialect, text, f"{path}?key={CANARY['query']}")
                    caller.read()
                    caller.close()
    for text in (f'{{"model": "openai-chat/m", "x": {CANARY["prompt"]}', CANARY["prompt"],
                 f'{{"model": "{CANARY["prompt"]}"'):
        caller = Caller(daemon, key)
        caller.send("openai-chat", text.encode())
        caller.read()
        caller.close()
    caller = Caller(daemon, key)
    caller.sock.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nX: {CANARY['header']}\r\n"
                        f"Authorization: Bearer {CANARY['header']}\nbroken\r\n\r\n".encode())
    caller.read()
    caller.close()


def everything_written(home):
    return [path for path in pathlib.Path(home).rglob("*") if path.is_file()]


def test_no_canary_is_written():
    """no secret, prompt or completion is in any file, log, or answer of the control socket"""
    with TcpProvider(answers) as provider, Daemon(options=["--log-level", "trace"]) as daemon:
        for dialect in DIALECTS:
            daemon.add_provider(dialect, provider.base, dialect,
                                "x-api-key" if dialect == "anthropic" else "bearer", PROVIDER_KEY)
        key = daemon.create_key("canary")
        traffic(daemon, key)
        assert daemon.wait_traces(24)
        printed = b"".join(command(daemon, *words) for words in (
            ("status",), ("keys", "list"), ("keys", "show", "canary", "--json"), ("providers", "list"),
            ("providers", "show", "anthropic", "--json"), ("providers", "test", "openai-chat"),
            ("traces", "list", "--json", "--limit", "500"), ("usage", "--by", "model,key", "--json"),
            ("routes", "show"), ("models", "list"), ("logs",)))
        said = json.dumps([daemon.control(path, call) for path, call in (
            ("/daemon/status", {}), ("/keys/list", {"all": True}), ("/providers/list", {"all": True}),
            ("/traces/list", {"terms": [], "limit": 1000}), ("/routes/show", {}))]).encode()
        daemon_files = lambda: {p: p.read_bytes() for p in everything_written(daemon.home)}
        while_running = daemon_files()
        daemon.terminate()
        needles = [*CANARY.values(), PROVIDER_KEY, key]
        secret_files = set()
        for files in (while_running, daemon_files()):
            assert any(path.name == "routerone.db" for path in files)
            for path, content in files.items():
                for needle in needles:
                    if needle.encode() not in content:
                        continue
                    own = needle == PROVIDER_KEY and path.parent.name == "secrets"
                    assert own, f"{needle} stands in {path}"
                    assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
                    secret_files.add(path)
        assert len(secret_files) == 3, secret_files
        for needle in needles:
            assert needle.encode() not in said, f"{needle} in a control answer"
            assert needle.encode() not in printed, f"{needle} was printed"


def test_the_sweep_finds_what_is_there():
    """a canary that is written is found"""
    with Daemon() as daemon:
        daemon.create_key("canary-name-that-is-kept")
        found = [p for p in everything_written(daemon.home)
                 if b"canary-name-that-is-kept" in p.read_bytes()]
        assert found


if __name__ == "__main__":
    sys.exit(cases.run("canaries", cases.collect(globals())))
