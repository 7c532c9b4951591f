"""A scripted provider: a real HTTP/1.1 server on loopback that checks each request as a provider
would, answers by a scenario named in the model, and remembers all it saw.

Scenario, from the last part of the upstream model's name (anything else answers well):
  ok, tool         answer; call the tool that the request offers
  err-STATUS       that status, with the error body of the API; err-429 says when to come back
  slow             a word every 20 ms, for a minute; not streamed: the answer comes after a minute
  think            the answer comes after half a second
  cut              the connection dies in the middle of the answer
`provider.outage = STATUS` fails every request of a provider whatever its model.

A request no provider would take is answered 400 and kept as a violation: end a test with `check()`."""
import collections
import http.server
import json
import re
import select
import socket
import sys
import threading
import time
import urllib.parse

import provider_answers as answers
import provider_rules as rules
from background_server import BackgroundServer

OPERATIONS = {"/v1/chat/completions": "chat", "/v1/completions": "completions",
              "/v1/responses": "responses", "/v1/embeddings": "embeddings",
              "/v1/messages": "messages", "/v1/messages/count_tokens": "count_tokens"}
SLOW_FOR = 60.0
SLOW_PAUSE = 0.02
RETRY_AFTER = "7"


class Record:
    """One request and what became of it. `label` is its x-client-request-id."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.label = self.header("x-client-request-id")
        self.status, self.answer, self.request_id = None, b"", None
        self.finished = False      # the whole answer was written
        self.disconnected = False  # the caller went away before that

    def header(self, name):
        return next((value for n, value in self.headers if n.lower() == name.lower()), None)

    def json(self):
        return json.loads(self.body)

    def view(self):
        return {"method": self.method, "path": self.path, "headers": self.headers,
                "body": self.body.decode(), "status": self.status, "answer": self.answer.decode(),
                "request_id": self.request_id, "finished": self.finished,
                "disconnected": self.disconnected, "label": self.label}


class Provider(BackgroundServer):
    request_queue_size = 256

    def __init__(self, key="sk-upstream-0123456789abcdef", auth="bearer", name="provider"):
        super().__init__(Handler)
        self.key, self.auth, self.name, self.outage = key, auth, name, None
        self.base = f"http://{self.host}/v1"
        self.records, self.violations, self.connections = [], [], 0
        self.lock = threading.Condition()
        self.closing = threading.Event()

    def __exit__(self, *_):
        self.closing.set()
        super().__exit__()

    def handle_error(self, request, client_address):
        """A connection that dies is the handler's business; anything else is a fault of ours."""
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            self.violations.append(f"the test provider itself failed: {error!r}")

    def note(self, record):
        with self.lock:
            self.records.append(record)
            self.lock.notify_all()
            return len(self.records)

    def changed(self):
        with self.lock:
            self.lock.notify_all()

    def wait_for(self, test, timeout=10.0, what="the provider to see it"):
        """Waits until `test(records)` is true and returns what it returned."""
        deadline = time.monotonic() + timeout
        with self.lock:
            while not (found := test(self.records)):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"waited {timeout} s for {what}")
                self.lock.wait(left)
            return found

    def of(self, label):
        """The requests that carried this x-client-request-id, in order."""
        with self.lock:
            return [record for record in self.records if record.label == label]

    def check(self):
        assert not self.violations, f"{self.name} would have refused:\n  " + "\n  ".join(
            f"{n}x {wrong}" for wrong, n in collections.Counter(self.violations).items())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120

    def setup(self):
        super().setup()
        self.server.connections += 1

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if path == "/_test/records":
            with self.server.lock:
                return self.answer(None, 200, answers.dump(
                    {"records": [one.view() for one in self.server.records],
                     "violations": self.server.violations}))
        record = self.take(b"")
        wrong = list(rules.check_headers(record, self.server)) + list(rules.check_no_caller_key(record))
        if wrong:
            return self.refuse(record, "models", wrong)
        if path == "/v1/models":
            return self.answer(record, 200, answers.models(bool(record.header("anthropic-version"))))
        return self.refuse(record, "models", [f"GET {path} is not a path of this provider"])

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        record = self.take(body)
        path = urllib.parse.urlsplit(self.path).path
        operation = OPERATIONS.get(path)
        if operation is None:
            return self.refuse(record, "chat", [f"POST {path} is not a path of this provider"])
        wrong = [*rules.check_headers(record, self.server), *rules.check_no_caller_key(record),
                 *rules.check_body(record, operation)]
        if wrong:
            return self.refuse(record, operation, wrong)
        return self.play(record, operation, record.json())

    def take(self, body):
        record = Record(self.command, self.path, list(self.headers.items()), body)
        record.request_id = f"req_up_{self.server.note(record)}"
        return record

    def refuse(self, record, operation, wrong):
        self.server.violations += [f"{record.method} {record.path}: {one}" for one in wrong]
        self.answer(record, 400, answers.error(operation, 400, record.request_id, "; ".join(wrong)))

    def play(self, record, operation, body):
        scenario = body["model"].rsplit("/", 1)[-1]
        failure = re.fullmatch(r"err-(\d{3})", scenario)
        status = self.server.outage or (failure and int(failure[1]))
        if status:
            return self.fail(record, operation, status)
        if scenario == "think":
            time.sleep(0.5)
        script = answers.Script(body, repeat=300 if scenario == "slow" else 1)
        if body.get("stream"):
            return self.stream(record, answers.stream(operation, body, script), scenario)
        if scenario == "slow" and self.caller_leaves_within(record, SLOW_FOR):
            return None
        payload = answers.whole(operation, body, script)
        if scenario == "cut":
            return self.cut_whole(record, payload)
        return self.answer(record, 200, payload)

    def fail(self, record, operation, status):
        message = None
        if status == 404:
            message = f"The model `{record.json()['model']}` does not exist"
        more = {"Retry-After": RETRY_AFTER} if status == 429 else {}
        self.answer(record, status, answers.error(operation, status, record.request_id, message), more)

    def head(self, record, status, kind, more):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if record is not None:
            record.status = status
            self.send_header("x-request-id", record.request_id)
            self.send_header("request-id", record.request_id)
            # What a caller wants to see of a provider, and what it must not.
            self.send_header("x-ratelimit-remaining-requests", "99")
            self.send_header("anthropic-ratelimit-requests-remaining", "98")
            self.send_header("openai-processing-ms", "12")
            self.send_header("openai-model", "secret-snapshot")
            self.send_header("Set-Cookie", "__cf_bm=secret; path=/")
            self.send_header("Alt-Svc", 'h3=":443"')
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()

    def answer(self, record, status, payload, more=None):
        self.head(record, status, "application/json",
                  {**(more or {}), "Content-Length": str(len(payload))})
        self.write(record, payload, payload)
        self.done(record)

    def cut_whole(self, record, payload):
        self.head(record, 200, "application/json", {"Content-Length": str(len(payload))})
        half = payload[: len(payload) // 2]
        self.write(record, half, half)
        self.hang_up()

    def stream(self, record, events, scenario):
        self.head(record, 200, "text/event-stream; charset=utf-8",
                  {"Cache-Control": "no-cache", "Transfer-Encoding": "chunked"})
        for n, one in enumerate(events):
            if scenario == "cut" and n == 5:
                return self.hang_up()
            if scenario == "slow" and n and self.caller_leaves_within(record, SLOW_PAUSE):
                return None
            if not self.write(record, b"%x\r\n%s\r\n" % (len(one), one), one):
                return None
        self.write(record, b"0\r\n\r\n", b"")
        return self.done(record)

    def write(self, record, wire, payload):
        try:
            self.wfile.write(wire)
        except OSError:
            self.left(record)
            return False
        if record is not None:
            record.answer += payload
        return True

    def done(self, record):
        if record is not None and not record.disconnected:
            record.finished = True
            self.server.changed()

    def left(self, record):
        self.close_connection = True
        if record is not None:
            record.disconnected = True
            self.server.changed()

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def caller_leaves_within(self, record, seconds):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self.server.closing.is_set():
            readable, _, _ = select.select([self.connection], [], [], min(left, 0.1))
            if not readable:
                continue
            try:
                gone = self.connection.recv(1, socket.MSG_PEEK) == b""
            except OSError:
                gone = True
            if gone:
                self.left(record)
                return True
            time.sleep(min(left, 0.01))
        return False
