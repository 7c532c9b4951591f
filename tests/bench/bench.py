#!/usr/bin/env python3
"""Side by side with nginx as reverse proxy in one run: CPU a request, latency, streams, memory.

Everything runs on this machine's loopback, load and provider included. CPU is the proxy's own
(user and system, of all its workers). Rounds are interleaved; medians are shown. Nothing here is
a test: it prints what it saw beside what is aimed at.
"""
import argparse
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import time

from servers import (Daemon, Nginx, Server, cpu_seconds, free_port, make_certificates,
                     raise_descriptor_limit, rss_anon_kib, wait_for)

here = pathlib.Path(__file__).resolve().parent

# name, provider, bytes of the request, connections, aimed at (relay alone), aimed at (all on)
SHAPES = [
    ("2 KB, 64 connections", "small", 2_048, 64, 1.3, 1.8),
    ("2 KB, 1 connection", "small", 2_048, 1, None, None),
    ("100 KB request, 16", "small", 100_000, 16, 1.6, None),
    ("1 MB request, 8", "small", 1_000_000, 8, 1.5, None),
    ("100 KB answer, 16", "middle", 2_048, 16, 1.6, None),
    ("1 MB answer, 8", "large", 2_048, 8, 1.5, None),
    ("TLS upstream, 2 KB, 64", "tls", 2_048, 64, 1.5, None),
]


def wrk(port, provider, size, connections, seconds, key):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s", str(here / "wrk_post.lua"),
               f"http://127.0.0.1:{port}/v1/chat/completions", "--", str(size), provider, key]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"n=(\d+) errors=(\d+) p50_us=(\d+) p99_us=(\d+)", out)
    n, errors, p50, p99 = map(int, found.groups())
    return {"n": n, "errors": errors, "p50": p50, "p99": p99}


class Side:
    """One of the proxies compared: where it listens for a provider, whose CPU counts."""

    def __init__(self, name, server, ports, key=""):
        self.name, self.server, self.ports, self.key = name, server, ports, key

    def measure(self, shape, seconds):
        _, provider, size, connections, _, _ = shape
        wrk(self.ports[provider], provider, size, connections, 1, self.key)
        before = cpu_seconds(self.server.pids)
        seen = wrk(self.ports[provider], provider, size, connections, seconds, self.key)
        seen["cpu_us"] = (cpu_seconds(self.server.pids) - before) * 1e6 / max(seen["n"], 1)
        return seen


def requests_table(sides, seconds, rounds, wanted):
    print(f"\nCPU a request, microseconds (median of {rounds} rounds of {seconds} s; x nginx)")
    print(f"{'':26}{'nginx':>9}{'relay alone':>18}{'all on':>18}{'with limits':>18}   "
          "aimed at   errors")
    row_cost = None
    for shape in SHAPES:
        if wanted not in shape[0]:
            continue
        seen = {side.name: [] for side in sides}
        for _ in range(rounds):
            for side in sides:
                seen[side.name].append(side.measure(shape, seconds))
        cpu = {name: statistics.median(s["cpu_us"] for s in runs) for name, runs in seen.items()}
        p50 = {name: statistics.median(s["p50"] for s in runs) for name, runs in seen.items()}
        n = sum(s["n"] for runs in seen.values() for s in runs)
        errors = sum(s["errors"] for runs in seen.values() for s in runs)
        base = cpu["nginx"]
        aims = "/".join(f"{aim}" for aim in shape[4:] if aim)
        print(f"{shape[0]:26}{base:9.1f}"
              f"{cpu['relay']:10.1f} ({cpu['relay'] / base:4.2f})"
              f"{cpu['all']:10.1f} ({cpu['all'] / base:4.2f})"
              f"{cpu['limits']:10.1f} ({cpu['limits'] / base:4.2f})   {aims:9}  {errors} of {n}")
        print(f"{'   p50, microseconds':26}{p50['nginx']:9.0f}{p50['relay']:18.0f}"
              f"{p50['all']:18.0f}{p50['limits']:18.0f}   ({p50['relay'] - p50['nginx']:+.0f} / "
              f"{p50['all'] - p50['nginx']:+.0f} / {p50['limits'] - p50['nginx']:+.0f})")
        if shape is SHAPES[0]:
            row_cost = cpu["all"] - cpu["relay"]
            limits_cost = cpu["limits"] - cpu["all"]
    if row_cost is not None:
        print(f"a row of the trace costs {row_cost:.1f} microseconds at 2 KB, 64 connections; a spend "
              f"limit on key, project and wallet {limits_cost:.1f} more")


def streams_table(sides, sse_load, streams, seconds):
    print(f"\n{streams} streams x 20 events/s, {seconds} s (never cut, never late is the aim)")
    for provider in ("sse", "sse-tls"):
        for side in sides:
            if provider not in side.ports:
                continue
            out, cpu, held = stream_load(side, sse_load, "/v1/chat/completions", provider, streams,
                                         seconds)
            print(f"{provider:8}{side.name:8}{out}  cpu={cpu:.1f} s  "
                  f"RssAnon a stream={held:.1f} KiB")


def stream_load(side, sse_load, path, provider, streams, seconds):
    """Runs streams to their ends: what sse_load saw, CPU seconds, KiB of RssAnon a stream beyond
    what the proxy had when it was idle."""
    idle = rss_anon_kib(side.server.pids)
    before = cpu_seconds(side.server.pids)
    load = subprocess.Popen(
        [str(sse_load), str(side.ports[provider]), path, str(streams), str(seconds * 20),
         f"Bearer {side.key}", provider], stdout=subprocess.PIPE, text=True)
    time.sleep(seconds * 0.85)
    held = rss_anon_kib(side.server.pids) - idle
    out = load.communicate()[0].strip()
    return out, cpu_seconds(side.server.pids) - before, held / streams


def translated_table(fresh_side, sse_load, streams, seconds):
    """A Chat provider for callers of other dialects, beside passing its streams on. Each row has a
    daemon of its own: memory that the one before has freed is not given back at once."""
    print(f"\n{streams} translated streams x 20 events/s, {seconds} s (aim 2 x passing on)")
    base = None
    for path in ("/v1/chat/completions", "/v1/messages", "/v1/responses"):
        out, cpu, held = stream_load(fresh_side(), sse_load, path, "sse", streams, seconds)
        base = base or cpu
        print(f"{path:22}{out}  cpu={cpu:.1f} s ({cpu / base:4.2f})  "
              f"RssAnon a stream={held:.1f} KiB")
    few = max(streams // 20, 1)
    print(f"{few} streams by their length (independent of it is the aim; Responses repeats all)")
    for path in ("/v1/chat/completions", "/v1/messages", "/v1/responses"):
        kept = [stream_load(fresh_side(), sse_load, path, provider, few, seconds)[2]
                for provider in ("sse", "sse-long")]
        print(f"{path:22}RssAnon a stream={kept[0]:.1f} KiB of 20 KB, {kept[1]:.1f} KiB of 2 MB")


def start_table(bin_dir, folder, times):
    print(f"\nstart and idle (n={times})")
    ready = []
    for number in range(times):
        home = folder / f"start{number}"
        home.mkdir()
        port = free_port()
        began = time.monotonic()
        daemon = Server([str(bin_dir / "routeroned"), "--listen", f"127.0.0.1:{port}"],
                        env={"ROUTERONE_HOME": str(home), "PATH": "/usr/bin"})
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), 1) as s:
                    s.sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                    if s.recv(64).startswith(b"HTTP/1.1 200"):
                        break
            except OSError:
                time.sleep(0.0005)
        ready.append((time.monotonic() - began) * 1000)
        time.sleep(0.3)
        idle = rss_anon_kib(daemon.pids)
        daemon.stop()
    print(f"ready after {statistics.median(ready):.1f} ms (worst {max(ready):.1f}; aim 20), "
          f"idle RssAnon {idle / 1024:.1f} MiB (aim 12)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of routeroned")
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="of mock_upstream")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--streams", type=int, default=2000)
    parser.add_argument("--only", choices=["requests", "streams", "translated", "start"])
    parser.add_argument("--row", default="", help="only rows whose name has this in it")
    options = parser.parse_args()
    raise_descriptor_limit()

    with tempfile.TemporaryDirectory(prefix="routerone-bench-") as name:
        folder = pathlib.Path(name)
        make_certificates(folder)
        started = []
        try:
            run(options, folder, started)
        finally:
            for server in reversed(started):
                server.stop()


def run(options, folder, started):
    mocks = {}
    stream_seconds = 10
    for provider, size, event in (("small", 2_048, 0), ("middle", 100_000, 0),
                                  ("large", 1_000_000, 0), ("sse", 2_048, 80),
                                  ("sse-long", 2_048, 10_000)):
        mocks[provider] = free_port()
        started.append(Server([str(options.tools / "mock_upstream"), str(mocks[provider]),
                               str(size), str(stream_seconds * 20), "20", str(event)]))
        wait_for(mocks[provider])
    tls_port, tls_sse_port = free_port(), free_port()
    started.append(Nginx(folder, "provider", [
        {"listen": tls_port, "to": mocks["small"], "kind": "from-tls"},
        {"listen": tls_sse_port, "to": mocks["sse"], "kind": "from-tls", "stream": True}]))

    ports = {provider: free_port() for provider in (*mocks, "tls", "sse-tls")}
    routes = [{"listen": ports[p], "to": mocks[p], "stream": p.startswith("sse")} for p in mocks]
    routes.append({"listen": ports["tls"], "to": tls_port, "kind": "to-tls"})
    routes.append({"listen": ports["sse-tls"], "to": tls_sse_port, "kind": "to-tls",
                   "stream": True})
    nginx = Nginx(folder, "proxy", routes)
    started.append(nginx)
    sides = [Side("nginx", nginx, ports)]
    for label, extra in (("relay", ["--no-trace"]), ("all", []), ("limits", [])):
        daemon = Daemon(options.bin, folder, label, extra)
        started.append(daemon)
        for provider, port in mocks.items():
            daemon.add_provider(provider, f"http://127.0.0.1:{port}/v1")
        daemon.add_provider("tls", f"https://localhost:{tls_port}/v1", folder / "ca.pem")
        daemon.add_provider("sse-tls", f"https://localhost:{tls_sse_port}/v1", folder / "ca.pem")
        if label == "limits":
            daemon.limit_spend(options.bin, [*mocks, "tls", "sse-tls"])
        sides.append(Side(label, daemon, dict.fromkeys(ports, daemon.port), daemon.key))

    if options.only in (None, "requests"):
        requests_table(sides, options.seconds, options.rounds, options.row)
    if options.only in (None, "streams"):
        streams_table(sides, options.tools / "sse_load", options.streams, stream_seconds)
    if options.only in (None, "translated"):
        def fresh_side():
            daemon = Daemon(options.bin, folder, f"fresh{len(started)}")
            started.append(daemon)
            for provider in ("sse", "sse-long"):
                daemon.add_provider(provider, f"http://127.0.0.1:{mocks[provider]}/v1")
            return Side("all", daemon, dict.fromkeys(ports, daemon.port), daemon.key)
        translated_table(fresh_side, options.tools / "sse_load", options.streams // 2,
                         stream_seconds)
    if options.only in (None, "start"):
        start_table(options.bin, folder, 15)
    print("\nnot counted: the load, the provider, connection set-up (a 1 s warm-up goes before)")


main()
