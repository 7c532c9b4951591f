"""A provider of one dialect that plays a part against an agent: what it answers follows from what
arrives. `part(arrived, n)` makes the answer to the n-th request of the agent's own conversation; what an
agent asks beside it (a title, a choice of model) gets a few words."""
import dataclasses
import json
import random
import re
import select
import sys
import threading
import time

import provider_rules as rules
from arrived import Arrived, FREEFORM
from background_server import BackgroundServer
from dialect_providers import AUTH, Handler, KEY, Record, SPEAKS
from scenario import BUCKETS, CHAT, GEMINI, MESSAGES, RESPONSES

SHELLS = ("exec_command", "Bash", "bash", "run_shell_command", "run_commands", "execute_command", "shell", "functions__exec", "exec")
PAUSE = 0.05  # between the words of a slow answer, which lasts a minute
SLOW_WORDS = 1200


@dataclasses.dataclass
class Answer:
    """As the writers of tests/e2e/speaks_*.py take it. `slow`: a word now and then, until the caller
    leaves. `cut`: the connection dies in the middle."""
    answer: list
    counts: dict = dataclasses.field(default_factory=lambda: {"input": 900, "cache_read": 100, "output": 20})
    cut: bool = False
    slow: bool = False
    status: int | None = None  # of a failure, instead of an answer
    fails_after = None
    unsaid_usage = False

    def __post_init__(self):
        self.facts = {"usage": self.counts}
        calls = any("call" in part for part in self.answer)
        self.stop = {CHAT: "tool_calls" if calls else "stop", RESPONSES: "completed",
                     MESSAGES: "tool_use" if calls else "end_turn", GEMINI: "STOP"}

    def usage(self):
        return {bucket: self.counts.get(bucket, 0) for bucket in BUCKETS}


def says(*pieces, **more):
    return Answer([{"text": list(pieces)}], **more)


def calls(arrived, *commands, thinking=None, **more):
    """One call of the agent's shell a command."""
    name = next((name for name in SHELLS if name in arrived.offered), None)
    if name is None:
        return says(f"no shell among {sorted(arrived.offered)}")
    before = [thinking] if thinking else []
    made = [{"call": f"call_{len(arrived.results) + n}_x", "name": name, **told(arrived.offered[name], command)}
            for n, command in enumerate(commands)]
    return Answer([*before, *made], **more)


def told(schema, command):
    """What a call of such a tool says."""
    arguments = filled(schema, command)
    if schema is FREEFORM:
        return {"freeform": True, "arguments": in_pieces(arguments["input"])}
    return {"arguments": in_pieces(json.dumps(arguments))}


def filled(schema, command):
    """Arguments that the tool takes: its command, and whatever else it insists on."""
    known = schema.get("properties", {})
    own = next(name for name in ("command", "cmd", "commands", "input") if name in known)
    if own == "input":  # a program that calls the shell
        return {own: f"const r = await tools.exec_command({{cmd: {json.dumps(command)}}}); text(r.output)"}
    wanted = dict.fromkeys([own, *schema.get("required", [])])
    return {name: value_of(known[name], command if name == own else "run it") for name in wanted}


def value_of(schema, text):
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if "anyOf" in schema:
        return value_of(schema["anyOf"][0], text)
    if kind == "array":
        return [value_of(schema.get("items", {}), text)]
    if kind == "object":
        return filled(schema, text)
    return {"boolean": False, "integer": 1, "number": 1}.get(kind, text)


def in_pieces(text):
    return [text[:7], text[7:20], text[20:]]


class Player(BackgroundServer):
    """`problems`: what the real API would have refused, and faults of the test's own."""

    def __init__(self, dialect, part, own_dialect):
        super().__init__(PlayerHandler)
        self.dialect, self.part, self.translated = dialect, part, dialect != own_dialect
        self.speaks, self.auth, self.key = SPEAKS[dialect], AUTH[dialect], KEY
        self.base = f"http://{self.host}/v1" + ("beta" if dialect == GEMINI else "")
        self.lock, self.random = threading.Condition(), random.Random(5)
        self.problems, self.requests, self.side_requests = [], [], []
        self.known_states, self.answers = set(), 0
        self.words, self.left_early = 0, 0  # of slow answers: words sent, callers that left

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            self.problems.append(f"the test provider itself failed: {error!r}")

    def wait(self, test, seconds):
        """Whether `test()` came true within that time."""
        with self.lock:
            return self.lock.wait_for(test, seconds)

    def note(self, **counts):
        with self.lock:
            for name, number in counts.items():
                setattr(self, name, getattr(self, name) + number)
            self.lock.notify_all()

    def answer_to(self, record):
        arrived = Arrived(self.dialect, record.path, record.json())
        arrived.record = record
        with self.lock:
            side = is_side_request(arrived)
            (self.side_requests if side else self.requests).append(arrived)
            number = len(self.requests)
            self.lock.notify_all()
        answer = side_answer(arrived) if side else self.part(arrived, number)
        self.known_states |= {part["state"] for part in answer.answer if "state" in part}
        return answer, arrived.streams

    def problems_of(self, record):
        yield from rules.check_headers(record, self)
        yield from rules.check_no_caller_key(record)
        if self.translated:
            body = record.json()
            spelled = self.speaks.spelled(body) if self.dialect == GEMINI else body
            yield from self.speaks.refuses(spelled, again=self.known_states, translated=True)


def is_side_request(arrived):
    return not any(name in arrived.offered for name in SHELLS)


def side_answer(arrived):
    if arrived.schema_of_answer:
        return says(json.dumps({"complexity_reasoning": "small", "complexity_score": 1, "title": "a word"}))
    return says("a word")


class PlayerHandler(Handler):
    def do_GET(self):
        self.refuse(404, f"GET {self.path} is not a path of this provider")

    def do_POST(self):
        server = self.server
        record = Record(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))
        try:
            wrong = list(server.problems_of(record))
            answer, streams = server.answer_to(record)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration) as error:
            wrong, answer, streams = [f"cannot be read: {error!r}"], None, False
        if wrong:
            server.problems += [f"{one}\n  in {record.path} {record.body.decode()[:1500]}" for one in wrong]
            return self.refuse(400, "; ".join(wrong))
        if answer.status:
            return self.refuse(answer.status, "the engine is down")
        with server.lock:
            server.answers += 1
            speaks = Named(server.speaks, server.answers, record.json().get("model"))
        if answer.slow:
            return self.slowly(speaks, answer)
        return self.send(speaks, answer, streams)

    def send(self, speaks, answer, streams):
        if not streams:
            payload = speaks.whole(answer).encode()
            return self.answer(200, payload, cut=len(payload) // 2 if answer.cut else None)
        self.head(200, "text/event-stream", {"Transfer-Encoding": "chunked"})
        events = [event.encode() for event in speaks.events(answer)]
        for event in events[:len(events) * 6 // 10] if answer.cut else events:
            self.chunk(event)
        if answer.cut:
            return self.hang_up()
        return self.chunk(b"")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def slowly(self, speaks, answer):
        self.head(200, "text/event-stream", {"Transfer-Encoding": "chunked"})
        try:
            for event in speaks.events(answer):
                if self.caller_left():
                    return
                self.chunk(event.encode())
                self.server.note(words=1)
            self.chunk(b"")
        except OSError:
            self.server.note(left_early=1)

    def caller_left(self):
        if not select.select([self.connection], [], [], PAUSE)[0]:
            return False
        self.close_connection = True
        self.server.note(left_early=1)
        return True


class Named:
    """The writers of a dialect, with the model that was asked for, and ids that no other answer has:
    agents go on by both."""

    def __init__(self, module, number, model):
        self.module, self.number, self.model = module, number, model or module.MODEL

    def own(self, text):
        text = re.sub(r'"((?:resp|msg|chatcmpl)[_-])up1"', rf'"\g<1>up{self.number}"', text)
        text = re.sub(r'"(rs|fc|ctc|msg)_(\d+)"', rf'"\1_{self.number}_\2"', text)
        text = text.replace(f'"{self.module.MODEL}"', json.dumps(self.model))
        return text.replace('"up1AbC"', f'"up{self.number}AbC"')

    def whole(self, answer):
        return self.own(self.module.whole(answer))

    def events(self, answer):
        return map(self.own, self.module.events(answer))
