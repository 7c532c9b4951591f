#!/usr/bin/env python3
"""Every fault of a provider in every dialect and both modes, before content and after it, and after each
the books: one trace, as many requests at the providers as it tells, the connection as good as before."""
import json
import os
import sys
import time

import cases
import faults_test
from faults_test import (BAD, ERROR_EVENTS, GOOD, MODES, TERMINATORS, World, error_body, expected,
                         rss_anon)
from raw_caller import DIALECTS, Caller
from tcp_provider import (END, Certificates, TcpProvider, chunked, good_answer, head, json_answer, stream_events, stream_head,
                          whole_body)

STREAMS = [(dialect, True) for dialect in DIALECTS]
NOTHING_SENT = ("connect_refused", "tls_certificate", "tls_handshake", "dns", "connect_timeout")
world = None


def requests_at(provider):
    with provider.lock:
        return len(provider.requests)


def newest():
    rows = world.daemon.traces(limit=1)
    return rows[0]["sequence"] if rows else 0


def check_told(dialect, trace, earlier=0):
    """The providers got as many requests as the trace tells, and `earlier` ones before it."""
    told = dict.fromkeys((BAD[dialect], GOOD[dialect]), 0)
    for attempt in trace["attempts"]:
        told[attempt["provider"]] += (attempt["code"] not in NOTHING_SENT) + attempt["replayed"]
    got = {BAD[dialect]: requests_at(world.bad) - earlier, GOOD[dialect]: requests_at(world.good[dialect][0])}
    assert told == got, (told, got, trace["attempts"])


def ask(dialect, stream, fallback, fault):
    """One request to a provider that reads it and then does `fault(connection)`. The books are checked
    before the answer is handed back."""
    def script(connection):
        if connection.read_request():
            fault(connection)
    world.bad.reset(script)
    good = world.good[dialect][0]
    good.requests.clear()
    before = newest()
    caller = Caller(world.daemon, world.key)
    answer = caller.ask(dialect, world.fresh_model(dialect, fallback), stream)
    assert answer is not None, "the connection closed without an answer"
    trace = world.trace(answer)
    assert trace["sequence"] == before + 1 and newest() == before + 1, "not one row a request"
    check_told(dialect, trace)
    if answer.whole and answer.fields.get("connection") != "close":
        again = caller.ask(dialect, f"{GOOD[dialect]}/again", stream)
        assert again is not None and again.whole, "the connection is poisoned"
        assert again.status == 200 and again.body == expected(dialect, stream), again.body
    else:
        assert caller.is_closed(), "neither whole nor closed"
    caller.close()
    return answer, trace


def fails_over(fault, modes=MODES):
    """`fault(dialect, stream)` makes what the provider does. Unseen with another target; alone a typed
    error of the caller's dialect."""
    for dialect, stream in modes:
        answer, trace = ask(dialect, stream, True, fault(dialect, stream))
        where = (dialect, stream, answer.status, answer.body[:200], trace["attempts"])
        assert answer.status == 200 and answer.whole, where
        assert answer.body == expected(dialect, stream), where
        assert trace["state"] == "completed" and trace["provider"] == GOOD[dialect], where
        assert len(trace["attempts"]) == 2 and trace["attempts"][0]["error"], where
        answer, trace = ask(dialect, stream, False, fault(dialect, stream))
        where = (dialect, stream, answer.status, answer.body[:200], trace["attempts"])
        assert answer.whole and answer.status in (404, 429, 502, 503, 529), where
        error = answer.json()["error"]
        assert error["type"] and error["message"], where
        assert (answer.json().get("type") == "error") == (dialect == "anthropic"), where
        assert trace["state"] in ("upstream_failed", "refused") and trace["error"], where
        assert len(trace["attempts"]) == 1, where


def always(data):
    return lambda dialect, stream: lambda connection: connection.send(data)


def answer_with(*fields, status=200):
    """The right body under a head of its own making."""
    def make(dialect, stream):
        body = expected(dialect, stream)
        filled = [field.replace("LENGTH", str(len(body))) for field in fields]
        return lambda connection: connection.send(head(status, *filled) + body)
    return make


def test_status_lines():
    """row 7: heads that are cut, reset or begin with no status line"""
    for line in (b"", b"HTTP/1.1 20", b"HTP/1.1 200 OK\r\n\r\n", b"HTTP/2 200 OK\r\n\r\n",
                 b"HTTP/1.1 2000 OK\r\n\r\n", b"HTTP/1.1 -20 OK\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"):
        fails_over(always(line))

    def reset(dialect, stream):
        def fault(connection):
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
            time.sleep(0.01)
            connection.reset()
        return fault
    fails_over(reset)


def test_floods():
    """row 8: heads without an end are refused in bounded memory"""
    fails_over(always(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 17))  # the pools of both modes are warm
    before = rss_anon()
    for flood in (b"HTTP/1.1 200 OK\r\nX: " + b"a" * (4 << 20),
                  b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
                  b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20_000):
        fails_over(always(flood))
    assert rss_anon() - before < 2 << 20, (before, rss_anon())


def test_interim_answers():
    """row 8: up to 16 interim answers before the real one are skipped"""
    for dialect, stream in MODES:
        data = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 16 + good_answer(dialect, stream)
        answer, trace = ask(dialect, stream, False, lambda c, d=data: c.send(d))
        assert answer.status == 200 and answer.body == expected(dialect, stream), answer.body
        assert "link" not in answer.fields and trace["state"] == "completed"


def test_ambiguous_heads():
    """row 9: a head that two readers could understand differently is nobody's answer"""
    length = "Content-Length: LENGTH"
    for fields in ((length, "Content-Length: 1"), (length, "Transfer-Encoding: chunked"),
                   ("Content-Length: +5",), ("Content-Length: 5, 6",), ("Content-Length: 0x5",),
                   ("Content-Length: 99999999999999999999999",), ("Transfer-Encoding: gzip, chunked",),
                   ("Transfer-Encoding: chunked, chunked",), (length, "X-A: b\rSet-Cookie: c"),
                   (length, "X-A: b\0c"), (length, "X-A : b"), (length, "X-A: b\r\n folded"),
                   (length, "no colon")):
        fails_over(answer_with(*fields))
    fails_over(answer_with("Upgrade: websocket", "Connection: upgrade", status=101))


def test_broken_framing_before_content():
    """row 10: chunks or lengths that do not come out right are never a whole answer"""
    def broken(breaker):
        def make(dialect, stream):
            if stream:
                return lambda c: c.send(stream_head() + breaker(stream_events(dialect)[0]))
            return lambda c: c.send(head(200, "Content-Type: application/json",
                                         "Transfer-Encoding: chunked") + breaker(whole_body(dialect)))
        return make
    for breaker in (lambda b: b"zz\r\n" + b, lambda b: b"FFFFFFFFFFFFFFFFF\r\n" + b,
                    lambda b: b"-5\r\n" + b, lambda b: b"\r\n" + b, lambda b: chunked(b)[:-9],
                    lambda b: chunked(b)[:-2] + b"xx" + END, chunked,
                    lambda b: chunked(b) + b"0\r\n"):
        fails_over(broken(breaker))
    fails_over(lambda d, s: lambda c: c.send(
        head(200, "Content-Length: 5000") + (stream_events(d)[0] if s else whole_body(d))))


def test_terminal_event_then_fin():
    """row 10: after the terminal event a missing end of the chunks changes nothing, nor does what follows"""
    for dialect, stream in STREAMS:
        body = b"".join(chunked(event) for event in stream_events(dialect))
        for behind in (b"", chunked(b"data: {\"evil\":1}\n\n"), chunked(b": still here\n\n") + END,
                       b"zz\r\n", END + b"HTTP/1.1 200 OK\r\n\r\nevil"):
            answer, trace = ask(dialect, stream, True, lambda c, b=behind: c.send(
                stream_head() + body + b))
            assert answer.whole and answer.body == expected(dialect, True), (behind, answer.body)
            assert trace["state"] == "completed" and len(trace["attempts"]) == 1, trace


def test_bodies_that_end_with_the_connection():
    """row 10: a body without a length ends with FIN; by RST it is cut"""
    for dialect, stream in MODES:
        kind = "text/event-stream" if stream else "application/json"
        start = head(200, f"Content-Type: {kind}")
        body = expected(dialect, stream)
        answer, trace = ask(dialect, stream, True, lambda c: c.send(start + body))
        assert answer.whole and answer.body == body and trace["state"] == "completed", answer.body
        assert len(trace["attempts"]) == 1, trace

        def slow(connection):
            connection.send(start)
            connection.send_pieces(body, range(50, len(body), 50), 0.002)
        answer, trace = ask(dialect, stream, True, slow)
        assert answer.whole and answer.body == body, answer.body

    def reset(dialect, stream):
        def fault(connection):
            connection.send(head(200) + (stream_events(dialect)[0] if stream else whole_body(dialect)))
            time.sleep(0.01)
            connection.reset()
        return fault
    fails_over(reset)
    fails_over(always(head(200)))
    fails_over(always(head(200, "Content-Type: text/html") + b"<html>captive portal</html>"))


def test_tls_bodies_that_end_with_the_connection():
    """rows 10 and 24: over TLS an end without close_notify is a cut; a handshake cut short is no answer"""
    context = Certificates(world.folder).context("matrix")

    def serve(notify):
        def script(connection):
            connection.read_request()
            connection.send(head(200, "Content-Type: application/json") + whole_body("openai-chat"))
            if notify:
                connection.sock.unwrap()
        return script
    for number, (notify, code) in enumerate([(True, None), (False, "closed_in_body")]):
        with TcpProvider(serve(notify), tls=context) as server:
            name = f"tls-end-{number}"
            world.daemon.add_provider(name, server.base, "openai-chat",
                                      ca_file=str(world.folder / "ca.pem"))
            caller = Caller(world.daemon, world.key)
            answer = caller.ask("openai-chat", f"{name}/m")
            attempts = world.trace(answer)["attempts"]
            assert [attempt["code"] for attempt in attempts] == [code], attempts
            assert (answer.status == 200) == notify, answer.body
            caller.close()
    # One that hangs up on the first bytes of the handshake.
    hang_up = TcpProvider(lambda connection: connection.sock.recv(1) and connection.reset())
    with hang_up as server:
        world.daemon.add_provider("tls-none", server.base.replace("http:", "https:"), "openai-chat")
        caller = Caller(world.daemon, world.key)
        world.daemon.control("/routes/fallback", {"model": "tls-none/f", "chain": ["good/g"]})
        answer = caller.ask("openai-chat", "tls-none/f")
        trace = world.trace(answer)
        assert answer.status == 200 and trace["provider"] == "good", trace
        assert trace["attempts"][0]["code"] == "tls_handshake", trace["attempts"]
        answer = caller.ask("openai-chat", "tls-none/m")
        assert answer.status == 503 and world.trace(answer)["state"] == "upstream_failed", answer.body
        caller.close()


def test_answers_that_are_none():
    """row 18: a 200 that is no answer of its dialect is not a success"""
    def body(kind, data):
        return always(head(200, f"Content-Type: {kind}", f"Content-Length: {len(data)}") + data)
    for data in (b"<html>captive portal</html>", b"", b"ok", b"null", b"[]", b"{}", b"[" * 400_000,
                 b'{"a":' * 200_000, b"\x1f\x8b\x08\x00\x00", b"\xff\xfe{}"):
        for kind in ("application/json", "text/html", "text/event-stream"):
            fails_over(body(kind, data))
    fails_over(lambda d, s: lambda c: c.send(json_answer(whole_body(d)[:-20])))
    fails_over(always(head(204)))
    fails_over(answer_with("Content-Encoding: gzip", "Content-Length: LENGTH"))


def test_streams_without_content():
    """rows 11 and 14: a handshake alone, or an error event before content, fails over unseen"""
    for count in (0, 1):
        fails_over(lambda d, s, n=count: lambda c: c.send(
            stream_head() + chunked(b"".join(stream_events(d)[:n])) + END), modes=STREAMS)
        fails_over(lambda d, s, n=count: lambda c: c.send(
            stream_head() + chunked(b"".join(stream_events(d)[:n]) + ERROR_EVENTS[d]) + END),
            modes=STREAMS)
    failed = (b'event: response.failed\ndata: {"type":"response.failed","sequence_number":2,"response":'
              b'{"id":"r","status":"failed","error":{"code":"server_error","message":"x"}}}\n\n')
    fails_over(lambda d, s: lambda c: c.send(stream_head() + chunked(failed) + END),
               modes=[("openai-responses", True)])


def test_failures_that_other_targets_mend():
    """row 20: failures of the provider and refusals of our credential go to the next target"""
    for status in (401, 402, 403, 408, 429, 500, 502, 503, 504, 529):
        fails_over(lambda d, s, n=status: lambda c: c.send(json_answer(error_body(d, n), n)))
    for dialect, kind in (("anthropic", "not_found_error"), ("openai-chat", "invalid_request_error")):
        missing = {"error": {"type": kind, "message": "model: m"}}
        missing = json.dumps({"type": "error", **missing} if dialect == "anthropic" else missing).encode()
        fails_over(always(json_answer(missing, 404)), modes=[(dialect, False), (dialect, True)])
    quota = json.dumps({"error": {"message": "You exceeded your current quota", "param": None,
                                  "type": "insufficient_quota", "code": "insufficient_quota"}}).encode()
    fails_over(always(json_answer(quota, 429)))
    for status in (401, 402, 403):
        for dialect, stream in MODES:
            answer, _ = ask(dialect, stream, False, lambda c, d=dialect, n=status: c.send(
                json_answer(error_body(d, n), n)))
            assert answer.status == 502, "the caller's own key is blamed"


def test_cooling():
    """row 21: who says when to come back is not asked before; the caller is told, at most a minute"""
    date = "Date: Sat, 21 Nov 2026 10:00:00 GMT"
    waits = {("Retry-After: 30",): 30, ("Retry-After: 99999999",): 60, ("Retry-After: 29.5",): 30,
             (date, "Retry-After: Sat, 21 Nov 2026 10:00:45 GMT"): 45,
             (date, "Retry-After: Sat, 21 Nov 2099 10:00:00 GMT"): 60, ("retry-after-ms: 20000",): 20}
    for dialect, stream in MODES:
        body = error_body(dialect, 429)
        for fields, wait in waits.items():
            world.bad.reset(lambda c, b=body, f=fields: c.read_request() and c.send(json_answer(b, 429, *f)))
            model = world.fresh_model(dialect, False)
            caller = Caller(world.daemon, world.key)
            first = caller.ask(dialect, model, stream)
            assert first.status == 429 and first.body == body, first.body
            again = caller.ask(dialect, model, stream)
            assert again.status == 429 and again.body != body, again.body
            assert wait - 5 <= int(again.fields["retry-after"]) <= wait, (fields, again.fields)
            assert world.trace(again)["attempts"] == [] and world.trace(again)["state"] == "upstream_failed"
            world.daemon.control("/routes/fallback", {"model": model, "chain": [f"{GOOD[dialect]}/g"]})
            for _ in range(3):
                served = caller.ask(dialect, model, stream)
                assert served.status == 200 and served.body == expected(dialect, stream), served.body
                assert world.trace(served)["fallback"]["reason"] == "rate_limited", world.trace(served)
            assert requests_at(world.bad) == 1, "it was asked while it cools"
            caller.close()


def test_callers_own_mistakes():
    """row 20: what would be refused everywhere is passed on as the provider wrote it"""
    for status in (400, 413, 422):
        for dialect, stream in MODES:
            body = error_body(dialect, status)
            answer, trace = ask(dialect, stream, True,
                                lambda c, b=body, n=status: c.send(json_answer(b, n)))
            assert answer.status == status and answer.body == body, answer.body
            assert trace["error"] == "caller_fault" and len(trace["attempts"]) == 1, trace


def test_redirects():
    """row 23: no redirect is followed"""
    for status in (301, 302, 303, 307, 308):
        fails_over(answer_with(f"Location: http://127.0.0.1:{world.good['anthropic'][0].port}/stolen",
                               "Content-Length: LENGTH", status=status))


def error_events(dialect, tail):
    """The error events in the end of a stream, each parsed and of the dialect's form."""
    found = []
    for event in filter(None, tail.split(b"\n\n")):
        event = event.lstrip(b"\n")
        while event.startswith(b":"):
            event = event.partition(b"\n")[2]
        data = json.loads(b"".join(line[5:] for line in event.split(b"\n") if line.startswith(b"data:")))
        error = data if dialect == "openai-responses" else data.get("error")
        if data.get("type", "error") != "error" or not error:
            continue
        assert error["message"] and (error.get("code") or error.get("type")), event
        assert dialect == "openai-chat" or event.startswith(b"event: error\n"), event
        found.append(data)
    return found


def test_cuts_after_content():
    """row 11: after content every kind of cut is one error event, a closed connection, and no other try"""
    ends = {"FIN": lambda c: None, "RST": lambda c: c.reset(), "half a chunk": lambda c: c.send(b"9\r\nda"),
            "bad chunk": lambda c: c.send(b"zz\r\n"), "overflow": lambda c: c.send(b"F" * 17 + b"\r\n"),
            "half an event": lambda c: c.send(chunked(b'data: {"choi')),
            "clean end": lambda c: c.send(END), "silence": lambda c: c.wait_closed()}
    for dialect, _ in STREAMS:
        sent = b"".join(stream_events(dialect)[:3])
        for name, end in ends.items():
            def fault(connection, end=end):
                connection.send(stream_head() + chunked(sent))
                time.sleep(0.02)
                end(connection)
            answer, trace = ask(dialect, True, True, fault)
            where = (dialect, name, answer.body[len(sent):], trace)
            assert answer.status == 200 and not answer.whole, where
            assert answer.body.startswith(sent), where
            assert not any(mark in answer.body for mark in TERMINATORS), where
            tail = answer.body[len(sent):].replace(b'data: {"choi\n', b"")
            events = error_events(dialect, tail)
            assert len(events) == 1, where
            if dialect == "openai-responses":
                assert events[0]["sequence_number"] >= 3, where
            assert trace["state"] == "upstream_failed" and len(trace["attempts"]) == 1, where
            assert trace["usage_source"] in ("upstream", "estimate"), where


def test_error_event_after_content():
    """row 14: the provider's own error event is passed on, and no second one is added"""
    for dialect, _ in STREAMS:
        sent = b"".join(stream_events(dialect)[:3]) + ERROR_EVENTS[dialect]
        for behind in (END, b"", chunked(stream_events(dialect)[0]) + END):
            answer, trace = ask(dialect, True, True, lambda c, b=behind: c.send(
                stream_head() + chunked(sent) + b))
            rest = answer.body[len(sent):]
            where = (dialect, behind, rest)
            assert answer.body.startswith(sent), where
            if dialect == "openai-responses":  # its other half: some readers know no other end
                assert rest.count(b"event: response.failed\n") == 1, where
                assert b"event: error\n" not in rest, where
            else:
                assert not rest, where
            assert not any(mark in answer.body for mark in TERMINATORS), where
            assert trace["state"] == "upstream_failed" and len(trace["attempts"]) == 1, trace


def test_odd_bytes_pass():
    """row 15: comments, CRLF, a mark at the start, broken JSON and broken UTF-8 pass as they came"""
    odd = (b": a comment\n\n", b"event: x\r\ndata: {\"a\":1}\r\n\r\n", b"data: one\ndata: two\n\n",
           b"data: {broken\n\n", b"data: \"\xff\xfe\x00\"\n\n", b"id: 7\nretry: 10\n\n", b"\n\n")
    for dialect, _ in STREAMS:
        events = stream_events(dialect)
        plain = b"".join([*events[:3], *odd, *events[3:]])
        for sent in (plain, b"\xef\xbb\xbf" + plain, b": first\n\n" + plain,
                     b"".join(events).replace(b"\n", b"\r\n"), b"".join(events).replace(b"\n", b"\r")):
            answer, trace = ask(dialect, True, False, lambda c, s=sent: c.send(
                stream_head() + chunked(s) + END))
            assert answer.whole and answer.body == sent, (dialect, sent[:80], answer.body[:200])
            assert trace["state"] == "completed" and trace["usage_source"] == "upstream", trace


def test_endless_lines():
    """row 16: a line that never ends passes through in bounded memory, and is an error when it stops"""
    for dialect, _ in STREAMS:
        sent = b"".join(stream_events(dialect)[:3]) + b"data: {\"x\":\""
        piece = chunked(b"y" * (1 << 20))

        def endless(connection):
            connection.send(stream_head() + chunked(sent))
            for _ in range(24):
                connection.send(piece)
        before = rss_anon()
        answer, trace = ask(dialect, True, True, endless)
        assert not answer.whole and answer.body.startswith(sent), answer.body[:200]
        assert not any(mark in answer.body for mark in TERMINATORS)
        assert len(error_events(dialect, b"\n\n" + answer.body[-600:].split(b"\n\n", 1)[-1])) == 1
        assert trace["state"] == "upstream_failed" and len(trace["attempts"]) == 1, trace
        assert rss_anon() - before < 2 << 20, (dialect, before, rss_anon())


def test_absurd_usage():
    """row 17: usage that cannot be is no reason to fail, and never counts below nothing"""
    names = {"openai-chat": (b'"prompt_tokens": 3', b'"prompt_tokens": %s'),
             "openai-responses": (b'"input_tokens": 3', b'"input_tokens": %s'),
             "anthropic": (b'"input_tokens": 3', b'"input_tokens": %s')}
    for dialect, stream in MODES:
        old, new = names[dialect]
        for value in (b"-5", b"1e300", b"4611686018427387904", b"99999999999999999999999", b'"3"', b"null",
                      b"[]", b"{}", b"true", b"2.5"):
            body = expected(dialect, stream).replace(old, new % value)
            assert value in body
            data = stream_head() + chunked(body) + END if stream else json_answer(body)
            answer, trace = ask(dialect, stream, True, lambda c, d=data: c.send(d))
            where = (dialect, stream, value, answer.body[:200], trace)
            assert answer.status == 200 and answer.whole and answer.body == body, where
            assert trace["state"] == "completed", where
            for count in ("input_tokens", "output_tokens", "cost_picousd"):
                assert trace[count] is None or 0 <= trace[count] <= 1 << 53, where


def test_missing_ends():
    """row 17: a clean end after the finish reason is told from one without"""
    for dialect, _ in STREAMS:
        events = stream_events(dialect)
        unmarked = dialect != "openai-responses"  # there the terminal event is the finish reason
        sent = b"".join(events[:-1])
        answer, trace = ask(dialect, True, True, lambda c, s=sent: c.send(
            stream_head() + chunked(s) + END))
        assert answer.body.startswith(sent), answer.body
        assert not any(mark in answer.body for mark in TERMINATORS[:1]), answer.body
        assert trace["state"] == ("completed_unmarked" if unmarked else "upstream_failed"), trace
        assert answer.whole == unmarked and (answer.body == sent) == unmarked, answer.body


def test_reused_connections_that_die():
    """rows 5 and 6: a reused connection that dies is replaced once; a second death goes to the next target"""
    for dialect, stream in MODES:
        for deaths in (1, 2):
            lives = ["serve", *["die"] * deaths, "serve and close"]

            def script(connection):
                while connection.read_request():
                    life = lives.pop(0)
                    if life == "die":
                        return connection.reset()
                    connection.send(good_answer(dialect, stream))
                    if not lives:
                        return None
            world.bad.reset(script)
            world.good[dialect][0].requests.clear()
            caller = Caller(world.daemon, world.key)
            model = world.fresh_model(dialect, True)
            for wanted in (1, 1 if deaths == 1 else 2):
                earlier = requests_at(world.bad)
                answer = caller.ask(dialect, model, stream)
                trace = world.trace(answer)
                assert answer.status == 200 and answer.body == expected(dialect, stream), answer.body
                assert len(trace["attempts"]) == wanted, trace["attempts"]
                check_told(dialect, trace, earlier)
            assert trace["attempts"][0]["replayed"], trace["attempts"]
            caller.close()


def test_callers_that_leave_early():
    """row 40: a caller that leaves before the answer cancels the provider, and nobody else is asked"""
    for dialect, stream in MODES:
        told = []
        world.bad.reset(lambda c: c.read_request() and told.append(c.wait_closed()))
        good = world.good[dialect][0]
        good.requests.clear()
        before = newest()
        caller = Caller(world.daemon, world.key)
        caller.send(dialect, faults_test.request_body(dialect, world.fresh_model(dialect, True), stream))
        while not requests_at(world.bad):
            time.sleep(0.002)
        caller.close()
        row = wait_row(before)
        assert row["state"] == "client_gone" and len(row["attempts"]) == 1, row
        end = time.monotonic() + 5
        while not told and time.monotonic() < end:
            time.sleep(0.002)
        assert told == [True] and not good.requests


def wait_row(after):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        rows = world.daemon.traces(limit=1)
        if rows and rows[0]["sequence"] > after:
            return world.daemon.control("/traces/show", {"name": rows[0]["id"]})
        time.sleep(0.005)
    raise AssertionError("no trace")


def test_expectations():
    """row 41: Expect: 100-continue is answered before the body is sent"""
    for dialect, stream in MODES:
        caller = Caller(world.daemon, world.key)
        body = faults_test.request_body(dialect, f"{GOOD[dialect]}/x", stream)
        caller.sock.sendall((f"POST {faults_test.PATHS[dialect]} HTTP/1.1\r\n"
                             f"Host: 127.0.0.1:{caller.port}\r\nx-api-key: {caller.key}\r\n"
                             f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                             f"Expect: 100-continue\r\n\r\n").encode())
        assert caller.read_head()[0] == 100
        caller.sock.sendall(body)
        answer = caller.read()
        assert answer.status == 200 and answer.body == expected(dialect, stream), answer.body
        caller.close()


def test_an_early_head():
    """row 3: after the head deadline a stream is kept alive; another target may still serve it"""
    world.set_timers(head_deadline_ms=100, keepalive_after_ms=50, first_byte_timeout_ms=400)
    for dialect, stream in STREAMS:
        answer, trace = ask(dialect, stream, True, lambda c: c.wait_closed())
        where = (dialect, answer.body, trace)
        assert answer.status == 200 and answer.whole, where
        alive = answer.body[:-len(expected(dialect, True))]
        assert answer.body.endswith(expected(dialect, True)) and b"data:" not in alive, where
        assert alive.startswith(b":") and trace["state"] == "completed", where
        answer, trace = ask(dialect, stream, False, lambda c: c.wait_closed())
        where = (dialect, answer.body, trace)
        assert answer.status == 200 and not answer.whole, where
        assert len(error_events(dialect, b"\n\n".join(
            part for part in answer.body.split(b"\n\n") if b"data:" in part))) == 1, where
        assert trace["state"] == "upstream_failed", where


class Stage(World):
    def set_timers(self, **settings):
        self.daemon.terminate()
        file = self.daemon.home / "state" / "control.json"
        control = json.loads(file.read_text())
        control["settings"].update(settings)
        file.write_text(json.dumps(control))
        self.daemon.start()


def held():
    """Descriptors and threads of the daemon."""
    return tuple(len(os.listdir(f"/proc/{world.daemon.pid}/{kind}")) for kind in ("fd", "task"))


def test_nothing_is_left_behind():
    """after hundreds of faults no connection and no thread is left"""
    def some():
        for dialect, stream in MODES:
            for end in (lambda c: None, lambda c: c.reset(), lambda c: c.send(stream_head() + chunked(
                    b"".join(stream_events(dialect)[:3])) + b"zz\r\n")):
                ask(dialect, stream, True, end)
    some()
    descriptors, threads = held()
    for _ in range(10):
        some()
    end = time.monotonic() + 5
    while held()[0] > descriptors + 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert held()[0] <= descriptors + 2 and held()[1] == threads, (held(), descriptors, threads)


def main():
    global world
    world = faults_test.world = Stage()
    try:
        return cases.run("fault matrix", cases.collect(globals()))
    finally:
        world.daemon.__exit__()


if __name__ == "__main__":
    sys.exit(main())
