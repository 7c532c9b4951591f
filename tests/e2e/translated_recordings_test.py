#!/usr/bin/env python3
"""Recorded answers of real providers, each asked for in the other three dialects by their official SDKs:
`translated_recordings_test.py [CHUNKINGS [WORD ..]]`, WORD of the file's name or `caller=DIALECT`."""
import collections
import contextlib
import json
import os
import re
import sys
import traceback
import types

import anthropic
import cases
import openai
from daemon import Daemon
from dialect_callers import ChatCaller, GeminiCaller, MessagesCaller, ResponsesCaller, genai
from dialect_providers import AUTH, KEY
from recorded import entries
from recorded_answers import STOPS, Freeform, said
from scenario import CHAT, DIALECTS, GEMINI, MESSAGES, RESPONSES, order_of, ordered
from stream_checks import CHECKS
from tcp_provider import END, TcpProvider, chunked, json_answer, random_cuts, stream_head

CHUNKINGS = int(sys.argv[1]) if len(sys.argv) > 1 else 1
WORDS = sys.argv[2:]
SHORT = {CHAT: "chat", RESPONSES: "responses", MESSAGES: "messages", GEMINI: "gemini"}


class FreeformChatCaller(ChatCaller):
    """Reads calls of tools that take bare text as if they were functions."""

    def seen(self, answer):
        for call in answer.choices[0].message.tool_calls or []:
            if call.type == "custom":
                custom = call.custom if isinstance(call.custom, dict) else call.custom.model_dump()
                call.function = types.SimpleNamespace(name=custom["name"], arguments=custom["input"])
        return super().seen(answer)


CALLERS = {CHAT: FreeformChatCaller, RESPONSES: ResponsesCaller, MESSAGES: MessagesCaller, GEMINI: GeminiCaller}
API_ERRORS = (openai.APIError, anthropic.APIError, *([genai.errors.APIError] if genai else []))
ODD_SUMMARIES = {  # an SDK adds lists of parts to a text; a server says `output_text` itself, and wrongly
    "mistral/rllm__chat_mistral_hybrid_reasoning_streams_thinking_separately_from_content__0.sse",
    "responses-compat/pyd__test_openai_responses_raw_cot_stream_openrouter__0.sse"}
# A provider's status that becomes another for the caller, and a word of the reason.
OTHER_STATUSES = {(400, 404): "does not exist", (400, 502): "credential", (401, 502): "credential",
                  (403, 502): "credential", (402, 503): "provider", (503, 529): "", (529, 503): ""}
QUESTIONS = {
    CHAT: {"messages": [{"role": "user", "content": "hi"}]},
    RESPONSES: {"input": "hi", "store": False},
    MESSAGES: {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1024},
    GEMINI: {"contents": "hi", "config": {"thinking_config": {"include_thoughts": True}}}}


class Stage:
    """A daemon with a provider a dialect, all of which say `answer`, cut at `cuts`."""

    def __init__(self, stack):
        self.answer, self.cuts = b"", []
        provider = stack.enter_context(TcpProvider(self.script))
        daemon = stack.enter_context(Daemon())
        for dialect in DIALECTS:
            daemon.add_provider(SHORT[dialect], provider.base, dialect, AUTH[dialect], KEY)
        key = daemon.create_key("recordings")
        self.callers = {dialect: CALLERS[dialect](daemon, key) for dialect in DIALECTS
                        if dialect != GEMINI or genai}

    def script(self, connection):
        while connection.read_request():
            connection.send_pieces(self.answer, self.cuts)

    def ask(self, caller, entry, answer, seed, model):
        self.answer, self.cuts = answer, random_cuts(len(answer), seed)
        client = self.callers[caller]
        client.tap.exchanges.clear()
        asked = {"model": f"{SHORT[entry.dialect]}/{model}", **QUESTIONS[caller]}
        return (client.streamed if entry.stream else client.whole)(asked)


def sent(entry, recording, seed):
    if not entry.stream:
        return json_answer(recording, entry.status)
    cuts = [*random_cuts(len(recording), seed + 7), len(recording)]
    body = b"".join(chunked(recording[a:b]) for a, b in zip([0, *cuts], cuts))
    return stream_head() + body + END


def told(due, caller):
    """What a caller of this dialect is told of it: stop and usage in its own terms."""
    usage = dict(due.usage) if due.usage else None
    if usage and caller == GEMINI:
        usage["input"] += usage["cache_write"]
        usage["cache_write"] = 0
    if usage is None and caller in (RESPONSES, MESSAGES):
        usage = dict.fromkeys(("input", "cache_read", "cache_write", "output", "thinking"), 0)
    return STOPS[caller][due.stop], usage


def dense(text):
    """Between pieces of thinking dialects put blank lines or none."""
    return re.sub(r"\s+", "", text)


def check_answer(due, caller, entry, seen):
    stop, usage = told(due, caller)
    assert seen.text == due.text, f"text {differing(seen.text, due.text)}"
    assert dense(seen.thinking) == dense(due.thinking), f"thinking {seen.thinking!r}\ninstead of {due.thinking!r}"
    if caller != GEMINI:  # its SDK leaves out the message that goes with it
        assert not due.refusal or seen.refusal == due.refusal, f"refusal {seen.refusal!r} of {due.refusal!r}"
    assert seen.stop.split(": ")[0] == stop.split(": ")[0], f"stop {seen.stop!r} instead of {stop!r}"
    if caller != CHAT and due.kinds and not due.refusal:  # Chat has no order between them
        assert seen.order == order_of(due.kinds), f"order {seen.order} instead of {order_of(due.kinds)}"
    assert seen.usage == usage or not usage and not seen.raw_usage, f"usage {seen.usage} instead of {usage}"
    check_calls(due, caller, seen)


def differing(got, due):
    at = len(os.path.commonprefix([got, due]))
    return f"from {at} on {got[at:][:300]!r}\ninstead of {due[at:][:300]!r}"


def check_calls(due, caller, seen):
    assert len(seen.calls) == len(due.calls), f"calls {seen.calls} instead of {due.calls}"
    ids = [call for call, _, _ in seen.calls]
    assert len(set(ids)) == len(ids), f"call ids {ids}"
    for (call, got_name, arguments), (id_, name, wanted) in zip(seen.calls, due.calls):
        # Of a namespace that the caller cannot have asked for
        assert got_name == name or got_name.endswith(f"__{name}"), f"{got_name!r} instead of {name!r}"
        if id_ and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id_) and [one[0] for one in due.calls].count(id_) == 1:
            assert call == id_, f"call id {call!r} instead of {id_!r}"
        assert same_arguments(arguments, wanted, caller), f"arguments {arguments!r} instead of {wanted!r}"


def same_arguments(got, wanted, caller):
    if isinstance(wanted, Freeform):
        return got == (wanted if caller in (CHAT, RESPONSES) else {"input": wanted})
    try:
        due = wanted and ordered(wanted)
    except ValueError:  # it was cut off; some SDKs show what they make of its beginning
        return got == wanted or not isinstance(got, str)
    return wanted is None or ordered(got if isinstance(got, str) else json.dumps(got)) == (due or ("object", []))


def check_summary(entry, due):
    """Our own reading of the recording is what its manifest says an SDK made of it."""
    summary = {} if entry.file in ODD_SUMMARIES else entry.summary
    assert summary.get("text", len(due.text)) in (len(due.text), len(due.text.encode("utf-16-le")) // 2), summary
    assert summary.get("tools", len(due.calls)) == len(due.calls), (summary, due.calls)
    if isinstance(summary.get("items"), list):
        calls = [kind for kind in summary["items"] if kind in ("function_call", "custom_tool_call")]
        assert len(calls) == len(due.calls), (summary, due.calls)
    if isinstance(summary.get("blocks"), list):
        assert summary["blocks"].count("tool_use") == len(due.calls), (summary, due.calls)


class Play:
    def __init__(self):
        self.counts, self.failures, self.absent = collections.Counter(), [], 0

    def one(self, stage, entry, caller, number):
        due, recording = said(entry), entry.answer()
        check_summary(entry, due)
        outcomes = set()
        for seed in range(CHUNKINGS):
            broken = due.error or entry.malformed or entry.status != 200
            model = f"m{number}-{seed}" if broken else f"m{number}"
            try:
                seen = stage.ask(caller, entry, sent(entry, recording, seed), seed, model)
            except API_ERRORS as error:
                self.failed(stage, entry, due, caller, error)
                outcomes.add("errors")
                continue
            assert not due.error, f"an error came out as {seen}"
            check_answer(due, caller, entry, seen)
            if entry.stream:
                CHECKS[caller](stage.callers[caller].received[0])
            outcomes.add("answers")
        assert len(outcomes) == 1, f"{outcomes}, as it is cut"
        self.counts[outcomes.pop()] += CHUNKINGS

    def failed(self, stage, entry, due, caller, error):
        """Only what is no answer may become an error, and the error is one of the caller's dialect."""
        assert due.error or entry.malformed, f"{type(error).__name__}: {error}"
        exchange = stage.callers[caller].tap.exchanges[-1]
        if exchange.status == 200:
            CHECKS[caller](exchange.received, ended=False)
        else:
            message = json.loads(exchange.received)["error"]["message"]
            word = OTHER_STATUSES.get((entry.status, exchange.status))
            kept = exchange.status == entry.status or entry.status == 200 and exchange.status >= 400
            assert message and (kept or word is not None and word in message), (
                exchange.status, entry.status, message)

    def all(self, stage, chosen):
        for number, (entry, caller) in enumerate(chosen):
            name = f"{entry.file} for {SHORT[caller]}"
            try:
                self.one(stage, entry, caller, number)
            except Exception as error:  # whatever it is, the next is still played
                if any(words in str(error) for words in ("speaks another dialect", "is not translated")):
                    self.absent += 1
                    continue
                self.failures.append(name)
                print(f"FAILED  {name}: {type(error).__name__}: {str(error)[:1500]}", flush=True)
                if not isinstance(error, (AssertionError, *API_ERRORS)):
                    traceback.print_exc(limit=-3)


def chosen():
    for entry in entries():
        for caller in DIALECTS:
            words = [word for word in WORDS if not word.startswith("caller=")]
            asked = [word.partition("=")[2] for word in WORDS if word.startswith("caller=")]
            if caller != entry.dialect and all(word in entry.file for word in words) and (
                    not asked or caller in asked) and (caller != GEMINI or genai):
                yield entry, caller


def test_answers():
    """recorded answers come through in every other dialect: content, calls, usage, and why they ended"""
    pairs, play = list(chosen()), Play()
    with contextlib.ExitStack() as stack:
        play.all(Stage(stack), pairs)
    print(f"        {len(pairs)} pairs of recording and caller at {CHUNKINGS} chunkings: {dict(play.counts)},"
          f" {len(play.failures)} failed, {play.absent} not translated")
    assert not play.failures, f"{len(play.failures)} pairs"
    assert WORDS or play.counts["answers"] >= 1700 * CHUNKINGS, "there are fewer recordings"


if __name__ == "__main__":
    sys.exit(cases.run("translated recordings", cases.collect(globals())))
