"""A provider of images, sound, moderations and rerankings, scripted like the one of provider.py and as
strict: forms are read by Python's own parser of mail, a reader that shares nothing with the daemon's.

Scenario, from the last part of the model's name, beside err-STATUS and anything else, which answers well:
  untold      says nothing of what it used
  seconds     tells a length in seconds instead of tokens
  large       an image of 2 MiB, an hour of sound: more than is held
  page        200 and a web page
  nothing     200 and nothing at all
  cut         the connection dies in the middle of the answer
  late        a stream that begins well and then says that it failed
  whole       answers a request for a stream with a whole answer"""
import email.parser
import email.policy
import json
import re
import urllib.parse

import provider_answers as answers
import provider_rules as rules
from provider import Handler, Provider

OPERATIONS = {
    "/v1/images/generations": "images", "/v1/images/edits": "image_edits",
    "/v1/images/variations": "image_variations", "/v1/audio/speech": "speech",
    "/v1/audio/transcriptions": "transcriptions", "/v1/audio/translations": "translations",
    "/v1/moderations": "moderations", "/v1/rerank": "rerank"}
FORMS = {"image_edits": {"prompt"}, "image_variations": set(), "transcriptions": set(), "translations": set()}
FILE_OF = {"image_edits": "image", "image_variations": "image", "transcriptions": "file",
           "translations": "file"}
NEEDS = {"images": {"prompt"}, "speech": {"input", "voice"}, "moderations": {"input"},
         "rerank": {"query", "documents"}}
SOUND = bytes(range(256)) * 40
SAID = "Grüße, “world”\nfrom --b a tape"
IMAGE_USAGE = {"input_tokens": 50, "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
               "output_tokens": 1000, "total_tokens": 1050}
HEARD_USAGE = {"type": "tokens", "input_tokens": 14, "output_tokens": 7, "total_tokens": 21,
               "input_token_details": {"text_tokens": 4, "audio_tokens": 10}}
SPOKEN_USAGE = {"input_tokens": 6, "output_tokens": 300, "total_tokens": 306}


def read_form(content_type, body):
    """The fields and the files of a form: name -> [text] and name -> [(file name, bytes)]."""
    head = f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n".encode()
    mail = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    if mail.defects or not mail.is_multipart():
        raise ValueError(f"the form is malformed: {mail.defects}")
    fields, files = {}, {}
    for part in mail.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is None:
            fields.setdefault(name, []).append(part.get_payload(decode=True).decode())
        else:
            files.setdefault(name.split("[")[0], []).append((part.get_filename(), part.get_payload(decode=True)))
    return fields, files


class MediaHandler(Handler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", -1)))
        record = self.take(body)
        operation = OPERATIONS.get(urllib.parse.urlsplit(self.path).path)
        if operation is None:
            return self.refuse(record, "chat", [f"POST {self.path} is not a path of this provider"])
        wrong = [*rules.check_headers(record, self.server), *rules.check_no_caller_key(record)]
        try:
            wish, record.files = self.read_wish(record, operation)
        except ValueError as error:
            return self.refuse(record, "chat", [*wrong, str(error)])
        needed = FORMS.get(operation) if record.files else NEEDS.get(operation, FORMS.get(operation))
        wrong += [f"field {name!r} is missing" for name in sorted({"model", *needed} - set(wish))]
        if record.files is not None and FILE_OF[operation] not in record.files:
            wrong.append(f"there is no file {FILE_OF[operation]!r}")
        if wrong:
            return self.refuse(record, "chat", wrong)
        record.wish = wish
        return self.play_media(record, operation, wish)

    @staticmethod
    def read_wish(record, operation):
        kind = record.header("content-type") or ""
        if kind.split(";")[0] == "application/json":
            return json.loads(record.body, object_pairs_hook=rules.without_twins), None
        if operation not in FORMS:
            raise ValueError(f"{operation} does not take {kind!r}")
        fields, files = read_form(kind, record.body)
        for name, values in fields.items():
            if len(values) > 1 and not name.endswith("[]"):
                raise ValueError(f"field {name!r} is there twice")
        return {name: values[0] for name, values in fields.items()}, files

    def play_media(self, record, operation, wish):
        scenario = wish["model"].rsplit("/", 1)[-1]
        failure = re.fullmatch(r"err-(\d{3})", scenario)
        if failure:
            return self.answer(record, int(failure[1]),
                               answers.error("chat", int(failure[1]), record.request_id))
        if scenario == "page":
            return self.say(record, "text/html", b"<!DOCTYPE html><html>Sign in</html>")
        kind, payload = self.whole_answer(operation, wish, scenario)
        if scenario == "nothing":
            return self.say(record, kind, b"")
        streams = str(wish.get("stream", "")).lower() == "true" or wish.get("stream_format") == "sse"
        if streams and scenario != "whole":
            return self.stream(record, stream_answer(operation, scenario), scenario)
        if operation == "speech":
            return self.speak(record, kind, payload, scenario)
        if scenario == "cut":
            return self.cut_whole(record, payload)
        return self.say(record, kind, payload)

    def whole_answer(self, operation, wish, scenario):
        if operation == "speech":
            return "audio/mpeg", SOUND * (200 if scenario == "large" else 1)
        if operation in ("transcriptions", "translations"):
            return transcript(wish.get("response_format", "json"), scenario)
        return "application/json", answers.dump(JSON_ANSWERS[operation](wish, scenario))

    def say(self, record, kind, payload):
        self.head(record, 200, kind, {"Content-Length": str(len(payload))})
        self.write(record, payload, payload)
        self.done(record)

    def speak(self, record, kind, payload, scenario):
        """In pieces. The second waits until the test has heard the first, if it listens."""
        self.head(record, 200, kind, {"Transfer-Encoding": "chunked"})
        pieces = [payload[at:at + 4096] for at in range(0, len(payload), 4096)]
        for n, piece in enumerate(pieces):
            if n == 1 and self.server.heard is not None and not self.server.heard.wait(10):
                self.server.violations.append("the first piece of sound was never heard")
            if n == 2 and scenario == "cut":
                return self.hang_up()
            if not self.write(record, b"%x\r\n%s\r\n" % (len(piece), piece), piece):
                return None
        self.write(record, b"0\r\n\r\n", b"")
        return self.done(record)

    def stream(self, record, events, scenario):
        # After how many events the common scenarios act there does not fit so short streams.
        if scenario != "cut":
            return super().stream(record, events, scenario)
        self.head(record, 200, "text/event-stream", {"Transfer-Encoding": "chunked"})
        self.write(record, b"%x\r\n%s\r\n" % (len(events[0]), events[0]), events[0])
        return self.hang_up()


class MediaProvider(Provider):
    def __init__(self, **more):
        super().__init__(**more)
        self.RequestHandlerClass = MediaHandler
        self.heard = None  # set to an Event: sound waits there after its first piece


def image_answer(wish, scenario):
    size = 2 << 20 if scenario == "large" else 64
    answer = {"created": 1, "data": [{"b64_json": "iVBO" * (size // 4)} for _ in range(int(wish.get("n", 1)))]}
    return answer if scenario == "untold" else {**answer, "usage": IMAGE_USAGE}


def moderation_answer(wish, _):
    flags = {"flagged": False, "categories": {"violence": False}, "category_scores": {"violence": 0.01},
             "category_applied_input_types": {"violence": ["text"]}}
    return {"id": "modr-1", "model": wish["model"], "results": [flags]}


def rerank_answer(wish, scenario):
    results = [{"index": n, "relevance_score": 0.9 - n / 10} for n in range(len(wish["documents"]))]
    if scenario == "searches":
        return {"id": "r-1", "results": results, "meta": {"billed_units": {"search_units": 3}}}
    return {"model": wish["model"], "results": results, "usage": {"total_tokens": 38}}


JSON_ANSWERS = {"images": image_answer, "image_edits": image_answer, "image_variations": image_answer,
                "moderations": moderation_answer, "rerank": rerank_answer}


def transcript(form, scenario):
    if form == "text":
        return "text/plain; charset=utf-8", SAID.encode() + b"\n"
    if form == "srt":
        return "text/plain; charset=utf-8", f"1\n00:00:00,000 --> 00:00:01,000\n{SAID}\n".encode()
    usage = {"type": "duration", "seconds": 9} if scenario == "seconds" else HEARD_USAGE
    answer = {"text": SAID}
    if form == "verbose_json":
        answer |= {"task": "transcribe", "language": "english", "duration": 9.0, "segments": []}
        usage = {"type": "duration", "seconds": 9}
    return "application/json", answers.dump(answer if scenario == "untold" else {**answer, "usage": usage})


def event(kind, more):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()


def stream_answer(operation, scenario):
    if operation == "speech":
        first, last = event("speech.audio.delta", {"audio": "AAAA"}), event("speech.audio.done", {"usage": SPOKEN_USAGE})
    elif operation == "transcriptions":
        first = event("transcript.text.delta", {"delta": SAID})
        last = event("transcript.text.done", {"text": SAID, "usage": HEARD_USAGE})
    else:
        kind = "image_generation" if operation == "images" else "image_edit"
        about = {"background": "opaque", "created_at": 1, "output_format": "png", "quality": "low", "size": "auto"}
        picture = "iVBO" * (600_000 if scenario == "large" else 100)
        first = event(f"{kind}.partial_image", {"b64_json": "iVBO", "partial_image_index": 0, **about})
        last = event(f"{kind}.completed", {"b64_json": picture, **about, "usage": IMAGE_USAGE})
    if scenario == "late":
        last = event("error", {"error": {"message": "out of paint", "type": "server_error", "code": None}})
    return [first, last]
