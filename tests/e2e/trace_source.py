"""A control socket that answers as a daemon would which relays so many requests a second: for a tail at
a rate that is given, whatever the machine. It keeps what it was asked."""
import http.server
import json
import pathlib
import shutil
import socketserver
import tempfile
import threading
import time

from daemon import CONTRACT

ROWS_A_CALL = 500
EPOCH_ID = "0193fa00-0000-7000-8000-"


def trace(number):
    status = (200, 200, 429, 503)[number % 4]
    return {"schema": 1, "id": f"{EPOCH_ID}{number:012x}", "time": "2026-11-20T12:00:00.123456Z", "key": "ci",
            "project": "default", "client": "codex_cli/0.1", "session": None, "dialect": "openai-chat",
            "operation": "chat", "stream": False, "requested_model": "gpt-5", "model": "openai/gpt-5",
            "provider": "openai", "upstream_model": "gpt-5", "input_tokens": 512, "cache_read_tokens": 0,
            "cache_write_tokens": 0, "output_tokens": 200, "reasoning_tokens": 0, "usage_source": "upstream",
            "cost_usd": "0.004200", "cost_picousd": 4200000000, "price_source": "catalog", "latency_ms": 1180.4,
            "ttft_ms": 310.2, "overhead_us": 84, "status": status, "finish_reason": "stop", "error": None,
            "state": "completed", "dropped": [], "clamped": None, "route": "primary", "fallback": None,
            "attempts": [], "routing": None, "upstream_request_id": None, "bytes_in": 2048, "bytes_out": 9120}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        status, answer = self.server.source.answer(self.path, body)
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Routerone-Contract", CONTRACT)
        self.end_headers()
        self.wfile.write(text)


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        """Who asked has been killed meanwhile, as some tests do."""


class TraceSource:
    """`rate` requests a second from `begin()` on, `most` in all; `give(n)` adds some at once."""

    def __init__(self, rate=1000, most=6_000):
        self.rate, self.most = rate, most
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="r1-src-"))
        self.lock = threading.Condition()
        self.given, self.began = 0, None
        self.handed_out, self.asked = 0, []

    def __enter__(self):
        socket = self.home / "run" / "control.sock"
        socket.parent.mkdir(mode=0o700)
        self.server = UnixServer(str(socket), Handler)
        self.server.source = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.home, ignore_errors=True)

    def begin(self):
        with self.lock:
            self.began = time.monotonic()

    def end(self):
        with self.lock:
            self.given, self.began = self.newest(), None

    def give(self, count):
        with self.lock:
            self.given += count
            self.lock.notify_all()

    def newest(self):
        since = int((time.monotonic() - self.began) * self.rate) if self.began else 0
        return self.given + min(since, self.most)

    def bodies(self, path):
        with self.lock:
            return [body for asked, body in self.asked if asked == path]

    def answer(self, path, body):
        with self.lock:
            self.asked.append((path, body))
        if path == "/traces/tail":
            return 200, self.tail(body)
        if path == "/traces/show":
            return 200, trace(int(body["name"][len(EPOCH_ID):], 16))
        if path == "/daemon/status":
            return 200, {"schema": 1, "running": True}
        if path == "/names/list":
            names = ("ci", "citadel", "laptop") if body.get("kind") == "key" else ()
            return 200, {"schema": 1, "names": [{"name": name, "about": "a key"} for name in names
                                                if name.startswith(body.get("prefix", ""))]}
        return 404, {"error": {"kind": "not_found", "message": f"nothing is at {path}", "hint": ""}}

    def tail(self, body):
        after = body.get("after")
        deadline = time.monotonic() + min(body.get("wait_ms", 1000), 1000) / 1000
        with self.lock:
            if after is None:
                return {"schema": 1, "sequence": self.newest(), "waited": True, "traces": []}
            while self.newest() <= after and time.monotonic() < deadline:
                self.lock.wait(0.02 if self.began else deadline - time.monotonic())
            last = min(self.newest(), after + ROWS_A_CALL)
            bound = [int(term[len("status>="):]) for term in body.get("terms", []) if term.startswith("status>=")]
            rows = [trace(number) for number in range(after + 1, last + 1)]
            rows = [row for row in rows if row["status"] >= max(bound, default=0)]
            self.handed_out += len(rows)
            return {"schema": 1, "sequence": last, "waited": True, "traces": rows}
