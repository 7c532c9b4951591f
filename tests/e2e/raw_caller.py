"""A caller on a bare socket, so that every byte and the connection's fate are seen."""
import json
import socket

PATHS = {"openai-chat": "/v1/chat/completions", "openai-responses": "/v1/responses",
         "anthropic": "/v1/messages"}
DIALECTS = tuple(PATHS)


def request_body(dialect, model, stream):
    body = {"model": model}
    if dialect == "openai-responses":
        body["input"] = "hi"
    else:
        body["messages"] = [{"role": "user", "content": "hi"}]
    if dialect == "anthropic":
        body["max_tokens"] = 16
    if stream:
        body["stream"] = True
    if stream and dialect == "openai-chat":
        body["stream_options"] = {"include_usage": True}
    return json.dumps(body).encode()


class Answer:
    def __init__(self, status, fields, body, whole):
        self.status, self.fields, self.body = status, fields, body
        self.whole = whole  # did the body come to its proper end?

    def json(self):
        return json.loads(self.body)


class Caller:
    """One keep-alive connection to the daemon."""

    def __init__(self, daemon, key, timeout=20.0):
        self.port, self.key = daemon.port, key
        self.sock = socket.create_connection(("127.0.0.1", daemon.port), timeout)
        self.buffer = b""

    def close(self):
        self.sock.close()

    def send(self, dialect, body, path=None):
        head = (f"POST {path or PATHS[dialect]} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                f"Authorization: Bearer {self.key}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n")
        self.sock.sendall(head.encode() + body)

    def _more(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            data = b""
        self.buffer += data
        return data

    def _until(self, mark):
        while mark not in self.buffer:
            if not self._more():
                return None
        found, _, self.buffer = self.buffer.partition(mark)
        return found

    def _take(self, size):
        while len(self.buffer) < size:
            if not self._more():
                return None
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def read_head(self):
        text = self._until(b"\r\n\r\n")
        if text is None:
            return None, {}
        first, *lines = text.decode("latin-1").split("\r\n")
        return int(first.split()[1]), {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def read(self):
        """None: the connection closed before an answer."""
        status, fields = self.read_head()
        if status is None:
            return None
        if fields.get("transfer-encoding") == "chunked":
            body = bytearray()
            while True:
                line = self._until(b"\r\n")
                if line is None:
                    return Answer(status, fields, bytes(body), False)
                size = int(line, 16)
                data = self._take(size + 2)
                if data is None:
                    return Answer(status, fields, bytes(body) + self.buffer, False)
                if size == 0:
                    return Answer(status, fields, bytes(body), True)
                body += data[:-2]
        length = int(fields.get("content-length", 0))
        body = self._take(length)
        return Answer(status, fields, body if body is not None else self.buffer, body is not None)

    def ask(self, dialect, model, stream=False):
        self.send(dialect, request_body(dialect, model, stream))
        return self.read()

    def is_closed(self):
        self.sock.settimeout(3)
        try:
            return self.sock.recv(1) == b""
        except ConnectionError:
            return True
        except socket.timeout:
            return False
