"""A provider that is nothing but a script for each connection: what it reads, sends, and how it ends."""
import json
import random
import socket
import ssl
import struct
import subprocess
import threading
import time


class Connection:
    """One accepted connection, as a script sees it."""

    def __init__(self, sock, provider):
        self.sock, self.provider = sock, provider
        self.buffer = b""

    def read_request(self):
        """The next request, whole; b"" if the other side has left."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                return b""
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(rest) < length:
            if not self._more():
                return b""
            rest = self.buffer.partition(b"\r\n\r\n")[2]
        self.buffer = rest[length:]
        request = head + b"\r\n\r\n" + rest[:length]
        with self.provider.lock:
            self.provider.requests.append(request)
        return request

    def _more(self):
        try:
            data = self.sock.recv(65536)
        except OSError:
            data = b""
        self.buffer += data
        return data

    def send(self, data):
        self.sock.sendall(data)

    def send_pieces(self, data, cuts, pause=0.0):
        """In pieces that end at `cuts`, each in a packet of its own as far as the kernel lets us."""
        begin = 0
        for end in [*sorted(cuts), len(data)]:
            if end > begin:
                self.sock.sendall(data[begin:end])
                begin = end
                if pause:
                    time.sleep(pause)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def wait_closed(self, limit=5.0):
        """True once the other side has closed."""
        self.sock.settimeout(limit)
        try:
            return self.sock.recv(1) == b""
        except socket.timeout:
            return False
        except OSError:
            return True


class TcpProvider:
    """`script(connection)` is run for each accepted connection; it may be changed at any time."""

    def __init__(self, script=None, tls=None):
        self.script, self.tls = script, tls
        self.requests, self.accepts, self.lock = [], 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.closing = False
        self.thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.closing = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    @property
    def base(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    def reset(self, script):
        with self.lock:
            self.script, self.requests, self.accepts = script, [], 0

    def _accept(self):
        while not self.closing:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.accepts += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            self.script(Connection(sock, self))
        except OSError:
            pass
        finally:
            try:
                sock.close()
            except OSError:
                pass


# -- answers of the three dialects

def whole_body(dialect, text="hello"):
    if dialect == "anthropic":
        return json.dumps({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                           "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                           "stop_sequence": None,
                           "usage": {"input_tokens": 3, "output_tokens": 2}}).encode()
    if dialect == "openai-responses":
        return json.dumps({"id": "resp_1", "object": "response", "status": "completed", "model": "m",
                           "error": None, "output": [{"type": "message", "content": [
                               {"type": "output_text", "text": text}]}],
                           "usage": {"input_tokens": 3, "output_tokens": 2}}).encode()
    return json.dumps({"id": "c1", "object": "chat.completion", "model": "m", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2}}).encode()


def _data(document):
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def _named(document):
    return b"event: " + document["type"].encode() + b"\n" + _data(document)


def stream_events(dialect, words=("hel", "lo")):
    """The events of a whole stream: handshake first, then a content event a word, the end last."""
    if dialect == "anthropic":
        return [_named({"type": "message_start", "message": {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
            "usage": {"input_tokens": 3, "output_tokens": 1}}}),
            _named({"type": "content_block_start", "index": 0,
                    "content_block": {"type": "text", "text": ""}}),
            *[_named({"type": "content_block_delta", "index": 0,
                      "delta": {"type": "text_delta", "text": word}}) for word in words],
            _named({"type": "content_block_stop", "index": 0}),
            _named({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                    "usage": {"output_tokens": 2}}),
            _named({"type": "message_stop"})]
    if dialect == "openai-responses":
        usage = {"input_tokens": 3, "output_tokens": 2}
        response = {"id": "resp_1", "object": "response", "status": "in_progress", "output": []}
        events = [{"type": "response.created", "response": response},
                  {"type": "response.in_progress", "response": response},
                  *[{"type": "response.output_text.delta", "item_id": "i", "output_index": 0,
                     "content_index": 0, "delta": word} for word in words],
                  {"type": "response.completed",
                   "response": {**response, "status": "completed", "usage": usage}}]
        return [_named({**event, "sequence_number": n}) for n, event in enumerate(events)]

    def chunk(delta, reason=None):
        return _data({"id": "c1", "object": "chat.completion.chunk", "model": "m",
                      "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
    return [chunk({"role": "assistant", "content": ""}), *[chunk({"content": w}) for w in words],
            chunk({}, "stop"),
            _data({"id": "c1", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}),
            b"data: [DONE]\n\n"]


def head(status=200, *fields):
    return f"HTTP/1.1 {status} X\r\n".encode() + b"".join(f.encode() + b"\r\n" for f in fields) + b"\r\n"


def json_answer(body, status=200, *fields):
    return head(status, "Content-Type: application/json", f"Content-Length: {len(body)}",
                *fields) + body


def stream_head(*fields):
    return head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked", *fields)


def chunked(data):
    return f"{len(data):x}\r\n".encode() + data + b"\r\n" if data else b""


END = b"0\r\n\r\n"


def good_answer(dialect, stream):
    if not stream:
        return json_answer(whole_body(dialect))
    return stream_head() + b"".join(chunked(e) for e in stream_events(dialect)) + END


def serve_good(dialect, stream):
    """A script: answers every request of the connection well."""
    def script(connection):
        while connection.read_request():
            connection.send(good_answer(dialect, stream))
    return script


def random_cuts(size, seed, most=40):
    dice = random.Random(seed)
    return sorted({dice.randrange(1, size) for _ in range(dice.randrange(1, most))}) if size > 1 else []


# -- certificates, made as the test needs them

class Certificates:
    """A small authority in `folder`, and contexts of servers: good, expired, of another host, .."""

    def __init__(self, folder):
        self.folder = folder
        self._run("req", "-x509", *self._key("ca.key"), "-out", "ca.pem", "-days", "2", "-subj",
                  "/CN=test authority")

    @property
    def authority(self):
        return str(self.folder / "ca.pem")

    def _run(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    @staticmethod
    def _key(name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name)

    def context(self, name, names="IP:127.0.0.1", days="2", signed=True, newest=None):
        if signed:
            self._run("req", *self._key(f"{name}.key"), "-out", f"{name}.csr", "-subj", "/CN=server")
            (self.folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
            self._run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                      "-out", f"{name}.pem", "-days", days, "-extfile", f"{name}.ext")
        else:
            self._run("req", "-x509", *self._key(f"{name}.key"), "-out", f"{name}.pem", "-days", "2",
                      "-subj", "/CN=server", "-addext", f"subjectAltName={names}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        if newest:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
        return context
