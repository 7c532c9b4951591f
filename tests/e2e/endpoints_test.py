#!/usr/bin/env python3
"""Images, sound, moderations and rerankings, as the official SDK asks for them: what the provider was sent
and said is compared byte for byte, and every request has its trace and its cost."""
import contextlib
import decimal
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import threading

import httpx2
import openai

import cases
import raw_caller
from daemon import Daemon
from media_provider import HEARD_USAGE, IMAGE_USAGE, SAID, SOUND, SPOKEN_USAGE, MediaProvider
from tap import Tap

# USD a million tokens.
PRICE = {"input": 5, "output": 10, "input_image": 8, "output_image": 32, "input_audio": 6, "output_audio": 12}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8 + b"\r\n--not a boundary\r\n"
TAPE = ("Grüße “band”.mp3", bytes(range(256)) * 30, "audio/mpeg")
IMAGE = {"prompt": "a cat"}


class World:
    def __init__(self, stack):
        self.first = stack.enter_context(MediaProvider(name="first", key="sk-first-1111111111"))
        self.box = stack.enter_context(MediaProvider(name="box", key="sk-box-22222222222222"))
        self.daemon = stack.enter_context(Daemon())
        for provider in (self.first, self.box):
            self.daemon.add_provider(provider.name, provider.base, "openai-chat", key=provider.key)
        for model in ("ok", "large", "seconds", "untold", "cut"):
            self.price(f"box/{model}", PRICE)
        self.names = 0
        self.unlimited = self.key()
        self.tap = Tap("endpoints")
        self.client = self.openai()

    def price(self, model, price):
        self.daemon.control("/models/price", {"model": model, "price": json.dumps(price)})

    def key(self, **limits):
        self.names += 1
        return self.daemon.create_key(f"e{self.names}", **limits)

    def openai(self, key=None, **options):
        return openai.OpenAI(base_url=f"{self.daemon.base}/v1", api_key=key or self.unlimited, timeout=30,
                             max_retries=0, http_client=httpx2.Client(transport=self.tap), **options)

    def trace(self):
        name = self.tap.exchanges[-1].headers["x-request-id"]
        return self.daemon.control("/traces/show", {"name": name})

    def seen(self):
        """The last request as it left the SDK, and as each provider had it."""
        exchange = self.tap.exchanges[-1]
        seen = []
        for provider in (self.first, self.box):
            records = provider.of(exchange.label)
            provider.wait_for(lambda _, own=records: all(one.finished for one in own), what="it to have answered")
            seen += records
        return exchange, seen

    def raw(self, path, body, kind="application/json", key=None, **more):
        head = {"Host": f"127.0.0.1:{self.daemon.port}", "Content-Type": kind,
                "Authorization": f"Bearer {key or self.unlimited}", **more}
        return httpx2.post(f"{self.daemon.base}{path}", content=body, headers=head, timeout=30, trust_env=False)


world = None


def unchanged():
    """Nothing but the model's name was touched on the way there, and nothing on the way back."""
    exchange, (record,) = world.seen()
    asked = exchange.sent
    if exchange.sent_headers["content-type"].startswith("application/json"):
        sent = re.sub(rb'("model"\s*:\s*)"box/([^"]*)"', rb'\1"\2"', asked, count=1)
    else:
        sent = re.sub(rb'(name="model"\r\n\r\n)box/', rb"\1", asked, count=1)
    assert sent != asked, "there was nothing to splice"
    assert record.body == sent, f"{asked[:300]!r}\nbecame\n{record.body[:300]!r}"
    assert record.header("content-type") == exchange.sent_headers["content-type"]
    assert exchange.received == record.answer, (len(exchange.received), len(record.answer))
    return record


def cost(trace):
    """In USD; None where it is not known."""
    return None if trace["cost_usd"] is None else decimal.Decimal(trace["cost_usd"])


def due(**tokens):
    return sum(count * decimal.Decimal(PRICE[name]) for name, count in tokens.items()) / 10**6


IMAGE_COST = due(input=10, input_image=40, output_image=1000)
HEARD_COST = due(input=4, input_audio=10, output=7)


def recorded(operation, amount, stream=False):
    trace = world.trace()
    assert trace["operation"] == operation and trace["state"].startswith("completed"), trace
    assert trace["stream"] is stream and trace["provider"] == "box", trace
    assert cost(trace) == amount, (trace["cost_usd"], amount)


def test_images():
    """images: generated whole, with what they used, priced as images, and byte for byte"""
    answer = world.client.images.generate(model="box/ok", n=2, **IMAGE)
    assert len(answer.data) == 2 and answer.usage.output_tokens == 1000
    unchanged()
    recorded("images", IMAGE_COST)
    assert decimal.Decimal(world.tap.exchanges[-1].headers["x-routerone-cost-usd"]) == IMAGE_COST


def test_large_image():
    """images: one that is too large to hold passes whole, and its usage is read all the same"""
    answer = world.client.images.generate(model="box/large", **IMAGE)
    assert len(answer.data[0].b64_json) == 2 << 20
    unchanged()
    recorded("images", IMAGE_COST)


def test_image_stream():
    """images: streamed, a picture of 2 MB in one event, event for event"""
    for model in ("box/ok", "box/large"):
        events = list(world.client.images.generate(model=model, stream=True, partial_images=1, **IMAGE))
        assert [one.type for one in events] == ["image_generation.partial_image", "image_generation.completed"]
        assert events[-1].usage.model_dump() == openai.types.image_gen_completed_event.Usage(**IMAGE_USAGE).model_dump()
        unchanged()
        recorded("images", IMAGE_COST, stream=True)


def test_image_edits():
    """images: edits upload pictures, whose bytes arrive as they were, whole and streamed"""
    pictures = [("a.png", PNG, "image/png"), ("b.png", PNG[::-1], "image/png")]
    answer = world.client.images.edit(model="box/ok", image=pictures, mask=pictures[0], n=3, **IMAGE)
    assert len(answer.data) == 3
    record = unchanged()
    assert [content for _, content in record.files["image"]] == [PNG, PNG[::-1]]
    recorded("image_edits", IMAGE_COST)
    events = list(world.client.images.edit(model="box/ok", image=pictures[0], stream=True, **IMAGE))
    assert events[-1].type == "image_edit.completed"
    unchanged()
    recorded("image_edits", IMAGE_COST, stream=True)


def test_image_edit_as_json():
    """images: an edit may also be JSON that says where its pictures are"""
    body = {"model": "box/ok", "prompt": "x", "images": [{"image_url": "data:image/png;base64,iVBORw0KGgo="}]}
    assert world.client.post("/images/edits", body=body, cast_to=dict)["data"]
    unchanged()
    recorded("image_edits", IMAGE_COST)


def test_speech():
    """speech: the sound is the provider's to the last byte; its cost is not known, which is not 0"""
    for model, times in (("box/ok", 1), ("box/large", 200)):
        answer = world.client.audio.speech.create(model=model, input="hello", voice="alloy")
        assert answer.content == SOUND * times
        assert answer.response.headers["content-type"] == "audio/mpeg"
        unchanged()
        recorded("speech", None)


def test_speech_as_it_comes():
    """speech: the first piece is heard before the second is made"""
    world.box.heard = threading.Event()
    try:
        with world.client.audio.speech.with_streaming_response.create(
                model="box/ok", input="hello", voice="alloy") as answer:
            pieces = answer.iter_bytes(1024)
            heard = next(pieces)
            world.box.heard.set()
            assert heard + b"".join(pieces) == SOUND
    finally:
        world.box.heard.set()
        world.box.heard = None
    unchanged()


def test_speech_stream():
    """speech: as a stream of events, with its usage"""
    wish = {"model": "box/ok", "input": "hello", "voice": "alloy", "stream_format": "sse"}
    text = world.client.audio.speech.create(**wish).text
    assert [json.loads(line[6:])["type"] for line in text.split("\n") if line.startswith("data: ")] == [
        "speech.audio.delta", "speech.audio.done"]
    unchanged()
    recorded("speech", due(input=6, output_audio=SPOKEN_USAGE["output_tokens"]), stream=True)


def test_transcripts():
    """transcriptions: json, text, srt and verbose, from a file with any bytes and any name"""
    create = world.client.audio.transcriptions.create
    answer = create(model="box/ok", file=TAPE, prompt="names: Ada", timestamp_granularities=["word"])
    assert answer.text == SAID and answer.usage.input_token_details.audio_tokens == 10
    assert unchanged().files["file"] == [(TAPE[0], TAPE[1])]
    recorded("transcriptions", HEARD_COST)
    assert create(model="box/ok", file=TAPE, response_format="text") == SAID + "\n"
    unchanged()
    recorded("transcriptions", None)
    assert "-->" in create(model="box/ok", file=TAPE, response_format="srt")
    unchanged()
    assert create(model="box/ok", file=TAPE, response_format="verbose_json").duration == 9
    unchanged()
    recorded("transcriptions", None)


def test_transcript_stream():
    """transcriptions: streamed, and whole where the model cannot stream"""
    create = world.client.audio.transcriptions.create
    events = list(create(model="box/ok", file=TAPE, stream=True))
    assert [one.type for one in events] == ["transcript.text.delta", "transcript.text.done"]
    assert events[-1].text == SAID and events[-1].usage.total_tokens == HEARD_USAGE["total_tokens"]
    unchanged()
    recorded("transcriptions", HEARD_COST, stream=True)
    with world.client.audio.transcriptions.with_streaming_response.create(
            model="box/whole", file=TAPE, stream=True) as answer:
        assert json.loads(answer.read())["text"] == SAID
    unchanged()


def test_translations():
    """translations: a file in, a text out"""
    answer = world.client.audio.translations.create(model="box/ok", file=io.BytesIO(TAPE[1]))
    assert answer.text == SAID
    unchanged()
    recorded("translations", HEARD_COST)


def test_moderations():
    """moderations: what the provider said, and a cost that is not known"""
    answer = world.client.moderations.create(model="box/mod", input=["a", "b"])
    assert answer.results[0].flagged is False
    unchanged()
    recorded("moderations", None)


def test_rerank():
    """rerank: the documents in their new order, priced by the tokens or by the searches that were told"""
    world.price("box/searches", {"input": 0, "output": 0, "request_per_1k": 2})
    for model, amount in (("ok", due(input=38)), ("searches", decimal.Decimal("0.006"))):
        body = {"model": f"box/{model}", "query": "which?", "documents": ["a", "b"], "top_n": 2}
        answer = world.client.post("/rerank", body=body, cast_to=dict)
        assert [one["index"] for one in answer["results"]] == [0, 1]
        unchanged()
        recorded("rerank", amount)


def each_endpoint(client):
    """Every operation once, as a function of the model."""
    post = client.post
    return {
        "images": lambda model: client.images.generate(model=model, **IMAGE),
        "image stream": lambda model: list(client.images.generate(model=model, stream=True, **IMAGE)),
        "image_edits": lambda model: client.images.edit(model=model, image=("a.png", PNG), **IMAGE),
        "image_variations": lambda model: post("/images/variations", body={"model": model}, cast_to=dict,
                                               files=[("image", ("a.png", PNG))],
                                               options={"headers": {"Content-Type": "multipart/form-data"}}),
        "speech": lambda model: client.audio.speech.create(model=model, input="x", voice="alloy").content,
        "transcriptions": lambda model: client.audio.transcriptions.create(model=model, file=TAPE),
        "transcript stream": lambda model: list(
            client.audio.transcriptions.create(model=model, file=TAPE, stream=True)),
        "translations": lambda model: client.audio.translations.create(model=model, file=TAPE),
        "moderations": lambda model: client.moderations.create(model=model, input="x"),
        "rerank": lambda model: post("/rerank", body={"model": model, "query": "q", "documents": ["d"]},
                                     cast_to=dict),
    }


def test_failover():
    """every endpoint: a provider that fails, says nothing or shows a page is replaced by the next"""
    for trouble in ("err-503", "err-429", "page", "nothing"):
        for name, ask in each_endpoint(world.client).items():
            model = f"{name.replace(' ', '-')}/{trouble}"
            world.daemon.control("/routes/fallback", {"model": f"first/{model}", "chain": ["box/ok"]})
            assert ask(f"first/{model}"), (name, trouble)
            exchange, records = world.seen()
            assert exchange.status == 200 and exchange.headers["x-routerone-provider"] == "box", name
            assert [record.wish["model"] for record in records] == [model, "ok"], (name, trouble)
            assert exchange.received == records[-1].answer, (name, trouble)
            trace = world.trace()
            assert trace["route"] == "fallback" and len(trace["attempts"]) == 2, trace


def test_cut():
    """every endpoint: what breaks off after its first content is never dressed up as whole"""
    for name, ask in each_endpoint(world.client).items():
        try:
            answer = ask("box/cut")
        except (openai.APIError, httpx2.HTTPError):
            pass
        else:
            assert name in ("moderations", "rerank") and answer is None, (name, answer)
        trace = world.trace()
        assert trace["state"] == "upstream_failed", (name, trace)


def test_late_error():
    """streams: an error of the provider's after content reaches the program as one"""
    for name in ("image stream", "transcript stream"):
        try:
            each_endpoint(world.client)[name]("box/late")
        except openai.APIError as error:
            assert "out of paint" in str(error), error
        else:
            raise AssertionError(name)
        assert world.trace()["state"] == "upstream_failed"


def test_own_errors():
    """every endpoint: the caller's own fault and a wrong key are told in the SDK's words"""
    stranger = each_endpoint(world.openai("sk-rk-nobody"))
    for name, ask in each_endpoint(world.client).items():
        for wanted, call in ((openai.BadRequestError, lambda: ask("box/err-400")),
                             (openai.NotFoundError, lambda: ask("nobody/has/this")),
                             (openai.AuthenticationError, lambda: stranger[name]("box/ok"))):
            try:
                call()
            except wanted as error:
                assert world.seen()[0].status == error.status_code
            else:
                raise AssertionError(f"{name} did not raise {wanted.__name__}")


def test_spend_limit_wants_a_price():
    """every endpoint: under a spend limit a model without a known price is refused, and nothing is sent"""
    client = world.openai(world.key(max_spend="5"))
    for name, ask in each_endpoint(client).items():
        try:
            ask("box/no-price")
        except openai.BadRequestError as error:
            assert "price" in str(error) and error.param == "model", error
        else:
            raise AssertionError(name)
        assert world.seen()[1] == [], name
        assert cost(world.trace()) == 0 and world.trace()["state"] == "refused"


def spent(number):
    told = world.daemon.control("/budgets/show", {"name": f"key:e{number}"})
    return decimal.Decimal(told["spent_usd"])


def test_spend_limit_is_charged():
    """every endpoint: under a limit it is charged what it told, else what was held for it; never nothing"""
    for name, ask in each_endpoint(world.client).items():
        for model in ("ok", "untold"):
            limited = world.openai(world.key(max_spend="5"))
            number = world.names
            each_endpoint(limited)[name](f"box/{model}")
            trace = world.trace()
            assert cost(trace) == spent(number) > 0, (name, model, trace)
            assert decimal.Decimal(trace["reserved_usd"]) >= cost(trace), (name, trace)
    limited = world.openai(world.key(max_spend="5"))
    limited.audio.transcriptions.create(model="box/seconds", file=TAPE)
    trace = world.trace()
    assert cost(trace) == decimal.Decimal(trace["reserved_usd"]) and trace["usage_source"] == "estimate", trace


def test_price_of_an_image():
    """images: a price for each image is charged for as many as came, and held for as many as were asked"""
    world.price("box/untold", {"input": 0, "output": 0, "per_image": 0.04})
    client = world.openai(world.key(max_spend="0.1"))
    client.images.generate(model="box/untold", n=2, **IMAGE)
    assert cost(world.trace()) == decimal.Decimal("0.08")
    for ask in (lambda: client.images.generate(model="box/untold", n=1, **IMAGE),
                lambda: client.images.edit(model="box/untold", image=("a.png", PNG), **IMAGE)):
        try:
            ask()
        except openai.APIStatusError as error:
            assert error.status_code == 402, error
        else:
            raise AssertionError("the limit did not hold")
    world.price("box/untold", PRICE)


def test_other_limits():
    """every endpoint: rates and allowed models count here too"""
    for name, ask in each_endpoint(world.client).items():
        once = each_endpoint(world.openai(world.key(rate_limit="1")))[name]
        once("box/ok")
        try:
            once("box/ok")
        except openai.RateLimitError:
            assert world.trace()["operation"], name
        else:
            raise AssertionError(f"{name} has no rate")
        try:
            each_endpoint(world.openai(world.key(models=["openai/*"])))[name]("box/ok")
        except openai.NotFoundError:
            pass
        else:
            raise AssertionError(f"{name} takes any model")


def part(head, value="v"):
    return f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n"


UPLOAD = part('name="file"; filename="a.mp3"', "x" * 50)
MODEL = part('name="model"', "box/ok")


def test_forms_of_other_writers():
    """forms: parts that tell their own length, quoted boundaries, fields in any order"""
    path, kind = "/v1/audio/transcriptions", 'multipart/form-data; charset=utf-8; boundary="=_b (1)?"'
    body = (UPLOAD + part('name="model"\r\nContent-Transfer-Encoding: binary\r\nContent-Length: 6', "box/ok")
            + "--b--\r\n").replace("--b", "--=_b (1)?")
    assert world.raw(path, body, kind).json()["text"] == SAID
    sent = world.box.records[-1]
    assert sent.body.decode() == body.replace("box/ok", "ok").replace("Content-Length: 6", "Content-Length: 2")
    assert sent.header("content-type") == kind


def test_doubtful_forms():
    """forms: what two readers could take for different requests is refused by name, and never sent"""
    kind = "multipart/form-data; boundary=b"
    path = "/v1/audio/transcriptions"
    assert world.raw(path, UPLOAD + MODEL + "--b--\r\n", kind).status_code == 200
    assert world.raw(path, UPLOAD + MODEL + "--b--", 'multipart/form-data; boundary="b"').status_code == 200
    before = len(world.box.records)
    for body, content_type, word in (
            (UPLOAD + MODEL + MODEL + "--b--", kind, "more than once"),
            (UPLOAD + MODEL, kind, "final boundary"),
            (UPLOAD + "--b--", kind, "missing"),
            (UPLOAD + part('name="model"; filename="m"', "box/ok") + "--b--", kind, "not a file"),
            (UPLOAD + part('name="Model"', "box/ok") + "--b--", kind, "spelling"),
            (UPLOAD + MODEL + "--b--" + MODEL, kind, "behind its end"),
            (UPLOAD + part('name="model"\r\nContent-Length: 5', "box/ok") + "--b--", kind, "another length"),
            (MODEL + UPLOAD + "--b--", "multipart/form-data", "boundary"),
            (MODEL + UPLOAD + "--b--", kind + "; boundary=c", "two boundaries"),
            (MODEL + part('name="file"; filename="f"', "a\n--b\nc") + "--b--", kind, "boundary"),
            ("{}", kind, "begin"), ("", kind, "begin")):
        answer = world.raw(path, body, content_type)
        error = answer.json()["error"]
        assert answer.status_code == 400 and word in error["message"], (answer.status_code, error)
        assert error["type"] == "invalid_request_error"
    assert len(world.box.records) == before


def test_media_types():
    """forms are taken on the named paths only, and from no web page"""
    kind = "multipart/form-data; boundary=b"
    form = UPLOAD + part('name="image"; filename="a.png"') + part('name="prompt"') + MODEL + "--b--"
    named = {"/v1/images/edits", "/v1/images/variations", "/v1/audio/transcriptions", "/v1/audio/translations"}
    for path in named | {"/v1/images/generations", "/v1/audio/speech", "/v1/moderations", "/v1/rerank",
                         "/v1/chat/completions", "/v1/embeddings", "/v1/responses", "/v1/messages"}:
        for content_type in (kind, "text/plain", "application/x-www-form-urlencoded", "multipart/mixed; boundary=b"):
            status = world.raw(path, form, content_type).status_code
            assert (status == 415) == (path not in named or content_type != kind), (path, content_type, status)
    assert world.raw("/v1/audio/transcriptions", form, kind, Origin="http://evil.test").status_code == 403
    answer = world.raw("/v1/audio/transcriptions", form, kind, **{"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_too_large():
    """a file beyond the cap of 32 MiB is refused with 413; one just below it passes"""
    small, large = b"\xff" * (31 << 20), b"\xff" * (33 << 20)
    assert world.client.audio.transcriptions.create(model="box/ok", file=("a.mp3", small)).text == SAID
    assert unchanged().files["file"][0][1] == small
    caller = raw_caller.Caller(world.daemon, world.unlimited)
    try:
        caller.sock.sendall((
            f"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1:{world.daemon.port}\r\n"
            f"Authorization: Bearer {world.unlimited}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            f"Content-Length: {len(large)}\r\n\r\n").encode())
        status, _ = caller.read_head()
        assert status == 413, status
    finally:
        caller.close()


def test_sandbox():
    """the built-in provider has none of these paths, says so, and is no worse for it"""
    try:
        world.client.images.generate(model="sandbox/echo", **IMAGE)
    except openai.NotFoundError:
        pass
    else:
        raise AssertionError("it drew something")
    answer = world.client.chat.completions.create(model="sandbox/echo", messages=[{"role": "user", "content": "hi"}])
    assert answer.choices[0].message.content


def test_node():
    """the SDK of Node: every endpoint, uploads as its own writer of forms makes them"""
    before = len(world.box.records)
    env = {**os.environ, "E2E_MEDIA": json.dumps({"base": world.daemon.base, "key": world.unlimited})}
    program = os.path.join(os.environ["E2E_NODE_HOME"], "media_clients.mjs")
    done = subprocess.run([os.environ["E2E_NODE"], program], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "images": 2, "edited": 1000, "sound": hashlib.sha256(SOUND).hexdigest(), "heard": SAID,
        "image_events": ["image_generation.partial_image", "image_generation.completed"],
        "edit_events": ["image_edit.partial_image", "image_edit.completed"],
        "heard_as_text": SAID + "\n", "heard_events": ["transcript.text.delta", "transcript.text.done"],
        "translated": SAID, "flagged": False, "ranked": 2, "refused": "NotFoundError 404 model_not_found"}
    tape = bytes(range(256)) * 30
    uploads = [record for record in world.box.records[before:] if record.files]
    assert len(uploads) == 6, len(uploads)
    for record in uploads:
        assert all(content == tape for files in record.files.values() for _, content in files), record.path
    names = {name for record in uploads for name, _ in record.files.get("file", [])}
    assert names == {TAPE[0]}, names


def test_nothing_is_stored():
    """no word of prompts, files and answers is on the disk"""
    marks = [b"a cat", SAID.encode()[:8], b"names: Ada", TAPE[0].encode()[:8]]
    for file in world.daemon.home.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not [mark for mark in marks if mark in content], file


if __name__ == "__main__":
    with contextlib.ExitStack() as everything:
        world = World(everything)
        failed = cases.run("endpoints", cases.collect(globals()))
        world.first.check()
        world.box.check()
        sys.exit(failed)
