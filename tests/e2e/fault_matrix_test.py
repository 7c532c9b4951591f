#!/usr/bin/env python3
"""Every fault of a provider before its content, in every dialect and both modes: unseen where another
target serves, a typed error where none does."""
import json
import sys
import time

from fault_support import (STREAMS, always, answer_with, ask, check_told, fails_over, here,
                           requests_at, run)
from faults_test import ERROR_EVENTS, GOOD, MODES, error_body, expected, rss_anon
from raw_caller import Caller
from tcp_provider import (END, Certificates, TcpProvider, chunked, good_answer, head, json_answer,
                          stream_events, stream_head, whole_body)


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
    context = Certificates(here.world.folder).context("matrix")

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
            here.world.daemon.add_provider(name, server.base, "openai-chat",
                                      ca_file=str(here.world.folder / "ca.pem"))
            caller = Caller(here.world.daemon, here.world.key)
            answer = caller.ask("openai-chat", f"{name}/m")
            attempts = here.world.trace(answer)["attempts"]
            assert [attempt["code"] for attempt in attempts] == [code], attempts
            assert (answer.status == 200) == notify, answer.body
            caller.close()
    # One that hangs up on the first bytes of the handshake.
    hang_up = TcpProvider(lambda connection: connection.sock.recv(1) and connection.reset())
    with hang_up as server:
        here.world.daemon.add_provider("tls-none", server.base.replace("http:", "https:"), "openai-chat")
        caller = Caller(here.world.daemon, here.world.key)
        here.world.daemon.control("/routes/fallback", {"model": "tls-none/f", "chain": ["good/g"]})
        answer = caller.ask("openai-chat", "tls-none/f")
        trace = here.world.trace(answer)
        assert answer.status == 200 and trace["provider"] == "good", trace
        assert trace["attempts"][0]["code"] == "tls_handshake", trace["attempts"]
        answer = caller.ask("openai-chat", "tls-none/m")
        assert answer.status == 503 and here.world.trace(answer)["state"] == "upstream_failed", answer.body
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
            here.world.bad.reset(
                lambda c, b=body, f=fields: c.read_request() and c.send(json_answer(b, 429, *f)))
            model = here.world.fresh_model(dialect, False)
            caller = Caller(here.world.daemon, here.world.key)
            first = caller.ask(dialect, model, stream)
            assert first.status == 429 and first.body == body, first.body
            again = caller.ask(dialect, model, stream)
            assert again.status == 429 and again.body != body, again.body
            assert wait - 5 <= int(again.fields["retry-after"]) <= wait, (fields, again.fields)
            trace = here.world.trace(again)
            assert trace["attempts"] == [] and trace["state"] == "upstream_failed", trace
            here.world.daemon.control("/routes/fallback", {"model": model, "chain": [f"{GOOD[dialect]}/g"]})
            for _ in range(3):
                served = caller.ask(dialect, model, stream)
                assert served.status == 200 and served.body == expected(dialect, stream), served.body
                trace = here.world.trace(served)
                assert trace["fallback"]["reason"] == "rate_limited", trace
            assert requests_at(here.world.bad) == 1, "it was asked while it cools"
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
        fails_over(answer_with(f"Location: http://127.0.0.1:{here.world.good['anthropic'][0].port}/stolen",
                               "Content-Length: LENGTH", status=status))


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
            here.world.bad.reset(script)
            here.world.good[dialect][0].requests.clear()
            caller = Caller(here.world.daemon, here.world.key)
            model = here.world.fresh_model(dialect, True)
            for wanted in (1, 1 if deaths == 1 else 2):
                earlier = requests_at(here.world.bad)
                answer = caller.ask(dialect, model, stream)
                trace = here.world.trace(answer)
                assert answer.status == 200 and answer.body == expected(dialect, stream), answer.body
                assert len(trace["attempts"]) == wanted, trace["attempts"]
                check_told(dialect, trace, earlier)
            assert trace["attempts"][0]["replayed"], trace["attempts"]
            caller.close()


if __name__ == "__main__":
    sys.exit(run("fault matrix", globals()))
