#!/usr/bin/env python3
"""Replays recorded provider traffic through the daemon: `recordings_test.py [CHUNKINGS]`."""
import json
import os
import sys

import cases
from daemon import Daemon
from raw_caller import PATHS, Caller, request_body
from recorded import folder
from tcp_provider import END, TcpProvider, chunked, json_answer, random_cuts, stream_head

CHUNKINGS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
TERMINATORS = (b"data: [DONE]", b"event: message_stop", b"event: response.completed")


def entries(stream):
    place = folder()
    manifest = json.loads((place / "manifest.json").read_text())
    return [(entry, (place / entry["file"]).read_bytes()) for entry in manifest["entries"]
            if entry["dialect"] in PATHS and entry["stream"] is stream]


def end_of(dialect, recording):
    """Where the stream's own end is: behind it nothing is passed on."""
    done = recording.rfind(b"data: [DONE]") if dialect == "openai-responses" else -1
    return recording if done < 0 else recording[:done]


class Replay:
    """A daemon with a provider a dialect, which answers with `answer` in pieces."""

    def __enter__(self):
        self.answer, self.cuts, self.number = b"", [], 0
        self.provider = TcpProvider(self.script).__enter__()
        self.daemon = Daemon().start()
        for dialect in PATHS:
            auth = "x-api-key" if dialect == "anthropic" else "bearer"
            self.daemon.add_provider(dialect, self.provider.base, dialect, auth)
        self.key = self.daemon.create_key()
        self.caller = Caller(self.daemon, self.key)
        return self

    def __exit__(self, *_):
        self.caller.close()
        self.daemon.__exit__()
        self.provider.__exit__()

    def script(self, connection):
        while connection.read_request():
            connection.send_pieces(self.answer, self.cuts)

    def ask(self, entry, answer, seed, by_itself=False):
        """`by_itself`: of a model that was never asked for before, so that nothing has cooled it."""
        self.answer, self.cuts = answer, random_cuts(len(answer), seed)
        self.number += by_itself
        dialect = entry["dialect"]
        self.caller.send(dialect, request_body(dialect, f"{dialect}/m{self.number}", entry["stream"]))
        got = self.caller.read()
        if not got.whole:
            self.caller.close()
            self.caller = Caller(self.daemon, self.key)
        return got

    def trace(self, answer):
        return self.daemon.control("/traces/show", {"name": answer.fields["x-request-id"]})


def summary(entry):
    said = entry.get("sdk_summary")
    return said if isinstance(said, dict) else {}


def read_in(usage):
    """All tokens read, however they are told apart."""
    if "prompt_tokens" in usage:
        return usage["prompt_tokens"]
    names = ["input_tokens"]
    if "input_tokens_details" not in usage:  # there they are counted within the input
        names += ["cache_read_tokens", "cache_write_tokens",
                  "cache_read_input_tokens", "cache_creation_input_tokens"]
    return sum(usage.get(name) or 0 for name in names)


def check_trace(entry, trace):
    said = summary(entry)
    name = {"anthropic": "stop", "openai-chat": "finish", "openai-responses": "status"}
    finish = said.get(name[entry["dialect"]])
    if isinstance(finish, str) and finish:
        assert trace["finish_reason"] == finish, (entry["file"], trace["finish_reason"], finish)
    usage = said.get("usage")
    if isinstance(usage, dict):
        output = usage.get("output_tokens", usage.get("completion_tokens"))
        if isinstance(output, int):
            # Some count their thinking beside the output; the trace counts it in.
            thought = usage.get("completion_tokens_details") or {}
            full = output + (thought.get("reasoning_tokens") or 0)
            assert trace["output_tokens"] in (output, full), (entry["file"], trace["output_tokens"])
        assert read_in(trace) == read_in(usage), (entry["file"], trace, usage)


def framed(recording, seed):
    """The recording as chunks that end anywhere."""
    body, begin = b"", 0
    for end in [*random_cuts(len(recording), seed + 7), len(recording)]:
        body += chunked(recording[begin:end])
        begin = end
    return stream_head() + body + END


def test_complete_streams():
    """recorded streams come through byte for byte at any chunking, with usage and finish traced"""
    with Replay() as replay:
        count = 0
        for entry, recording in entries(True):
            if entry.get("malformed"):
                continue
            count += 1
            wanted = end_of(entry["dialect"], recording)
            for seed in range(CHUNKINGS):
                got = replay.ask(entry, framed(recording, seed), seed)
                assert got.status == 200 and got.whole, (entry["file"], got.status, got.whole)
                assert got.body == wanted, (entry["file"], seed, got.body[-300:], wanted[-300:])
            trace = replay.trace(got)
            assert trace["state"] in ("completed", "completed_unmarked"), trace
            check_trace(entry, trace)
        assert count >= 100, count


def test_malformed_streams():
    """recorded streams that break their dialect arrive as far as they are sound, then one error"""
    with Replay() as replay:
        for entry, recording in entries(True):
            if not entry.get("malformed"):
                continue
            bodies = set()
            for seed in range(CHUNKINGS):
                got = replay.ask(entry, framed(recording, seed), seed)
                assert got.status == 200, (entry["file"], got.status)
                bodies.add(got.body)
            assert len(bodies) == 1, (entry["file"], "differs by chunking")
            body = bodies.pop()
            trace = replay.trace(got)
            if trace["state"].startswith("completed"):
                assert recording.startswith(body), entry["file"]
                continue
            common = len(os.path.commonprefix([body, recording]))
            rest = body[common:]  # ours, unless the provider's own error event was the last
            assert b"error" in (rest or body[-1000:]), (entry["file"], rest[:200])
            assert not any(mark in rest for mark in TERMINATORS), (entry["file"], rest[-200:])


def test_whole_answers():
    """recorded whole answers come through byte for byte"""
    with Replay() as replay:
        count = 0
        for entry, recording in entries(False):
            if entry["status"] != 200 or json.loads(recording).get("error"):
                continue
            count += 1
            for seed in range(CHUNKINGS):
                got = replay.ask(entry, json_answer(recording), seed)
                assert got.status == 200 and got.body == recording, (entry["file"], got.status)
            check_trace(entry, replay.trace(got))
        assert count >= 50, count


def test_errors():
    """recorded errors are passed on where they are the caller's, and are a typed error of ours where not"""
    with Replay() as replay:
        kinds = []
        for entry, recording in entries(False):
            if entry["status"] == 200 and not json.loads(recording).get("error"):
                continue
            for seed in range(CHUNKINGS):
                got = replay.ask(entry, json_answer(recording, entry["status"]), seed, by_itself=True)
                where = (entry["file"], got.status, got.body[:300])
                trace = replay.trace(got)
                kinds.append(trace["attempts"][0]["error"])
                passed_on = got.status == entry["status"] and got.body == recording
                if kinds[-1] in ("caller_fault", "rate_limited", "model_missing"):
                    assert passed_on, where
                else:
                    assert got.status >= 500 and got.json()["error"]["message"], where
                assert got.whole and len(trace["attempts"]) == 1, where
                assert trace["state"] == "upstream_failed", (where, trace)
        assert {"caller_fault", "credential_refused", "model_missing"} <= set(kinds), set(kinds)


if __name__ == "__main__":
    sys.exit(cases.run("recordings", cases.collect(globals())))
