#!/usr/bin/env python3
"""A provider behind a proxy, set up as a user does: by CONNECT and by SOCKS5, with a failure in words."""
import base64
import contextlib
import http.client
import json
import os
import select
import socket
import socketserver
import subprocess
import sys

import cases
from background_server import Background
from daemon import Daemon, binary_dir
from provider import Provider

KEY = "sk-behind-3333333333333"
LOGIN = "me:pw canary:44444"


class Proxy(Background, socketserver.ThreadingTCPServer):
    """Knows one name, `far.example`, and where it is. `asked`: what it was to connect to."""

    def __init__(self, handler, provider):
        super().__init__(handler)
        self.provider, self.asked, self.refused = provider, [], 0
        self.login = LOGIN

    def handle_error(self, *_):
        """Who is not let in is counted, and hung up on."""


class Tunnel(socketserver.BaseRequestHandler):
    def handle(self):
        target = self.read_target()
        self.server.asked.append(target)
        known = target == "far.example:8080"
        self.answer(known)
        if not known:
            return
        with socket.create_connection(("127.0.0.1", self.server.provider.port)) as far:
            while True:
                for one in select.select([self.request, far], [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    (far if one is self.request else self.request).sendall(data)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            data += self.request.recv(count - len(data))
        return data


class Connect(Tunnel):
    def read_target(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.request.recv(1)
        self.head = head
        method, target, _ = head.split(b"\r\n")[0].decode().split()
        assert method == "CONNECT", head
        return target

    def answer(self, known):
        self.request.sendall(b"HTTP/1.1 200 ok\r\n\r\n" if known else b"HTTP/1.1 502 no such place\r\n\r\n")


class GuardedConnect(Connect):
    """Lets in who says the server's `login`."""

    def answer(self, known):
        wanted = b"proxy-authorization: Basic " + base64.b64encode(self.server.login.encode())
        good = wanted in self.head.split(b"\r\n")
        self.server.refused += not good
        self.request.sendall(b"HTTP/1.1 200 ok\r\n\r\n" if good else
                             b"HTTP/1.1 407 who are you\r\nProxy-Authenticate: Basic\r\n\r\n")
        assert good, "not let in"


class Socks5(Tunnel):
    def read_target(self):
        _, methods = self.exactly(2)
        self.exactly(methods)
        self.request.sendall(b"\x05\x00")
        kind = self.exactly(4)[3]
        assert kind == 3, "a name was expected"
        name = self.exactly(self.exactly(1)[0]).decode()
        return f"{name}:{int.from_bytes(self.exactly(2), 'big')}"

    def answer(self, known):
        self.request.sendall(b"\x05" + (b"\x00" if known else b"\x04") + b"\x00\x01" + bytes(6))


class GuardedSocks5(Socks5):
    def read_target(self):
        _, methods = self.exactly(2)
        good = 2 in self.exactly(methods)
        self.request.sendall(b"\x05" + (b"\x02" if good else b"\xff"))
        if good:
            self.exactly(1)
            said = b":".join(self.exactly(self.exactly(1)[0]) for _ in range(2))
            good = said == self.server.login.encode()
            self.request.sendall(b"\x01" + (b"\x00" if good else b"\x01"))
        self.server.refused += not good
        assert good, "not let in"
        self.exactly(3)
        name = self.exactly(self.exactly(2)[1]).decode()
        return f"{name}:{int.from_bytes(self.exactly(2), 'big')}"


def cli(daemon, *words):
    env = {**os.environ, "ROUTERONE_HOME": str(daemon.home), "BEHIND_KEY": KEY, "PROXY_LOGIN": LOGIN}
    return subprocess.run([binary_dir() / "routerone", *words], env=env, capture_output=True, text=True, timeout=30)


def ask(daemon, key, model):
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("POST", "/v1/chat/completions",
                           json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}]}),
                           {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@contextlib.contextmanager
def stage(handler, scheme, host="far.example"):
    with Provider(key=KEY) as provider, Proxy(handler, provider) as proxy, Daemon() as daemon:
        provider.host = f"{host}:8080"  # by which callers know it
        added = cli(daemon, "providers", "add", "far", "--base-url", f"http://{host}:8080/v1", "--key-from",
                    "env:BEHIND_KEY", "--proxy", f"{scheme}://{proxy.host}")
        assert added.returncode == 0, added.stderr
        yield daemon, provider, proxy


def check_reached(handler, scheme):
    with stage(handler, scheme) as (daemon, provider, proxy):
        key = daemon.create_key("proxied")
        for _ in range(12):
            status, body = ask(daemon, key, "far/small")
            assert status == 200, body
        assert set(proxy.asked) == {"far.example:8080"}, proxy.asked
        assert len(proxy.asked) <= 4, proxy.asked  # one tunnel for each of the daemon's loops, kept
        assert len(provider.records) == 12
        assert not provider.violations, provider.violations


def test_connect():
    """A provider that only a proxy knows is reached by CONNECT, and the tunnel is kept"""
    check_reached(Connect, "http")


def test_socks5():
    """The same by SOCKS5, which looks the name up"""
    check_reached(Socks5, "socks5")


def test_refused():
    """What the proxy cannot reach is a failure to connect, told by providers test and by the trace"""
    for handler, scheme in ((Connect, "http"), (Socks5, "socks5")):
        with stage(handler, scheme, host="nowhere.example") as (daemon, provider, proxy):
            tried = cli(daemon, "providers", "test", "far")
            assert tried.returncode == 7, (tried.returncode, tried.stderr)
            assert "proxy" in tried.stdout + tried.stderr, tried.stdout + tried.stderr
            status, body = ask(daemon, daemon.create_key("proxied"), "far/small")
            assert status == 503, body
            assert daemon.traces()[0]["attempts"][0]["code"] == "proxy", daemon.traces()[0]
            assert not provider.records


def test_taken_back():
    """A proxy is taken back with an empty one, and a user in its URL is refused without being repeated"""
    with stage(Connect, "http") as (daemon, _, proxy):
        assert proxy.host in cli(daemon, "providers", "show", "far").stdout
        assert cli(daemon, "providers", "update", "far", "--proxy", "").returncode == 0
        assert json.loads(cli(daemon, "providers", "show", "far", "--json").stdout)["proxy"] is None
        refused = cli(daemon, "providers", "update", "far", "--proxy", "http://me:canary@127.0.0.1:1")
        assert refused.returncode == 2 and "canary" not in refused.stdout + refused.stderr, refused.stderr


def test_login():
    """A proxy that wants a login is told it, and nobody else is; without one the failure is in words"""
    for handler, scheme in ((GuardedConnect, "http"), (GuardedSocks5, "socks5")):
        with stage(handler, scheme) as (daemon, provider, proxy):
            assert cli(daemon, "providers", "test", "far").returncode == 7
            refused = proxy.refused
            assert refused > 0
            given = cli(daemon, "providers", "update", "far", "--proxy-login-from", "env:PROXY_LOGIN")
            assert given.returncode == 0, given.stderr
            assert "with a login" in given.stdout, given.stdout
            key = daemon.create_key("proxied")
            for _ in range(3):
                status, body = ask(daemon, key, "far/small")
                assert status == 200, body
            assert proxy.refused == refused and len(provider.records) == 3
            daemon.restart()
            assert ask(daemon, key, "far/small")[0] == 200
            tried = cli(daemon, "providers", "test", "far")
            assert tried.returncode == 0, tried.stderr
            for record in provider.records:
                assert record.header("proxy-authorization") is None, record.headers
            for path in daemon.home.rglob("*"):
                if path.is_file() and path.name != "far@proxy.key":
                    assert b"canary" not in path.read_bytes(), path


if __name__ == "__main__":
    sys.exit(cases.run("proxy", cases.collect(globals())))
