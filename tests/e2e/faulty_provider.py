"""Scripted providers on one event loop, fast enough for a hundred thousand requests: each answers in the
Chat dialect with the number it was sent, and fails in one named way where it is told to."""
import asyncio
import json
import re
import socket
import struct

NUMBER = re.compile(rb'"user":"n(\d+)"')
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STREAM = b'"stream":true'
END = b"0\r\n\r\n"
DONE = b"data: [DONE]\n\n"


def chunked(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(body):
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"


def head(status, *fields, length=None, kind="application/json"):
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", *fields]
    lines.append("transfer-encoding: chunked" if length is None else f"content-length: {length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def whole(status, body, *fields, kind="application/json"):
    return head(status, *fields, length=len(body), kind=kind) + body


def error_body(code, message="not now"):
    return json.dumps({"error": {"message": message, "type": "server_error", "code": code}}).encode()


def whole_body(number):
    return json.dumps({"id": f"c{number}", "object": "chat.completion", "model": "m", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": f"number {number}"},
         "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}).encode()


def events(number):
    def part(delta, reason=None):
        return event({"id": f"c{number}", "object": "chat.completion.chunk", "model": "m", "choices": [
            {"index": 0, "delta": delta, "finish_reason": reason}]})
    return [part({"role": "assistant", "content": ""}), part({"content": "number "}),
            part({"content": f"{number}"}), part({}, "stop"),
            event({"id": f"c{number}", "object": "chat.completion.chunk", "model": "m", "choices": [],
                   "usage": {"prompt_tokens": 3, "completion_tokens": 2}}), DONE]


STREAM_HEAD = head(200, kind="text/event-stream")


def good_answer(number, stream):
    if not stream:
        return whole(200, whole_body(number))
    return STREAM_HEAD + b"".join(chunked(e) for e in events(number)) + END


def answers(status, code, *fields):
    return lambda c, n, stream: c.send(whole(status, error_body(code), *fields))


def says(data, ending):
    """Sends what `data(number)` is, then ends the connection: `fin`, `rst`, or `keep` leaves it."""
    def fault(c, number, stream):
        c.send(data(number, stream))
        if ending != "keep":
            getattr(c, ending)()
    return fault


def handshake(number, stream):
    """As much as comes before content: of a stream the role, of a whole answer its head."""
    return (STREAM_HEAD + chunked(events(number)[0])) if stream else head(200, length=500)


def error_event(number, stream):
    body = error_body("server_error")
    return STREAM_HEAD + chunked(b"data: " + body + b"\n\n") + END if stream else whole(500, body)


def html(number, stream):
    return whole(200, b"<html><body>Sign in to this network</body></html>", kind="text/html")


# Every way to fail before content.
BEFORE_CONTENT = {
    "refused": lambda c, n, stream: c.refuse(),
    "fin": lambda c, n, stream: c.fin(),
    "rst": lambda c, n, stream: c.rst(),
    "rst in the head": says(lambda n, stream: b"HTTP/1.1 200 OK\r\nconte", "rst"),
    "not HTTP": says(lambda n, stream: b"SSH-2.0-OpenSSH_9.2\r\n", "fin"),
    "500": answers(500, "server_error"), "502": answers(502, "bad_gateway"),
    "503": answers(503, "unavailable"), "529": answers(529, "overloaded_error"),
    "408": answers(408, "timeout"), "302": answers(302, "moved", "location: http://127.0.0.1:9/"),
    "429": answers(429, "rate_limit_exceeded"),
    "429, come back in 1 s": answers(429, "rate_limit_exceeded", "retry-after: 1"),
    "401": answers(401, "invalid_api_key"), "402": answers(402, "insufficient_quota"),
    "403": answers(403, "forbidden"),
    "404, no such model": answers(404, "model_not_found"),
    "empty 200": says(lambda n, stream: whole(200, b""), "keep"),
    "HTML 200": says(html, "keep"),
    "gzip 200": says(lambda n, stream: whole(200, b"\x1f\x8b\x08", "content-encoding: gzip"), "fin"),
    "error event first": says(error_event, "keep"),
    "cut after the handshake": says(handshake, "fin"),
    "rst after the handshake": says(handshake, "rst"),
    "bad chunk after the handshake": says(lambda n, s: handshake(n, s) + b"zz\r\n", "fin"),
    "no first byte": lambda c, n, stream: None,
    "a head that drips": lambda c, n, stream: c.drip(),
}
AFTER_CONTENT = ("fin", "rst")


class Provider:
    """`how(number, body)` names the way to fail; None: answers well; `after rst`: dies after content."""

    def __init__(self, name, how=lambda number, body: None):
        self.name, self.how = name, how
        self.server, self.port, self.asked, self.refusing = None, 0, 0, 0

    async def start(self):
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(
            lambda: Connection(self), "127.0.0.1", self.port, backlog=512, reuse_address=True)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def refuse_for_a_moment(self):
        """Nobody listens for 10 ms."""
        if self.server:
            self.server.close()
            self.server = None
            asyncio.get_running_loop().call_later(0.01, lambda: asyncio.ensure_future(self.start()))


class Connection(asyncio.Protocol):
    def __init__(self, provider):
        self.provider, self.transport, self.held = provider, None, b""

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self.held[:end + 2])
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self.held) < size:
                return
            request, self.held = self.held[end + 4:size], self.held[size:]
            self.serve(request)

    def serve(self, body):
        self.provider.asked += 1
        number, stream = int(NUMBER.search(body)[1]), STREAM in body
        how = self.provider.how(number, body)
        if how is None:
            self.send(good_answer(number, stream))
        elif how.startswith("after "):
            self.send(STREAM_HEAD + b"".join(chunked(e) for e in events(number)[:3]))
            # What an RST overtakes is lost to who has not read it yet.
            asyncio.get_running_loop().call_later(0.02, getattr(self, how.removeprefix("after ")))
        else:
            BEFORE_CONTENT[how](self, number, stream)

    # -- what a fault is made of

    def send(self, data):
        self.transport.write(data)

    def fin(self):
        self.transport.close()

    def rst(self):
        sock = self.transport.get_extra_info("socket")
        if not self.transport.is_closing():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def refuse(self):
        self.provider.refuse_for_a_moment()
        self.rst()

    def drip(self, data=b"HTTP/1.1 200 OK\r\nx-slow: " + b"y" * 1000):
        if self.transport.is_closing() or not data:
            return
        self.send(data[:1])
        asyncio.get_running_loop().call_later(0.1, self.drip, data[1:])
