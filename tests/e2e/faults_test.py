#!/usr/bin/env python3
"""Faults of providers, injected for real: what the caller sees, what the trace says, what must not be."""
import json
import pathlib
import ssl
import sys
import tempfile
import threading
import time

import cases
from daemon import Daemon, binary_dir
from raw_caller import DIALECTS, PATHS, Caller, request_body
from tcp_provider import (END, Certificates, TcpProvider, chunked, good_answer, head, json_answer,
                          serve_good, stream_events, stream_head, whole_body)

TERMINATORS = (b"data: [DONE]", b"message_stop", b"response.completed")
BAD = {"openai-chat": "bad", "openai-responses": "bad-r", "anthropic": "bad-m"}
GOOD = {"openai-chat": "good", "openai-responses": "good-r", "anthropic": "good-m"}
MODES = [(dialect, stream) for dialect in DIALECTS for stream in (False, True)]
FIRST_BYTE = 0.4


class World:
    """A daemon with short timers; `bad-*` runs the script of a case, `good-*` always serves. The model
    `m` of bad-* falls back to good-*; its model `alone` has no fallback."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="r1-faults-"))
        self.bad = TcpProvider().__enter__()
        self.good = {d: {s: TcpProvider().__enter__() for s in (0,)} for d in DIALECTS}
        self.daemon = Daemon().start()
        for dialect in DIALECTS:
            auth = "x-api-key" if dialect == "anthropic" else "bearer"
            good = self.good[dialect][0]
            good.script = self.serve_either(dialect)
            self.daemon.add_provider(BAD[dialect], self.bad.base, dialect, auth)
            self.daemon.add_provider(GOOD[dialect], good.base, dialect, auth)
        self.key = self.daemon.create_key()
        self.shorten_timers()
        self.number = 0

    @staticmethod
    def serve_either(dialect):
        def script(connection):
            while request := connection.read_request():
                connection.send(good_answer(dialect, b'"stream": true' in request))
        return script

    def shorten_timers(self):
        self.daemon.terminate()
        file = self.daemon.home / "state" / "control.json"
        control = json.loads(file.read_text())
        control["settings"].update(first_byte_timeout_ms=int(FIRST_BYTE * 1000),
                                   idle_timeout_ms=600, connect_timeout_ms=500,
                                   keepalive_after_ms=200)
        file.write_text(json.dumps(control))
        self.daemon.start()

    def fresh_model(self, dialect, fallback):
        """A model nobody has asked for yet: no earlier failure has cooled it."""
        self.number += 1
        name = f"{BAD[dialect]}/m{self.number}"
        if fallback:
            self.daemon.control("/routes/fallback",
                                {"model": name, "chain": [f"{GOOD[dialect]}/g{self.number}"]})
        return name

    def trace(self, answer):
        return self.daemon.control("/traces/show", {"name": answer.fields["x-request-id"]})


world = None


def ask(dialect, stream, fallback, script=None):
    """One request to a provider that runs `script`; the answer, its trace, and whether the caller's
    connection still works."""
    if script:
        world.bad.reset(script)
    caller = Caller(world.daemon, world.key)
    answer = caller.ask(dialect, world.fresh_model(dialect, fallback), stream)
    assert answer is not None, "the connection closed without an answer"
    trace = world.trace(answer)
    assert trace["state"] in ("completed", "completed_unmarked", "client_gone", "upstream_failed",
                              "refused", "shed"), trace
    if answer.whole and answer.fields.get("connection") != "close":
        again = caller.ask(dialect, f"{GOOD[dialect]}/again", stream)
        assert again is not None and again.status == 200 and again.whole, "the connection is poisoned"
        assert again.body == expected(dialect, stream), again.body
    caller.close()
    return answer, trace


def expected(dialect, stream):
    return b"".join(stream_events(dialect)) if stream else whole_body(dialect)


def check_served(answer, trace, dialect, stream):
    assert answer.status == 200 and answer.whole, (answer.status, answer.body[:200])
    assert answer.body == expected(dialect, stream), answer.body
    assert trace["state"] == "completed" and trace["route"] == "fallback", trace
    assert trace["provider"] == GOOD[dialect], trace
    assert len(trace["attempts"]) == 2, trace["attempts"]


def check_refused(answer, trace, dialect):
    assert answer.status in (429, 502, 503, 529), (answer.status, answer.body[:300])
    assert answer.whole
    error = answer.json()["error"]
    assert error["message"] and ("type" in answer.json() or dialect != "anthropic"), answer.body
    assert trace["state"] == "upstream_failed" and trace["error"], trace
    assert len(trace["attempts"]) == 1, trace["attempts"]


def fails_over(script, modes=MODES, code=None):
    """`script(dialect, stream)` makes the fault: with another target it is invisible, alone it is a
    typed error."""
    for dialect, stream in modes:
        answer, trace = ask(dialect, stream, True, script(dialect, stream))
        check_served(answer, trace, dialect, stream)
        if code:
            assert trace["attempts"][0]["code"] == code, trace["attempts"]
        answer, trace = ask(dialect, stream, False, script(dialect, stream))
        check_refused(answer, trace, dialect)
        if code:
            assert trace["attempts"][0]["code"] == code, trace["attempts"]


def each(action):
    """A script that does the same on every request, whatever the dialect and mode."""
    def make(dialect, stream):
        def script(connection):
            if connection.read_request():
                action(connection)
        return script
    return make


def test_refused_connection():
    """row 1: a refused connection goes to the next target; with none it is a typed error"""
    port = world.bad.port
    world.bad.__exit__()
    try:
        fails_over(lambda *_: None, code="connect_refused")
    finally:
        world.bad = TcpProvider()
        world.bad.listener.close()
        world.bad.listener = __import__("socket").create_server(("127.0.0.1", port), backlog=512)
        world.bad.port = port
        world.bad.__enter__()


def test_silence():
    """row 3: a provider that accepts and says nothing is left at the first-byte timeout"""
    fails_over(each(lambda c: c.wait_closed()), code="first_byte_timeout")


def test_slow_head():
    """row 4: a head that drips does not reset the timer to the first byte"""
    def drip(connection):
        for byte in head(200, "Content-Type: application/json", "X-Long: " + "a" * 400):
            connection.send(bytes([byte]))
            time.sleep(0.02)
    fails_over(each(drip), modes=MODES[:2], code="first_byte_timeout")


def test_closed_before_an_answer():
    """row 5: FIN or RST instead of an answer"""
    fails_over(each(lambda c: None), code="closed_before_head")
    fails_over(each(lambda c: c.reset()), modes=MODES[:2], code="closed_before_head")


def test_keep_alive_race():
    """row 6: a pooled connection that died is replaced silently, and the request sent once more"""
    def serve_one(connection):
        if connection.read_request():
            connection.send(good_answer("openai-chat", False))
    world.bad.reset(serve_one)
    caller = Caller(world.daemon, world.key)
    name = world.fresh_model("openai-chat", False)
    for _ in range(300):
        answer = caller.ask("openai-chat", name)
        assert answer.status == 200 and answer.body == whole_body("openai-chat"), answer.body
    assert len(world.bad.requests) == 300, "a request was sent twice, or lost"
    caller.close()


def test_broken_heads():
    """rows 7 and 9: heads that break off or could be read in two ways"""
    body = whole_body("openai-chat")
    length = f"Content-Length: {len(body)}"
    heads = [b"HTTP/1.1 20", b"HTTP/1.1 abc OK\r\n\r\n", b"nonsense\r\n\r\n",
             head(200, length, f"Content-Length: {len(body) + 1}") + body,
             head(200, length, "Transfer-Encoding: chunked") + chunked(body) + END,
             head(200, "X-A: b\rSet-Cookie: c", length) + body,
             head(200, "Content-Length: +5") + body, head(101, "Upgrade: x")]
    for bytes_sent in heads:
        fails_over(each(lambda c, b=bytes_sent: c.send(b)), modes=[("openai-chat", False)])


def test_oversized_heads():
    """row 8: a 4 MiB header, 20,000 headers, 20,000 interim answers, in bounded memory"""
    before = rss_anon()
    for flood in (b"HTTP/1.1 200 OK\r\nX: " + b"a" * (4 << 20),
                  b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
                  b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20_000):
        fails_over(each(lambda c, b=flood: c.send(b)), modes=[("openai-chat", False)],
                   code="bad_head")
    assert rss_anon() - before < 4 << 20, (before, rss_anon())


def rss_anon():
    """Memory of the daemon's own; nothing where a sanitizer keeps what was freed."""
    if b"__asan_init" in (binary_dir() / "routeroned").read_bytes():
        return 0
    for line in open(f"/proc/{world.daemon.pid}/status", encoding="ascii"):
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def test_broken_framing_of_whole_answers():
    """row 10: chunks or lengths that do not come out right are never a whole answer"""
    body = whole_body("openai-chat")
    chunks = head(200, "Content-Type: application/json", "Transfer-Encoding: chunked")
    for broken in (chunks + b"zz\r\n" + body, chunks + b"FFFFFFFFFFFFFFFFF\r\n" + body,
                   chunks + chunked(body)[:-9], chunks + chunked(body),
                   json_answer(body)[:-7]):
        fails_over(each(lambda c, b=broken: c.send(b)), modes=[("openai-chat", False)])


def test_bytes_behind_the_answer():
    """row 10: bytes behind an answer never reach the next request"""
    def script(connection):
        while connection.read_request():
            connection.send(good_answer("openai-chat", False) + b"HTTP/1.1 200 OK\r\n\r\nstolen")
    world.bad.reset(script)
    caller = Caller(world.daemon, world.key)
    name = world.fresh_model("openai-chat", False)
    for _ in range(20):
        answer = caller.ask("openai-chat", name)
        assert answer.status == 200 and answer.body == whole_body("openai-chat"), answer.body
    assert world.bad.accepts == 20, "a connection with bytes left over was used again"
    caller.close()


def check_cut(answer, trace, dialect, sent):
    """After content: what came, one error event, then the connection closes without an end mark."""
    assert answer.status == 200 and not answer.whole, "the cut stream looks whole"
    assert answer.body.startswith(sent), (answer.body, sent)
    rest = answer.body[len(sent):]
    assert not any(mark in answer.body for mark in TERMINATORS), answer.body
    mark = {"openai-chat": b'"error"', "anthropic": b"event: error",
            "openai-responses": b"event: error"}[dialect]
    assert rest.count(mark) == 1, rest
    assert trace["state"] == "upstream_failed" and trace["error"], trace
    assert len(trace["attempts"]) == 1, trace["attempts"]


def test_cut_streams():
    """row 11: after content a cut stream carries one error event and is never dressed up as whole"""
    for dialect in DIALECTS:
        events = stream_events(dialect)
        sent = b"".join(events[:3])
        for end in (lambda c: None, lambda c: c.reset(), lambda c: c.send(b"5\r\nda"),
                    lambda c: c.send(b"zz\r\n")):
            def script(connection, end=end):
                connection.read_request()
                connection.send(stream_head() + chunked(sent))
                time.sleep(0.05)
                end(connection)
            answer, trace = ask(dialect, True, True, script)
            check_cut(answer, trace, dialect, sent)


def test_cut_after_the_handshake():
    """row 11: a stream that dies after its handshake fails over unseen"""
    def make(dialect, stream):
        def script(connection):
            connection.read_request()
            connection.send(stream_head() + chunked(stream_events(dialect)[0]))
            time.sleep(0.02)
        return script
    fails_over(make, modes=[(dialect, True) for dialect in DIALECTS])


def test_stall():
    """row 12: a stalled stream is kept alive, then cut at the idle timeout with an error event"""
    for dialect in DIALECTS:
        sent = b"".join(stream_events(dialect)[:3])

        def script(connection):
            connection.read_request()
            connection.send(stream_head() + chunked(sent))
            connection.wait_closed()
        answer, trace = ask(dialect, True, False, script)
        assert answer.body.startswith(sent) and not answer.whole
        alive = {"openai-chat": b'"delta":{}', "anthropic": b"event: ping",
                 "openai-responses": b"keepalive"}[dialect]
        assert alive in answer.body[len(sent):].replace(b'": {', b'":{'), answer.body[len(sent):]
        assert trace["attempts"][0]["code"] == "idle_timeout", trace


def test_drip():
    """row 13: a stream that comes byte by byte arrives the same"""
    for dialect in DIALECTS:
        whole = good_answer(dialect, True)

        def script(connection):
            connection.read_request()
            connection.send_pieces(whole, range(1, len(whole)), 0.0005)
        answer, trace = ask(dialect, True, False, script)
        assert answer.whole and answer.body == expected(dialect, True), answer.body
        assert trace["state"] == "completed"


ERROR_EVENTS = {
    "openai-chat": b'data: {"error":{"message":"secret words","type":"server_error"}}\n\n',
    "anthropic": b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error",'
                 b'"message":"secret words"}}\n\n',
    "openai-responses": b'event: error\ndata: {"type":"error","code":"server_error",'
                        b'"message":"secret words","param":null,"sequence_number":9}\n\n'}


def test_error_events():
    """row 14: an error event first fails over; in the middle it is passed on and ends the stream"""
    def first(dialect, stream):
        def script(connection):
            connection.read_request()
            connection.send(stream_head() + chunked(ERROR_EVENTS[dialect]) + END)
        return script
    for dialect in DIALECTS:
        answer, trace = ask(dialect, True, True, first(dialect, True))
        check_served(answer, trace, dialect, True)
        sent = b"".join(stream_events(dialect)[:3]) + ERROR_EVENTS[dialect]

        def middle(connection):
            connection.read_request()
            connection.send(stream_head() + chunked(sent) + END)
        answer, trace = ask(dialect, True, True, middle)
        assert answer.body.startswith(sent), answer.body
        assert trace["state"] == "upstream_failed", trace
        assert not any(mark in answer.body for mark in TERMINATORS), answer.body


def test_odd_events_pass():
    """row 15: comments, CRLF, several data lines, bad JSON and bad UTF-8 pass unchanged"""
    odd = (b": a comment\n\n", b"event: x\r\ndata: {\"a\":1}\r\n\r\n", b"data: one\ndata: two\n\n",
           b"data: {broken\n\n", b"data: \"\xff\xfe\x00\"\n\n", b"id: 7\nretry: 10\n\n")
    for dialect in DIALECTS:
        events = stream_events(dialect)
        sent = b"".join([*events[:3], *odd, *events[3:]])

        def script(connection):
            connection.read_request()
            connection.send(stream_head() + chunked(sent) + END)
        answer, trace = ask(dialect, True, False, script)
        assert answer.whole and answer.body == sent, (dialect, answer.body)
        assert trace["state"] == "completed", trace


def test_endless_line():
    """row 16: a line of 16 MiB passes through in bounded memory"""
    events = stream_events("openai-chat")
    line = b'data: {"choices":[{"delta":{"content":"' + b"x" * (16 << 20) + b'"}}]}\n\n'
    sent = b"".join([*events[:3], line, *events[3:]])

    def script(connection):
        connection.read_request()
        connection.send(stream_head())
        for begin in range(0, len(sent), 1 << 20):
            connection.send(chunked(sent[begin:begin + (1 << 20)]))
        connection.send(END)
    before = rss_anon()
    answer, trace = ask("openai-chat", True, False, script)
    assert answer.whole and answer.body == sent, len(answer.body)
    assert trace["state"] == "completed", trace
    assert rss_anon() - before < 4 << 20, (before, rss_anon())


def test_missing_ends():
    """row 17: a finish reason and a clean end without the terminal event is marked; none is an error"""
    for dialect in ("openai-chat", "anthropic"):
        events = stream_events(dialect)
        without_end = b"".join(events[:-1])
        unfinished = b"".join(events[:3])
        for sent, state in ((without_end, "completed_unmarked"), (unfinished, "upstream_failed")):
            def script(connection, sent=sent):
                connection.read_request()
                connection.send(stream_head() + chunked(sent) + END)
            answer, trace = ask(dialect, True, False, script)
            assert trace["state"] == state, (dialect, trace)
            assert not any(mark in answer.body for mark in TERMINATORS), answer.body
            assert answer.body == sent if state == "completed_unmarked" else not answer.whole


def test_missing_usage():
    """row 17: usage that is not stated is estimated, and marked so"""
    body = json.loads(whole_body("openai-chat"))
    del body["usage"]
    answer, trace = ask("openai-chat", False, False,
                        each(lambda c: c.send(json_answer(json.dumps(body).encode())))(0, 0))
    assert answer.status == 200 and trace["usage_source"] == "estimate", trace
    body["usage"] = {"prompt_tokens": -5, "completion_tokens": 1 << 62}
    answer, trace = ask("openai-chat", False, False,
                        each(lambda c: c.send(json_answer(json.dumps(body).encode())))(0, 0))
    assert trace["input_tokens"] >= 0 and trace["output_tokens"] < 1 << 53, trace


def test_bad_200s():
    """row 18: a 200 that is no answer is not a success"""
    html = b"<html>captive portal</html>"
    for body, kind in ((html, "text/html"), (b"", "application/json"),
                       (whole_body("openai-chat")[:-20], "application/json"),
                       (b"[" * 400_000, "application/json"), (b"{}", "application/json")):
        answer = head(200, f"Content-Type: {kind}", f"Content-Length: {len(body)}") + body
        fails_over(each(lambda c, a=answer: c.send(a)), modes=[("openai-chat", False)])


def error_body(dialect, status):
    if dialect == "anthropic":
        return json.dumps({"type": "error", "error": {"type": "x", "message": f"said {status}"}}).encode()
    code = "model_not_found" if status == 404 else None
    return json.dumps({"error": {"message": f"said {status}: the model `m` does not exist", "type": "x",
                                 "code": code, "param": None}}).encode()


def test_statuses():
    """row 20: the caller's own mistakes are passed on; ours and the provider's go to the next target"""
    for dialect in DIALECTS:
        for status in (400, 413, 422):
            body = error_body(dialect, status)
            answer, trace = ask(dialect, False, True,
                                each(lambda c: c.send(json_answer(body, status)))(0, 0))
            assert answer.status == status and answer.body == body, (status, answer.body)
            assert len(trace["attempts"]) == 1, trace
        for status in (401, 402, 403, 408, 500, 502, 503, 529):
            body = error_body(dialect, status)
            script = each(lambda c: c.send(json_answer(body, status)))(0, 0)
            answer, trace = ask(dialect, False, True, script)
            check_served(answer, trace, dialect, False)
            answer, trace = ask(dialect, False, False, script)
            assert answer.status not in (401, 402, 403), (status, answer.status)
            assert answer.status >= 500, (status, answer.status)
    script = each(lambda c: c.send(json_answer(error_body("openai-chat", 404), 404)))(0, 0)
    answer, trace = ask("openai-chat", False, True, script)
    check_served(answer, trace, "openai-chat", False)


def test_rate_limit():
    """row 21: a 429 goes to the next target, and the one that said it is left alone for that long"""
    body = error_body("openai-chat", 429)
    script = each(lambda c: c.send(json_answer(body, 429, "Retry-After: 30")))("", 0)
    world.bad.reset(script)
    name = world.fresh_model("openai-chat", True)
    caller = Caller(world.daemon, world.key)
    for _ in range(5):
        answer = caller.ask("openai-chat", name)
        assert answer.status == 200 and answer.body == whole_body("openai-chat")
    assert len(world.bad.requests) == 1, "it was asked again while it cools"
    caller.close()
    answer, trace = ask("openai-chat", False, False, script)
    assert answer.status == 429 and answer.body == body, answer.body
    for value in ("99999999", "Wed, 21 Oct 2099 07:28:00 GMT"):
        answer, trace = ask("openai-chat", False, False, each(
            lambda c: c.send(json_answer(body, 429, f"Retry-After: {value}")))("", 0))
        assert answer.status == 429, answer.status


def test_redirect():
    """row 23: a redirect is an error, and nobody goes where it points"""
    with TcpProvider(serve_good("openai-chat", False)) as thief:
        fails_over(each(lambda c: c.send(head(
            307, f"Location: {thief.base}/chat/completions", "Content-Length: 0"))),
            modes=MODES[:2], code="redirect")
        assert thief.accepts == 0


def test_tls():
    """row 24: a certificate that cannot be trusted is named, and the key is never sent"""
    certificates = Certificates(world.folder)
    cases_of_tls = [
        (certificates.context("expired", days="-1"), "tls_certificate"),
        (certificates.context("elsewhere", names="DNS:example.org"), "tls_certificate"),
        (certificates.context("own", signed=False), "tls_certificate"),
        (certificates.context("old", newest=ssl.TLSVersion.TLSv1_1), "tls_handshake")]
    for number, (context, code) in enumerate(cases_of_tls):
        with TcpProvider(serve_good("openai-chat", False), tls=context) as server:
            world.daemon.add_provider(f"tls{number}", server.base, "openai-chat",
                                      ca_file=certificates.authority)
            caller = Caller(world.daemon, world.key)
            answer = caller.ask("openai-chat", f"tls{number}/m")
            trace = world.trace(answer)
            check_refused(answer, trace, "openai-chat")
            assert trace["attempts"][0]["code"] == code, (number, trace["attempts"])
            assert not server.requests, "a request was sent to who could not prove its name"
            world.daemon.control("/routes/fallback", {"model": f"tls{number}/f", "chain": ["good/g"]})
            answer = caller.ask("openai-chat", f"tls{number}/f")
            check_served(answer, world.trace(answer), "openai-chat", False)
            caller.close()
    with TcpProvider(serve_good("openai-chat", False), tls=certificates.context("fine")) as server:
        world.daemon.add_provider("tls-fine", server.base, "openai-chat",
                                  ca_file=certificates.authority)
        caller = Caller(world.daemon, world.key)
        for _ in range(3):
            answer = caller.ask("openai-chat", "tls-fine/m")
            assert answer.status == 200 and answer.body == whole_body("openai-chat"), answer.body
        caller.close()


def test_caller_leaves():
    """row 40: a caller that leaves is told to the provider at once, and what was used is kept"""
    for dialect in DIALECTS:
        told = threading.Event()
        events = stream_events(dialect)

        def script(connection):
            connection.read_request()
            connection.send(stream_head() + chunked(b"".join(events[:3])))
            if connection.wait_closed():
                told.set()
        world.bad.reset(script)
        caller = Caller(world.daemon, world.key)
        caller.send(dialect, request_body(dialect, world.fresh_model(dialect, True), True))
        status, fields = caller.read_head()
        assert status == 200
        caller.close()
        assert told.wait(5), "the provider was not told"
        end = time.monotonic() + 5
        while time.monotonic() < end:
            trace = world.daemon.traces("state=client_gone", limit=1)
            if trace and trace[0]["id"] == fields["x-request-id"]:
                break
            time.sleep(0.02)
        assert trace and trace[0]["id"] == fields["x-request-id"], trace
        assert trace[0]["usage_source"] in ("upstream", "estimate"), trace[0]


def test_half_closed_and_pipelined_callers():
    """row 41: a caller that has said all it has to say, and one that asks twice at once, are answered"""
    caller = Caller(world.daemon, world.key)
    caller.send("openai-chat", request_body("openai-chat", "good/x", False))
    caller.send("anthropic", request_body("anthropic", "good-m/x", True))
    caller.sock.shutdown(1)
    first, second = caller.read(), caller.read()
    assert first.status == 200 and first.body == whole_body("openai-chat")
    assert second.status == 200 and second.body == expected("anthropic", True)
    assert caller.is_closed()


def main():
    global world
    world = World()
    try:
        return cases.run("faults", cases.collect(globals()))
    finally:
        world.daemon.__exit__()


if __name__ == "__main__":
    sys.exit(main())
