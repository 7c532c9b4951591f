#!/usr/bin/env python3
"""/metrics as Prometheus' own reader takes it, compared with the traffic that was made and the traces that
were kept of it."""
import collections
import contextlib
import decimal
import http.client
import json
import subprocess
import sys

from prometheus_client.parser import text_string_to_metric_families

import cases
from command_home import ask, home, port_of, until
from daemon import Daemon, UnixConnection, binary_dir
from ports import unused_port

TYPE = "text/plain; version=0.0.4; charset=utf-8"


def get(connection, path="/metrics", **headers):
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type"), answer.read().decode()


class Page:
    """Samples by name and labels; each family must be told once, with help."""

    def __init__(self, text):
        self.samples, self.kinds = {}, {}
        for family in text_string_to_metric_families(text):
            assert family.name not in self.kinds, family.name
            assert family.documentation, family.name
            self.kinds[family.name] = family.type
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                assert key not in self.samples, key
                self.samples[key] = sample.value

    def value(self, name, **labels):
        return self.samples.get((name, tuple(sorted(labels.items()))), 0)

    def total(self, name, **labels):
        wanted = set(labels.items())
        return sum(value for (own, own_labels), value in self.samples.items()
                   if own == name and wanted <= set(own_labels))

    def series(self, name):
        return {labels: value for (own, labels), value in self.samples.items() if own == name}


class World:
    def __init__(self, stack):
        self.port = unused_port()
        self.daemon = stack.enter_context(Daemon(options=["--metrics", f"127.0.0.1:{self.port}"]))
        self.daemon.add_provider("dead", f"http://127.0.0.1:{unused_port()}/v1", "openai-chat")
        self.daemon.control("/budgets/set", {"scope": "wallet", "max_spend": "50"})
        self.daemon.control("/models/price", {"model": "dead/x", "price": json.dumps({"input": 1, "output": 2})})
        self.key = self.daemon.create_key("ci")
        self.sent = 0

    def ask(self, model, key=None, **body):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(
                "POST", "/v1/chat/completions",
                json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}], **body}),
                {"Content-Type": "application/json", "Authorization": f"Bearer {key or self.key}"})
            answer = connection.getresponse()
            answer.read()
        self.sent += 1
        self.daemon.wait_traces(self.sent)
        return answer.status

    def page(self):
        status, kind, text = get(UnixConnection(self.daemon.control_socket, 30))
        assert (status, kind) == (200, TYPE), (status, kind)
        return Page(text)


world = None


def test_counts_follow_the_traffic():
    """requests, tokens, cost and times are those of the traces"""
    for stream in (False, False, False, True, True):
        assert world.ask("sandbox/echo", stream=stream) == 200
    assert world.ask("nobody/knows-this") == 404
    assert world.ask("sandbox/echo", key="sk-rk-wrong") == 401
    for _ in range(4):
        assert world.ask("dead/x") == 503
    page, traces = world.page(), world.daemon.traces()

    kinds = collections.Counter((t["provider"] or "", f"{t['status'] // 100}xx") for t in traces)
    for (provider, status), count in kinds.items():
        assert page.total("routerone_requests_total", provider=provider, status=status) == count, (provider, status)
    assert page.total("routerone_requests_total") == len(traces) == 11
    assert page.value("routerone_requests_total", provider="sandbox", model="sandbox/echo", status="2xx") == 5
    for kind, field in (("input", "input_tokens"), ("output", "output_tokens")):
        wanted = sum(t[field] or 0 for t in traces)
        assert wanted > 0 and page.total("routerone_tokens_total", kind=kind) == wanted, kind
    cost = sum(decimal.Decimal(t["cost_usd"] or 0) for t in traces)
    assert decimal.Decimal(str(page.total("routerone_cost_usd_total"))) == cost, cost
    took = sum(t["latency_ms"] for t in traces if t["provider"] == "sandbox") / 1000
    assert abs(page.value("routerone_request_duration_seconds_sum", provider="sandbox") - took) < 0.01
    assert page.value("routerone_time_to_first_token_seconds_count", provider="sandbox") == \
        sum(t["ttft_ms"] is not None for t in traces if t["provider"] == "sandbox")
    assert page.value("routerone_attempts_total", provider="sandbox", error="") == 5
    assert page.total("routerone_attempts_total", provider="dead", error="connect") >= 3
    assert page.total("routerone_errors_total") == sum(t["error"] is not None for t in traces)
    assert page.value("routerone_store_rows_written_total") == len(traces)


def test_histograms_are_whole():
    """buckets only grow, and the last one has them all"""
    page, groups = world.page(), collections.defaultdict(list)
    for (name, labels), value in page.samples.items():
        if name.endswith("_bucket"):
            own = dict(labels)
            groups[name, tuple(sorted((k, v) for k, v in own.items() if k != "le"))].append((float(own["le"]), value))
    assert len(groups) >= 5
    for (name, labels), buckets in groups.items():
        counts = [count for _, count in sorted(buckets)]
        assert counts == sorted(counts), (name, labels)
        assert buckets[-1][0] == float("inf")
        assert counts[-1] == page.value(name.replace("_bucket", "_count"), **dict(labels)), (name, labels)


def test_what_is_now():
    """a target left alone, budgets, the process and what runs are told"""
    page = world.page()
    assert page.value("routerone_target_state", provider="dead", target="x") == 2
    assert page.value("routerone_budget_limit_usd", scope="wallet") == 50
    left = page.value("routerone_budget_left_usd", scope="wallet")
    assert abs(left + page.value("routerone_budget_spent_usd", scope="wallet") - 50) < 1e-9
    assert page.value("routerone_requests_in_flight", scope="wallet") == 0
    assert page.value("routerone_store_writable") == 1
    for name in ("process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total",
                 "process_start_time_seconds"):
        assert page.value(name) > 0, name
    assert list(page.series("routerone_build_info").values()) == [1]
    assert page.kinds["routerone_requests"] == "counter"


def test_counters_only_grow():
    """a second look counts on where the first one was"""
    before = world.page()
    assert world.ask("sandbox/echo") == 200
    after = world.page()
    for (name, labels), value in before.samples.items():
        if name.endswith(("_total", "_count", "_bucket")):
            assert after.samples[name, labels] >= value, (name, labels)
    assert after.total("routerone_requests_total") == before.total("routerone_requests_total") + 1


def test_port_is_only_for_collectors_here():
    """on a port of its own: the same page, nothing else, and no web page reads it"""
    def ask(path="/metrics", **headers):
        return get(http.client.HTTPConnection("127.0.0.1", world.port, timeout=30), path, **headers)

    status, kind, text = ask()
    assert (status, kind) == (200, TYPE)
    assert Page(text).total("routerone_requests_total") == world.page().total("routerone_requests_total")
    assert world.key not in text
    assert ask("/daemon/status")[0] == 404
    assert ask(Host=f"evil.example:{world.port}")[0] == 403
    assert ask(Origin="http://127.0.0.1")[0] == 403
    assert world.daemon.control("/daemon/status")["metrics"] == f"127.0.0.1:{world.port}"


def test_port_is_off_unless_asked_for_and_never_beyond_this_machine():
    """nothing listens without --metrics; another address than loopback's is refused"""
    with Daemon() as other:
        assert other.control("/daemon/status")["metrics"] is None
        assert get(UnixConnection(other.control_socket, 30))[0] == 200
        for address, words in (("0.0.0.0:9464", "loopback"), ("192.0.2.1:9464", "loopback"), ("127.0.0.1:0", "port"),
                               (f"127.0.0.1:{world.port}", "cannot listen")):
            with Daemon() as spare:
                spare.terminate()
                ended = subprocess.run(
                    [binary_dir() / "routeroned", "--listen", "127.0.0.1:0", "--metrics", address],
                    env={"ROUTERONE_HOME": str(spare.home), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
                    timeout=60, check=False)
                assert ended.returncode == 1, (address, ended)
                assert words in ended.stderr and "hint:" in ended.stderr, ended.stderr
                spare.start()


def test_up_serves_it_where_it_was_asked_to():
    """routerone up --metrics: valid text there, over a restart too, until the daemon is stopped"""
    def look():
        return get(http.client.HTTPConnection("127.0.0.1", port, timeout=30))

    port = unused_port()
    with home() as one:
        for address, word in (("0.0.0.0:9464", "loopback"), ("127.0.0.1:0", "port"), ("9464x", "9464x")):
            refused = one.cli("up", "--listen", "127.0.0.1:0", "--metrics", address, code=2).stderr
            assert word in refused and "hint:" in refused, refused
            one.cli("status", code=3)
        one.cli("up", "--listen", "127.0.0.1:0", "--metrics", f"127.0.0.1:{port}")
        key = one.cli("keys", "create", "ci", "--quiet").stdout.strip()
        assert ask(port_of(one.status()), key) == 200
        until(lambda: Page(look()[2]).total("routerone_requests_total") == 1, "the request to be counted")
        assert look()[:2] == (200, TYPE) and key not in look()[2]
        one.cli("restart")
        assert one.status()["metrics"] == f"127.0.0.1:{port}" and look()[0] == 200
        one.cli("up", "--metrics", f"127.0.0.1:{port}")
        told = one.cli("up", "--metrics", f"127.0.0.1:{unused_port()}", code=1).stderr
        assert "routerone down" in told, told
        one.cli("down")
        one.cli("up", "--listen", "127.0.0.1:0")
        assert one.status()["metrics"] is None
        one.cli("down")
        one.cli("up", "--metrics", f"[::1]:{port}")
        one.cli("restart")
        assert one.status()["metrics"] == f"[::1]:{port}"


if __name__ == "__main__":
    with contextlib.ExitStack() as kept:
        world = World(kept)
        status = cases.run("metrics", cases.collect(globals()))
    sys.exit(status)
