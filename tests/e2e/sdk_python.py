"""The tour of the Python SDKs, openai and anthropic, through a daemon to scripted providers."""
import asyncio
import concurrent.futures
import json
import sys
import time

import anthropic
import openai
from provider_answers import ARGUMENTS, TEXT, TOOL_NAME, VECTOR, AFTER_TOOL
from tap import Tap, check_exchange, check_trace
from world import FAILOVER_CHAT, FAILOVER_MESSAGES, FALLBACK, World

import cases

ASK = [{"role": "user", "content": "How is the weather in Paris?"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string"}}}
CHAT_TOOL = {"type": "function", "function": {"name": TOOL_NAME, "parameters": PARAMETERS}}
RESPONSES_TOOL = {"type": "function", "name": TOOL_NAME, "parameters": PARAMETERS, "strict": False}
MESSAGES_TOOL = {"name": TOOL_NAME, "description": "Weather", "input_schema": PARAMETERS}
CALLED_WITH = json.loads("".join(ARGUMENTS))


class Tour:
    def __init__(self, world):
        self.world, self.tap = world, Tap("python")
        self.openai, self.anthropic = self.clients()

    def clients(self, key=None, **options):
        options = {"max_retries": 0, "timeout": 30, **options}
        key = key or self.world.key
        return (openai.OpenAI(base_url=f"{self.world.base}/v1", api_key=key,
                              http_client=openai.DefaultHttpxClient(transport=self.tap), **options),
                anthropic.Anthropic(base_url=self.world.base, api_key=key,
                                    http_client=anthropic.DefaultHttpxClient(transport=self.tap),
                                    **options))

    @property
    def last(self):
        return self.tap.exchanges[-1]

    def trace(self):
        return check_trace(self.last, self.world)

    def verify(self):
        """After each case: the rules of every exchange since the last time."""
        exchanges, self.tap.exchanges[:] = list(self.tap.exchanges), []
        for exchange in exchanges:
            check_exchange(exchange, self.world)
            if exchange.sent and exchange.complete and exchange.status not in (401, 403):
                check_trace(exchange, self.world)
        self.world.check()
        assert self.world.daemon.process.poll() is None, self.world.daemon.stderr()

    def chat(self, model="box/ok", **more):
        return self.openai.chat.completions.create(model=model, messages=ASK, **more)

    def message(self, model="abox/ok", **more):
        return self.anthropic.messages.create(model=model, messages=ASK, max_tokens=64, **more)

    # -- whole and streamed

    def test_chat_whole(self):
        """chat: a whole answer, its usage, its cost and its request id"""
        answer = self.chat()
        assert answer.choices[0].message.content == TEXT
        assert answer.usage.total_tokens == 21
        assert answer._request_id == self.last.headers["x-request-id"]
        trace = self.trace()
        assert (trace["input_tokens"], trace["cache_read_tokens"], trace["output_tokens"]) == (8, 3, 10)
        assert trace["cost_picousd"] == 8 * 2_000_000 + 3 * 500_000 + 10 * 10_000_000, trace
        assert trace["finish_reason"] == "stop" and trace["state"] == "completed"

    def test_chat_content_parts(self):
        """chat: content parts, a system message and options arrive as they were said"""
        self.chat(temperature=0.5, seed=7, n=1, user="u", reasoning_effort="low", top_p=0.9,
                  response_format={"type": "json_object"}, extra_headers={"OpenAI-Beta": "x=1"})
        answer = self.openai.chat.completions.create(model="box/ok", messages=[
            {"role": "system", "content": "Say \"model\": \"nothing\" — ünïcode \u2028 \U0001f600"},
            {"role": "user", "content": [
                {"type": "text", "text": "look"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}])
        assert answer.choices[0].message.content == TEXT

    def test_chat_streamed(self):
        """chat: a stream without usage shows none, and has it in its trace"""
        chunks = list(self.chat(stream=True))
        assert "".join(c.choices[0].delta.content or "" for c in chunks) == TEXT
        assert all(c.choices and not c.usage for c in chunks)
        trace = self.trace()
        assert trace["stream"] and trace["output_tokens"] == 10
        assert trace["usage_source"] == "upstream" and trace["ttft_ms"] is not None

    def test_chat_streamed_with_usage(self):
        """chat: a stream that asks for usage gets it, one that declines it does not"""
        chunks = list(self.chat(stream=True, stream_options={"include_usage": True}))
        assert chunks[-1].usage.total_tokens == 21 and not chunks[-1].choices
        chunks = list(self.chat(stream=True, stream_options={"include_usage": False}))
        assert all(c.choices for c in chunks)
        assert self.trace()["output_tokens"] == 10

    def test_chat_stream_helper(self):
        """chat: the SDK's own stream helper puts the answer together"""
        with self.openai.chat.completions.stream(model="box/ok", messages=ASK) as stream:
            assert stream.get_final_completion().choices[0].message.content == TEXT

    def test_completions(self):
        """completions: whole and streamed"""
        assert self.openai.completions.create(model="box/ok", prompt="Hi").choices[0].text == TEXT
        chunks = list(self.openai.completions.create(model="box/ok", prompt="Hi", stream=True))
        assert "".join(c.choices[0].text for c in chunks) == TEXT

    def test_embeddings(self):
        """embeddings: base64, as the SDK asks for it, and float"""
        for more in ({}, {"encoding_format": "float"}):
            answer = self.openai.embeddings.create(model="box/embed", input=["one", "two"], **more)
            assert [one.embedding for one in answer.data] == [VECTOR, VECTOR]
        assert self.trace()["input_tokens"] == 5

    def test_responses(self):
        """responses: whole and streamed"""
        answer = self.openai.responses.create(model="box/ok", input="Hi")
        assert answer.output_text == TEXT and answer.usage.output_tokens == 10
        assert answer._request_id == self.last.headers["x-request-id"]
        events = list(self.openai.responses.create(model="box/ok", input="Hi", stream=True))
        assert events[-1].type == "response.completed" and events[-1].response.output_text == TEXT
        assert [e.sequence_number for e in events] == list(range(len(events)))
        trace = self.trace()
        assert trace["output_tokens"] == 10 and trace["dialect"] == "openai-responses", trace

    def test_messages(self):
        """messages: whole and streamed, with the SDK's stream helper"""
        answer = self.message(system="Be short.")
        assert answer.content[0].text == TEXT and answer.stop_reason == "end_turn"
        assert answer._request_id == self.last.headers["request-id"]
        events = list(self.message(stream=True))
        assert events[0].type == "message_start" and events[-1].type == "message_stop"
        with self.anthropic.messages.stream(model="abox/ok", messages=ASK, max_tokens=64) as stream:
            assert "".join(stream.text_stream) == TEXT
        trace = self.trace()
        assert (trace["input_tokens"], trace["cache_read_tokens"], trace["cache_write_tokens"],
                trace["output_tokens"]) == (11, 3, 2, 10), trace

    def test_messages_beta(self):
        """messages: betas and the query go along; a Bearer key opens as x-api-key does"""
        self.anthropic.beta.messages.create(model="abox/ok", messages=ASK, max_tokens=64,
                                            betas=["context-1m-2025-08-07", "other-2026-01-01"])
        record = self.world.abox.of(self.last.label)[0]
        assert record.header("anthropic-beta") == "context-1m-2025-08-07,other-2026-01-01"
        bearer = anthropic.Anthropic(
            base_url=self.world.base, auth_token=self.world.key, max_retries=0,
            http_client=anthropic.DefaultHttpxClient(transport=self.tap))
        bearer.messages.create(model="abox/ok", messages=ASK, max_tokens=64)

    def test_count_tokens(self):
        """count_tokens: passed on, traced, free"""
        assert self.anthropic.messages.count_tokens(model="abox/ok", messages=ASK).input_tokens == 42
        trace = self.trace()
        assert trace["operation"] == "count_tokens" and trace["cost_picousd"] == 0, trace

    def test_two_credentials(self):
        """keys: of two credentials one valid one is enough, whichever it is"""
        for wrong, right in (("x-api-key", "Authorization"), ("Authorization", "x-api-key")):
            bearer = {"Authorization": "Bearer "}
            headers = {wrong: bearer.get(wrong, "") + "sk-rk-wrong",
                       right: bearer.get(right, "") + self.world.key}
            self.message(extra_headers=headers)
            self.chat(extra_headers=headers)

    def test_connections(self):
        """a provider's connections are used again and again"""
        self.chat()
        before = self.world.box.connections
        for _ in range(10):
            self.chat()
            list(self.chat(stream=True))
        made = self.world.box.connections - before
        assert made <= 6, f"{made} connections for 20 requests"  # each loop has a pool of its own

    # -- tools

    def test_chat_tools(self):
        """chat: a tool is called, whole and streamed, and its result is sent back"""
        answer = self.chat("box/tool", tools=[CHAT_TOOL]).choices[0].message
        assert json.loads(answer.tool_calls[0].function.arguments) == CALLED_WITH
        arguments = "".join(
            call.function.arguments for chunk in self.chat("box/tool", tools=[CHAT_TOOL], stream=True)
            for call in chunk.choices[0].delta.tool_calls or [])
        assert json.loads(arguments) == CALLED_WITH
        assert self.trace()["finish_reason"] == "tool_calls"
        result = {"role": "tool", "tool_call_id": answer.tool_calls[0].id, "content": "21"}
        final = self.openai.chat.completions.create(
            model="box/tool", tools=[CHAT_TOOL],
            messages=[*ASK, answer.model_dump(exclude_none=True), result])
        assert final.choices[0].message.content == "".join(AFTER_TOOL)

    def test_responses_tools(self):
        """responses: a tool is called, whole and streamed, and its result is sent back"""
        more = {"model": "box/tool", "tools": [RESPONSES_TOOL]}
        call = self.openai.responses.create(input="Hi", **more).output[0]
        assert json.loads(call.arguments) == CALLED_WITH
        events = list(self.openai.responses.create(input="Hi", stream=True, **more))
        deltas = [e.delta for e in events if e.type == "response.function_call_arguments.delta"]
        assert json.loads("".join(deltas)) == CALLED_WITH
        final = self.openai.responses.create(input=[
            {"role": "user", "content": "Hi"}, call.model_dump(exclude_none=True),
            {"type": "function_call_output", "call_id": call.call_id, "output": "21"}], **more)
        assert final.output_text == "".join(AFTER_TOOL)

    def test_messages_tools(self):
        """messages: a tool is called, whole and streamed, and its result is sent back"""
        answer = self.message("abox/tool", tools=[MESSAGES_TOOL])
        assert answer.stop_reason == "tool_use" and answer.content[0].input == CALLED_WITH
        with self.anthropic.messages.stream(model="abox/tool", messages=ASK, max_tokens=64,
                                            tools=[MESSAGES_TOOL]) as stream:
            assert stream.get_final_message().content[0].input == CALLED_WITH
        final = self.anthropic.messages.create(
            model="abox/tool", max_tokens=64, tools=[MESSAGES_TOOL], messages=[
                *ASK, {"role": "assistant", "content": [answer.content[0].model_dump(exclude_none=True)]},
                {"role": "user", "content": [{"type": "tool_result", "content": "21",
                                              "tool_use_id": answer.content[0].id}]}])
        assert final.content[0].text == "".join(AFTER_TOOL)

    # -- models

    def test_models(self):
        """models: listed and retrieved in both SDKs' shapes, ids with a slash too"""
        listed = {model.id: model for model in self.openai.models.list()}
        assert listed[FAILOVER_CHAT].object == "model"
        assert self.openai.models.retrieve(FAILOVER_CHAT).id == FAILOVER_CHAT
        shown = self.anthropic.models.list(limit=1000).data
        assert FAILOVER_MESSAGES in [model.id for model in shown]
        assert {model.type for model in shown} == {"model"}
        assert self.anthropic.models.retrieve(FAILOVER_MESSAGES).display_name
        self.refused(openai.NotFoundError, lambda: self.openai.models.retrieve("no/such"), 404)
        self.refused(anthropic.NotFoundError, lambda: self.anthropic.models.retrieve("no/such"), 404)

    # -- errors

    def refused(self, kind, call, status, words=""):
        """`call` must raise exactly `kind`, with the status and our request id; returns the error."""
        try:
            call()
        except kind as error:
            assert type(error) is kind, f"{type(error)} instead of {kind}"
            assert error.status_code == status == self.last.status, error
            assert error.request_id == self.last.headers["x-request-id"], error.request_id
            assert words in str(error), f"{words!r} is not in {error}"
            return error
        raise AssertionError(f"it did not raise {kind}")

    def test_errors_passed_on(self):
        """errors: 400, 413 and 422 of a provider come through with their bodies"""
        for status, kind, other in (
                (400, openai.BadRequestError, anthropic.BadRequestError),
                (413, openai.APIStatusError, anthropic.RequestTooLargeError),
                (422, openai.UnprocessableEntityError, anthropic.UnprocessableEntityError)):
            words = f"scripted failure {status}"
            self.refused(kind, lambda: self.chat(f"box/err-{status}"), status, words)
            self.refused(kind, lambda: self.chat(f"box/err-{status}", stream=True), status, words)
            self.refused(kind, lambda: self.openai.responses.create(
                model=f"box/err-{status}", input="Hi"), status, words)
            self.refused(other, lambda: self.message(f"abox/err-{status}"), status, words)
            self.refused(other, lambda: self.message(f"abox/err-{status}", stream=True), status, words)

    def test_wrong_key(self):
        """errors: a wrong routerone key is 401, and is not tried again"""
        forged = self.world.key[:-4] + ("aaaa" if not self.world.key.endswith("aaaa") else "bbbb")
        some, other = self.clients(forged, max_retries=2)
        before = len(self.tap.exchanges)
        error = self.refused(openai.AuthenticationError,
                             lambda: some.chat.completions.create(model="box/ok", messages=ASK), 401)
        assert error.code == "invalid_api_key", error.body
        error = self.refused(anthropic.AuthenticationError, lambda: other.messages.create(
            model="abox/ok", messages=ASK, max_tokens=9), 401, "routerone key")
        assert error.body["error"]["type"] == "authentication_error"
        assert len(self.tap.exchanges) == before + 2, "it was tried again"

    def test_web_page(self):
        """errors: what comes from a web page is 403"""
        origin = {"Origin": "https://example.com"}
        self.refused(openai.PermissionDeniedError, lambda: self.chat(extra_headers=origin), 403)
        self.refused(anthropic.PermissionDeniedError, lambda: self.message(extra_headers=origin), 403)

    def test_unknown_model(self):
        """errors: an unknown model, and a path that is not there, are 404"""
        error = self.refused(openai.NotFoundError, lambda: self.chat("no-such-model"), 404)
        assert error.code == "model_not_found", error.body
        self.refused(openai.NotFoundError,
                     lambda: self.openai.responses.create(model="no-such", input="Hi"), 404)
        self.refused(anthropic.NotFoundError, lambda: self.message("no-such-model"), 404)
        self.refused(openai.NotFoundError, lambda: self.openai.batches.list(), 404)
        # Known to us, unknown to its only provider: said in the provider's words.
        words = "The model `err-404` does not exist"
        self.refused(openai.NotFoundError, lambda: self.chat("box/err-404"), 404, words)
        self.refused(openai.NotFoundError, lambda: self.chat("box/err-404", stream=True), 404, words)
        self.refused(anthropic.NotFoundError, lambda: self.message("abox/err-404"), 404, words)

    def test_too_large(self):
        """errors: a body above 32 MiB is 413"""
        huge = [{"role": "user", "content": "x" * (33 << 20)}]
        self.refused(openai.APIStatusError, lambda: self.openai.chat.completions.create(
            model="box/ok", messages=huge), 413)
        self.refused(anthropic.RequestTooLargeError, lambda: self.anthropic.messages.create(
            model="abox/ok", messages=huge, max_tokens=9), 413)
        self.tap.exchanges.clear()  # 66 MiB; what they hold was looked at

    def test_rate_limited(self):
        """errors: 429 says when to come back, and the next call does not bother the provider"""
        for kind, call, provider in (
                (openai.RateLimitError, lambda: self.chat("box/err-429"), self.world.box),
                (anthropic.RateLimitError, lambda: self.message("abox/err-429"), self.world.abox)):
            error = self.refused(kind, call, 429, "scripted failure 429")
            assert error.response.headers["retry-after"] == "7"
            seen = len(provider.records)
            error = self.refused(kind, call, 429)
            assert 1 <= int(error.response.headers["retry-after"]) <= 7
            assert len(provider.records) == seen, "a cooling target was asked"

    def test_provider_failures(self):
        """errors: what a provider fails at is 502, 503 or 529, never the caller's fault"""
        for status in (500, 502, 503, 529):
            self.refused(openai.InternalServerError, lambda: self.chat(f"box/err-{status}"), 503)
            self.refused(anthropic.OverloadedError, lambda: self.message(f"abox/err-{status}"), 529)
        for status in (401, 403):
            self.refused(openai.InternalServerError, lambda: self.chat(f"box/err-{status}"), 502)
            self.refused(anthropic.InternalServerError,
                         lambda: self.message(f"abox/err-{status}"), 502)

    def test_cut(self):
        """errors: a stream that dies is an error in the SDK, never a shorter answer"""
        events = self.breaks(openai.APIError, lambda: self.chat("box/cut", stream=True))
        assert 3 <= len(events) <= 5, events
        self.breaks(anthropic.APIStatusError, lambda: self.message("abox/cut", stream=True))
        # Agents wait for this event; the SDK hands it on, then meets the connection's end.
        events = self.breaks(openai.APIConnectionError, lambda: self.openai.responses.create(
            model="box/cut", input="Hi", stream=True))
        assert events[-1].type == "response.failed" and events[-1].response.error.message, events
        self.refused(openai.InternalServerError, lambda: self.chat("box/cut"), 503)

    def breaks(self, kind, call):
        """The events up to the error, which must be one that the SDK took from the stream's own
        words unless a dead connection is what is expected."""
        events = []
        try:
            for event in call():
                events.append(event)
        except kind as error:
            dead = isinstance(error, (openai.APIConnectionError, anthropic.APIConnectionError))
            assert not dead or kind is openai.APIConnectionError, error
        else:
            raise AssertionError("it ended as if it were whole")
        self.wait_state("upstream_failed")
        return events

    # -- leaving, many at once, failover

    def wait_state(self, state):
        name = {"name": self.last.headers["x-request-id"]}
        deadline = time.monotonic() + 5
        while True:
            try:
                trace = self.world.daemon.control("/traces/show", name)
                assert trace["state"] == state, trace
                return trace
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def gone(self, provider, label):
        provider.wait_for(lambda _: any(r.disconnected for r in provider.records if r.label == label),
                          what=f"{provider.name} to be hung up on")

    def test_leave_stream(self):
        """a caller that leaves in the middle of a stream: the provider is hung up on at once"""
        for provider, call in (
                (self.world.box, lambda: self.chat("box/slow", stream=True)),
                (self.world.box, lambda: self.openai.responses.create(
                    model="box/slow", input="Hi", stream=True)),
                (self.world.abox, lambda: self.message("abox/slow", stream=True))):
            stream = call()
            for _ in zip(range(4), stream):
                pass
            stream.close()
            self.gone(provider, self.last.label)
            self.wait_state("client_gone")

    def test_leave_whole(self):
        """a caller that does not wait for a whole answer: the provider is hung up on at once"""
        some, other = self.clients(timeout=0.5)
        for provider, kind, call in (
                (self.world.box, openai.APITimeoutError,
                 lambda: some.chat.completions.create(model="box/slow", messages=ASK)),
                (self.world.abox, anthropic.APITimeoutError,
                 lambda: other.messages.create(model="abox/slow", messages=ASK, max_tokens=9))):
            seen = len(provider.records)
            try:
                call()
                raise AssertionError("it was answered")
            except kind:
                provider.wait_for(lambda records: len(records) > seen and records[seen].disconnected,
                                  what="the provider to be hung up on")

    def test_many(self):
        """32 at once, of all sorts"""
        def one(n):
            if n % 4 == 0:
                return self.chat("box/think").choices[0].message.content
            if n % 4 == 1:
                return "".join(c.choices[0].delta.content or ""
                               for c in self.chat("box/think", stream=True))
            if n % 4 == 2:
                return self.message("abox/think").content[0].text
            return self.openai.responses.create(model="box/think", input="Hi").output_text

        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            assert list(pool.map(one, range(32))) == [TEXT] * 32

    def test_many_async(self):
        """32 at once from the asynchronous clients"""
        async def all_at_once():
            options = {"api_key": self.world.key, "max_retries": 0, "timeout": 30}
            async with openai.AsyncOpenAI(base_url=f"{self.world.base}/v1", **options) as some, \
                    anthropic.AsyncAnthropic(base_url=self.world.base, **options) as other:
                async def streamed():
                    stream = await some.chat.completions.create(
                        model="box/think", messages=ASK, stream=True)
                    return "".join([c.choices[0].delta.content or "" async for c in stream])

                async def whole():
                    answer = await other.messages.create(
                        model="abox/think", messages=ASK, max_tokens=9)
                    return answer.content[0].text

                return await asyncio.gather(*(streamed() if n % 2 else whole() for n in range(32)))

        assert asyncio.run(all_at_once()) == [TEXT] * 32

    def test_failover(self):
        """failover: where the first provider fails or is down, the second serves"""
        answer = self.chat(FAILOVER_CHAT)
        assert answer.choices[0].message.content == TEXT
        assert self.last.headers["x-routerone-provider"] == "openrouter"
        assert self.last.headers["x-routerone-route"] == "fallback"
        assert [a["provider"] for a in self.trace()["attempts"]] == ["openai", "openrouter"]
        chunks = list(self.chat(FAILOVER_CHAT, stream=True))
        assert "".join(c.choices[0].delta.content or "" for c in chunks) == TEXT
        assert self.openai.responses.create(model=FAILOVER_CHAT, input="Hi").output_text == TEXT
        assert self.message(FAILOVER_MESSAGES).content[0].text == TEXT
        assert self.trace()["route"] == "fallback"
        with self.anthropic.messages.stream(model=FAILOVER_MESSAGES, messages=ASK,
                                            max_tokens=64) as stream:
            assert "".join(stream.text_stream) == TEXT

    def test_fallback_chain(self):
        """failover: along a chain that the user made"""
        assert self.chat(FALLBACK).choices[0].message.content == TEXT
        trace = self.trace()
        assert trace["provider"] == "box" and trace["route"] == "fallback", trace
        assert trace["requested_model"] == FALLBACK and trace["fallback"], trace


def main():
    with World() as world:
        tour = Tour(world)
        names = [name for name in vars(Tour) if name.startswith("test_")]
        wanted = sys.argv[1:]
        chosen = [getattr(tour, n) for n in names if not wanted or any(w in n for w in wanted)]
        print(f"openai {openai.__version__}, anthropic {anthropic.__version__} for Python")
        return cases.run("python", chosen, tour.verify)


if __name__ == "__main__":
    sys.exit(main())
