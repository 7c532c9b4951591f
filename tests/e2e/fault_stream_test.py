#!/usr/bin/env python3
"""Faults after the content of a stream, and callers that leave, in every dialect: one error event and a
closed connection, never an end that the provider did not send."""
import sys
import time

from fault_support import STREAMS, ask, error_events, held, here, newest, requests_at, run, wait_row
from faults_test import ERROR_EVENTS, GOOD, MODES, TERMINATORS, expected, rss_anon
from raw_caller import PATHS, Caller, request_body
from tcp_provider import END, chunked, json_answer, stream_events, stream_head


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


def test_callers_that_leave_early():
    """row 40: a caller that leaves before the answer cancels the provider, and nobody else is asked"""
    for dialect, stream in MODES:
        told = []
        here.world.bad.reset(lambda c: c.read_request() and told.append(c.wait_closed()))
        good = here.world.good[dialect][0]
        good.requests.clear()
        before = newest()
        caller = Caller(here.world.daemon, here.world.key)
        caller.send(dialect, request_body(dialect, here.world.fresh_model(dialect, True), stream))
        while not requests_at(here.world.bad):
            time.sleep(0.002)
        caller.close()
        row = wait_row(before)
        assert row["state"] == "client_gone" and len(row["attempts"]) == 1, row
        end = time.monotonic() + 5
        while not told and time.monotonic() < end:
            time.sleep(0.002)
        assert told == [True] and not good.requests


def test_expectations():
    """row 41: Expect: 100-continue is answered before the body is sent"""
    for dialect, stream in MODES:
        caller = Caller(here.world.daemon, here.world.key)
        body = request_body(dialect, f"{GOOD[dialect]}/x", stream)
        caller.sock.sendall((f"POST {PATHS[dialect]} HTTP/1.1\r\n"
                             f"Host: 127.0.0.1:{caller.port}\r\nx-api-key: {caller.key}\r\n"
                             f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                             f"Expect: 100-continue\r\n\r\n").encode())
        assert caller.read_head()[0] == 100
        caller.sock.sendall(body)
        answer = caller.read()
        assert answer.status == 200 and answer.body == expected(dialect, stream), answer.body
        caller.close()


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


def test_an_early_head():
    """row 3: after the head deadline a stream is kept alive; another target may still serve it"""
    here.world.set_timers(head_deadline_ms=100, keepalive_after_ms=50, first_byte_timeout_ms=400)
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


if __name__ == "__main__":
    sys.exit(run("fault streams", globals()))
