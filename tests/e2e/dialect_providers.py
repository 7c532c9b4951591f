"""Scripted providers, one a dialect: each plays a scenario of translation_facts, whole or streamed, and
refuses what the real API would refuse."""
import http.server
import json
import random
import socket
import sys
import threading

from background_server import BackgroundServer
import provider_rules as rules
import speaks_chat
import speaks_gemini
import speaks_messages
import speaks_responses
from scenario import CHAT, GEMINI, MESSAGES, RESPONSES, canonical, contains

SPEAKS = {CHAT: speaks_chat, RESPONSES: speaks_responses, MESSAGES: speaks_messages, GEMINI: speaks_gemini}
AUTH = {CHAT: "bearer", RESPONSES: "bearer", MESSAGES: "x-api-key", GEMINI: "x-goog-api-key"}
FREEFORM = {"properties": {"input": {"type": "string"}}}
KEY = "sk-upstream-0123456789abcdef"


class DialectProvider(BackgroundServer):
    """`play(scenario, caller, seed)` before each request; `problems` says what was wrong with it.
    `kept`: the caller sends back what was thought. `then`: the scenario of the second answer."""

    def __init__(self, dialect):
        super().__init__(Handler)
        self.dialect, self.speaks, self.auth, self.key = dialect, SPEAKS[dialect], AUTH[dialect], KEY
        self.base = f"http://{self.host}/v1" + ("beta" if dialect == GEMINI else "")
        self.lock = threading.Lock()
        self.known_states = set()
        self.play(None, None, 0)

    def play(self, scenario, caller, seed, kept=True, then=None):
        with self.lock:
            self.scenario, self.caller, self.failure = scenario, caller, None
            self.kept, self.then = kept, then
            self.random, self.problems, self.bodies = random.Random(seed), [], []
        for part in scenario.answer if scenario else []:
            self.known_states.add(part.get("state"))

    def fail(self, status, message, retry_after=None, code=None):
        self.play(None, None, 0)
        self.failure = (status, message, retry_after, code)

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            self.problems.append(f"the test provider itself failed: {error!r}")

    def problems_of(self, record):
        """All that is wrong with a request of the scenario."""
        body = self.speaks.spelled(record.json()) if self.dialect == GEMINI else record.json()
        strict = {"again": self.known_states, "translated": self.caller != self.dialect}
        yield from self.speaks.refuses(body, **strict)
        streams = bool(body.get("stream")) or "stream" in record.path
        scenario = self.scenario
        model = scenario.model(self.dialect, self.speaks.MODEL)
        if record.path.removesuffix("?beta=true") != self.speaks.path(model, streams):
            yield f"the path is {record.path}"
        turns = scenario.turns()
        asked = canonical(self.speaks.read(body))
        if asked[:len(turns)] != turns:
            yield f"the conversation is\n  {asked}\n  instead of\n  {turns}"
        if self.bodies:  # what was answered before came back
            if self.kept:
                thinking = next(part for part in scenario.answer if "thinking" in part)
                yield from self.speaks.kept_state(body, thinking)
            yield from self.problems_of_return(asked[len(turns):])
        yield from self.problems_of_tools(body)
        if self.caller != self.dialect:
            yield from contains(body, scenario.sent(self.caller, self.dialect))

    def problems_of_return(self, turns):
        said = [("text", "".join(part["text"])) for part in self.scenario.answer if "text" in part]
        calls = [part for turn in turns for part in turn[1] if part[0] == "call"]
        results = [(part[1], part[2]) for turn in turns for part in turn[1] if part[0] == "result"]
        texts = [part for turn in turns if turn[0] == "assistant" for part in turn[1] if part[0] == "text"]
        due = [(n, [("text", text) for text in result["content"]])
               for n, result in enumerate(self.scenario.facts["result"])]
        if texts != said or len(calls) != len(due) or results != due:
            yield f"what was answered came back as {turns}"

    def problems_of_tools(self, body):
        asked = [wrapped(tool) for tool in self.scenario.ask.get("tools", [])]
        for got, due in zip(self.speaks.read_tools(body), asked, strict=True):
            nothing = not due[2].get("properties")
            schema = {name: value for name, value in (got[2] or {}).items() if (name, value) != ("required", [])}
            same = schema in (due[2], {}, {"type": "object"}) if nothing else schema == due[2]
            same = same or due[2] is FREEFORM and got[2].get("required") == ["input"]
            words = got[0] == due[0] and (got[1] or None) == due[1]
            if not words and due[2] is not FREEFORM or not same:
                yield f"a tool is {got} instead of {due}"


def wrapped(tool):
    """A tool as dialects have it that know neither bare text nor namespaces."""
    name = f"{tool['namespace']}__{tool['name']}" if "namespace" in tool else tool["name"]
    return name, tool.get("description"), FREEFORM if tool.get("freeform") else tool["schema"]


class Record:
    def __init__(self, handler, body):
        self.path, self.headers, self.body = handler.path, list(handler.headers.items()), body

    def header(self, name):
        return next((value for n, value in self.headers if n.lower() == name.lower()), None)

    def json(self):
        return json.loads(self.body)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120

    def log_message(self, *_):
        pass

    def do_POST(self):
        server = self.server
        record = Record(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if server.failure:
            return self.refuse(*server.failure)
        wrong = [*rules.check_headers(record, server), *rules.check_no_caller_key(record)]
        try:
            wrong += server.problems_of(record)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration) as error:
            wrong.append(f"cannot be read: {error!r}")
        server.bodies.append(record.body)
        if wrong:
            server.problems += [f"{one}\n  in {record.body.decode()[:3000]}" for one in wrong]
            return self.refuse(400, "; ".join(wrong))
        stream = bool(record.json().get("stream")) or "streamGenerateContent" in record.path
        scenario = server.then if server.then and len(server.bodies) > 1 else server.scenario
        return (self.stream if stream else self.whole)(scenario)

    def refuse(self, status, message, retry_after=None, code=None):
        fields = {"Retry-After": str(retry_after)} if retry_after else {}
        self.answer(status, self.server.speaks.error(status, message, code).encode(), fields)

    def answer(self, status, payload, fields=(), cut=None):
        self.head(status, "application/json", {**dict(fields), "Content-Length": str(len(payload))})
        self.wfile.write(payload[:cut])
        if cut:
            self.hang_up()

    def head(self, status, kind, fields):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in {"x-request-id": "req_up1", "openai-model": "secret-snapshot", **fields}.items():
            self.send_header(name, value)
        self.end_headers()

    def whole(self, scenario):
        payload = self.server.speaks.whole(scenario).encode()
        self.answer(200, payload, cut=len(payload) // 2 if scenario.cut else None)

    def stream(self, scenario):
        self.head(200, "text/event-stream", {"Transfer-Encoding": "chunked"})
        events = [event.encode() for event in self.server.speaks.events(scenario)]
        if scenario.cut:
            events = events[:len(events) * 6 // 10]
        if scenario.fails_after is not None:
            failure = self.server.speaks.stream_error("the engine broke").encode()
            events = [*events[:scenario.fails_after], failure]
        for piece in self.chopped(b"".join(events), events):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if scenario.cut:
            return self.hang_up()
        self.wfile.write(b"0\r\n\r\n")

    def chopped(self, data, events):
        """At once, by the event, or cut anywhere: even within a character."""
        dice = self.server.random
        how = dice.randrange(3)
        if how < 2:
            return [data] if how == 0 else events
        cuts = sorted({0, len(data), *(dice.randrange(1, len(data)) for _ in range(40))})
        return [data[a:b] for a, b in zip(cuts, cuts[1:])]

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
