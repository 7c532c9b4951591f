#!/usr/bin/env python3
"""Every price vector through a real daemon: a provider answers with the vector's usage, the price is given
as a user would, and the trace must tell the vector's cost to the picodollar, whole and streamed."""
import collections
import contextlib
import json
import os
import subprocess
import sys

import cases
from daemon import ROOT, ControlError, Daemon, binary_dir
from fake_clock import faketime
from raw_caller import Caller
from tcp_provider import END, TcpProvider, chunked, json_answer, stream_head

VECTORS = json.loads((ROOT / "tests/daemon/metering/price_vectors.json").read_text())["vectors"]
DIALECTS = {"openai-chat": "openai-chat", "openai-responses": "openai-responses",
            "anthropic-messages": "anthropic", "gemini": "gemini", "bedrock-converse": "bedrock-converse"}
CONDITIONS = ("tiers", "service_tiers", "off_peak", "peak", "scheduled")


def data(document):
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def named(document):
    return b"event: " + document["type"].encode() + b"\n" + data(document)


def tier(vector):
    return {"service_tier": vector["served_tier"]} if "served_tier" in vector else {}


class Chat:
    @staticmethod
    def whole(vector):
        return {"id": "c1", "object": "chat.completion", "model": "m", "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
            "usage": vector["usage"], **tier(vector)}

    @staticmethod
    def events(vector):
        def chunk(**more):
            return data({"id": "c1", "object": "chat.completion.chunk", "model": "m", **tier(vector), **more})
        return [chunk(choices=[{"index": 0, "delta": {"role": "assistant", "content": "hi"}}]),
                chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
                chunk(choices=[], usage=vector["usage"]), b"data: [DONE]\n\n"]


class Responses:
    @staticmethod
    def whole(vector):
        searches = [{"type": "web_search_call", "id": f"ws_{n}", "status": "completed",
                     "action": {"type": "search", "query": "q"}}
                    for n in range(vector.get("web_search_calls", 0))]
        return {"id": "resp_1", "object": "response", "status": "completed", "model": "m", "error": None,
                "output": [*searches, {"type": "message", "id": "i", "role": "assistant", "content": [
                    {"type": "output_text", "text": "hi"}]}], "usage": vector["usage"], **tier(vector)}

    @classmethod
    def events(cls, vector):
        response = cls.whole(vector)
        begun = {**response, "status": "in_progress", "output": [], "usage": None}
        items = [event for n, item in enumerate(response["output"]) for event in (
            {"type": "response.output_item.added", "output_index": n, "item": {**item, "content": []}},
            {"type": "response.output_item.done", "output_index": n, "item": item})]
        delta = {"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0,
                 "delta": "hi"}
        events = [{"type": "response.created", "response": begun}, *items, delta,
                  {"type": "response.completed", "response": response}]
        return [named({**event, "sequence_number": n}) for n, event in enumerate(events)]


class Messages:
    @staticmethod
    def whole(vector):
        return {"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn",
                "stop_sequence": None, "usage": vector["usage"]}

    @classmethod
    def events(cls, vector):
        told = [step["usage"] for step in vector.get("stream_usage", [])] or [
            {**vector["usage"], "output_tokens": 1}, vector["usage"]]
        message = {**cls.whole(vector), "content": [], "stop_reason": None, "usage": told[0]}
        return [named({"type": "message_start", "message": message}),
                named({"type": "content_block_start", "index": 0,
                       "content_block": {"type": "text", "text": ""}}),
                named({"type": "content_block_delta", "index": 0,
                       "delta": {"type": "text_delta", "text": "hi"}}),
                named({"type": "content_block_stop", "index": 0}),
                *[named({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage})
                  for usage in told[1:]],
                named({"type": "message_stop"})]


class Gemini:
    @staticmethod
    def candidate(vector, last=True):
        searches = [f"q{n}" for n in range(vector.get("web_search_calls", 0))]
        return {"index": 0, "content": {"role": "model", "parts": [{"text": "hi"}]},
                **({"finishReason": "STOP"} if last else {}),
                **({"groundingMetadata": {"webSearchQueries": searches}} if last and searches else {})}

    @classmethod
    def whole(cls, vector):
        return {"candidates": [cls.candidate(vector)], "usageMetadata": vector["usage"],
                "modelVersion": "m", "responseId": "r"}

    @classmethod
    def events(cls, vector):
        """Its chunks tell running totals."""
        early = {**vector["usage"], "candidatesTokenCount": 1}
        return [data({"candidates": [cls.candidate(vector, False)], "usageMetadata": early}),
                data(cls.whole(vector))]


FORMS = {"openai-chat": Chat, "openai-responses": Responses, "anthropic": Messages, "gemini": Gemini}


def path_of(dialect, model, stream):
    """None: the dialect's only one."""
    if dialect != "gemini":
        return None
    return f"/v1beta/models/{model}:" + ("streamGenerateContent?alt=sse" if stream else "generateContent")


def body_of(vector, dialect, model, stream):
    if dialect == "gemini":
        return json.dumps({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}).encode()
    wish = {"model": model}
    if dialect == "openai-responses":
        wish["input"] = "hi"
    else:
        wish["messages"] = [{"role": "user", "content": "hi"}]
    if dialect == "anthropic":
        wish["max_tokens"] = 16
    if "requested_tier" in vector:
        wish["service_tier"] = vector["requested_tier"]
    if vector.get("web_search_calls") == 0:
        wish["tools"] = [{"type": "web_search"}]
    if stream:
        wish["stream"] = True
    return json.dumps(wish).encode()


class Stage:
    """A daemon, at a given time if need be, and a provider of each dialect that answers what `answer`
    says."""

    def __init__(self, stack, at=None):
        self.vector = None
        self.provider = stack.enter_context(TcpProvider(self._script))
        self.daemon = stack.enter_context(Daemon(env=faketime(at) if at else None))
        self.lacking = {}
        for dialect in DIALECTS.values():
            try:
                base = self.provider.base.replace("/v1", "/v1beta" if dialect == "gemini" else "/v1")
                self.daemon.add_provider(f"box-{dialect}", base, dialect)
            except ControlError as refusal:
                self.lacking[dialect] = refusal.message
        self.key = self.daemon.create_key()

    def _script(self, connection):
        while request := connection.read_request():
            form = FORMS[DIALECTS[self.vector["dialect"]]]
            if b'"stream": true' not in request and b":streamGenerate" not in request:
                connection.send(json_answer(json.dumps(form.whole(self.vector)).encode()))
                continue
            connection.send(stream_head() + b"".join(chunked(e) for e in form.events(self.vector)) + END)

    def set_price(self, vector, model):
        """By the command line, as `models price MODEL --from FILE` takes it."""
        if vector["price"] is None:
            return
        file = self.daemon.home / "price.json"
        file.write_text(json.dumps({**vector["price"],
                                    **{name: vector[name] for name in CONDITIONS if name in vector}}))
        subprocess.run([binary_dir() / "routerone", "models", "price", model, "--from", str(file)],
                       env={**os.environ, "ROUTERONE_HOME": str(self.daemon.home)}, check=True,
                       capture_output=True, stdin=subprocess.DEVNULL)

    def costs(self, vector):
        """Of the whole answer and of the stream, as the traces have them."""
        dialect = DIALECTS[vector["dialect"]]
        model = f"box-{dialect}/{vector['id']}"
        self.vector = vector
        self.set_price(vector, model)
        found = []
        for stream in (False, True):
            caller = Caller(self.daemon, self.key)
            caller.send(dialect, body_of(vector, dialect, model, stream), path_of(dialect, model, stream))
            answer = caller.read()
            caller.close()
            assert answer.status == 200 and answer.whole, (vector["id"], answer.status, answer.body)
            trace = self.daemon.control("/traces/show", {"name": answer.fields["x-request-id"]})
            assert trace["state"] == "completed" and trace["usage_source"] == "upstream", trace
            stated = "provider_cost_usd" in vector
            assert trace["price_source"] == (
                "upstream" if stated else "unknown" if vector["price"] is None else "override"), trace
            told = answer.fields.get("x-routerone-cost-usd")
            assert told == (None if stream else trace["cost_usd"]), (vector["id"], told, trace)
            found.append(trace["cost_picousd"])
        return found


def expected(vector):
    if vector["expected_usd"] is None:
        return None
    return int(vector.get("expected_picousd", 0))


def run(vectors, stage):
    """How many were met, by dialect; what is not met is told with all of its numbers."""
    met, wrong = collections.Counter(), []
    for vector in vectors:
        found = stage.costs(vector)
        if found == [expected(vector)] * 2:
            met[vector["dialect"]] += 1
        else:
            wrong.append((vector["id"], "whole and stream cost", found, "due", expected(vector)))
    assert not wrong, "\n".join(map(str, wrong))
    return met


def test_vectors():
    """every vector of a dialect that the daemon relays is met to the picodollar, whole and streamed"""
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        mine = [vector for vector in VECTORS if "at" not in vector
                and DIALECTS[vector["dialect"]] not in stage.lacking]
        assert {DIALECTS[vector["dialect"]] for vector in mine} == FORMS.keys() - stage.lacking.keys()
        print(f"        met: {dict(run(mine, stage))}")


def test_vectors_of_an_hour():
    """vectors that hold at a certain time are met at that time"""
    with contextlib.ExitStack() as stack:
        lacking = Stage(stack).lacking
    mine = [vector for vector in VECTORS if "at" in vector and DIALECTS[vector["dialect"]] not in lacking]
    met = collections.Counter()
    for vector in mine:
        with contextlib.ExitStack() as stack:
            # A daemon needs a moment to start and to answer: the last second of an hour is as long
            # as the twenty before it.
            at = vector["at"].replace(":59Z", ":40Z")
            met += run([vector], Stage(stack, at))
    print(f"        met: {dict(met)}")


def test_hours_and_changes():
    """peak hours cost the table's price, and an announced change holds from its very second"""
    off_peak = next(vector for vector in VECTORS if vector["id"] == "deepseek-offpeak-hour")
    change = next(vector for vector in VECTORS if vector["id"] == "gem-scheduled-after")
    changing = {**change, "dialect": "openai-chat", "usage": {
        "prompt_tokens": 10_000, "completion_tokens": 2_000, "total_tokens": 12_000}}
    before = next(vector for vector in VECTORS if vector["id"] == "gem-scheduled-before")
    for vector, at, due in ((off_peak, "2026-11-17T03:59:50Z", 2 * expected(off_peak)),
                            (off_peak, "2026-11-17T04:00:01Z", expected(off_peak)),
                            (changing, "2026-11-30T23:59:40Z", expected(before)),
                            (changing, "2026-12-01T00:00:00Z", expected(change))):
        with contextlib.ExitStack() as stack:
            found = Stage(stack, at).costs(vector)
        assert found == [due] * 2, (vector["id"], at, found, due)


def test_dialects_that_are_not_relayed():
    """the vectors of other dialects wait until the daemon relays these"""
    with contextlib.ExitStack() as stack:
        lacking = Stage(stack).lacking
    left = collections.Counter(vector["dialect"] for vector in VECTORS
                               if DIALECTS[vector["dialect"]] in lacking)
    if left:
        raise cases.Skipped(f"{dict(left)}; the daemon says: {'; '.join(sorted(set(lacking.values())))}")


if __name__ == "__main__":
    sys.exit(cases.run("vectors", cases.collect(globals())))
