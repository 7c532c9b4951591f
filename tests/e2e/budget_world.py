"""The stage of the budget tests: a daemon with three nested scopes between a crowd of callers and providers
that lie, and what can be seen of it from outside."""
import collections
import contextlib
import json
import re
import sqlite3
import threading
import time

from daemon import Daemon
from kill_test import setting
from lying_provider import PRICES, LyingProvider, picousd
from raw_caller import Caller

SLACK = 100_000  # microseconds by which two clocks readings of one moment may be apart, on a busy machine
PROJECTS = {"one": "a", "two": "a", "three": "b", "four": "b"}  # of each key
GRANTS = {"key:one": 0.1, "key:two": 0.4, "project:a": 0.5, "key:three": 0.6, "wallet": 1.2}
UNSEEN = 2048  # input tokens that a provider may add before what the caller wrote
FEWEST = 256  # output tokens below which an answer is not worth its money, if that many were asked for
CAPS = (16, 64, 256, 1024, 32_000)
USD = r"([0-9]+\.[0-9]+)"
USED_UP = re.compile(USD + r" USD of the limit of " + USD + r" USD of (\S+) is spent and " + USD +
                     r" USD reserved; this request could cost " + USD + " USD")
HELD = re.compile("requests under way hold " + USD + " of the " + USD +
                  r" USD that (.*) has left, and this one could cost " + USD)


def pico(usd):
    whole, _, part = str(usd).partition(".")
    assert len(part) <= 12, usd
    return int(whole) * 10**12 + int((part + "0" * 12)[:12])


def usd(picodollars):
    return f"{picodollars // 10**12}.{picodollars % 10**12:012d}"


def scopes_of(key):
    return f"key:{key}", f"project:{PROJECTS[key]}", "wallet"


class Asked:
    """One request of a caller, and what became of it as the caller saw it."""

    def __init__(self, tag, dice, honest=False, key=None, alike=False):
        self.tag, self.key = tag, key or dice.choice(list(PROJECTS))
        self.dialect = dice.choice(("openai-chat", "anthropic"))
        self.stream, self.cap = dice.random() < 0.5, FEWEST if alike else dice.choice(CAPS)
        self.fallback = not honest and dice.random() < 0.25
        self.choices = 2 if self.dialect == "openai-chat" and dice.random() < 0.15 else 1
        self.leaves_after = None if honest or dice.random() > 0.12 else dice.uniform(0, 0.05)
        self.text = tag + " " + "w" * (400 if alike else dice.choice((0, 40, 400, 1500)))
        self.answer, self.lost, self.left = None, False, False
        self.body = json.dumps(self._wish()).encode()

    def _wish(self):
        box = "box" if self.dialect == "openai-chat" else "mbox"
        wish = {"model": f"{box}/{'chain' if self.fallback else 'm'}",
                "messages": [{"role": "user", "content": self.text}], "max_tokens": self.cap}
        if self.stream:
            wish["stream"] = True
        if self.choices > 1:
            wish["n"] = self.choices
        return wish

    @property
    def least(self):
        """More than its least case can be: every byte a token of the dearest class, a few tokens out."""
        price = {name: picousd(rate) for name, rate in PRICES[self.dialect].items()}
        return ((len(self.body) + UNSEEN) * max(rate for name, rate in price.items() if name != "output")
                + min(self.cap, FEWEST) * self.choices * price["output"])

    def words(self):
        return self.answer.json()["error"]["message"]


class Tagged(Caller):
    """Says which request it is where the trace keeps it."""

    def ask_for(self, asked):
        path = "/v1/messages" if asked.dialect == "anthropic" else "/v1/chat/completions"
        self.sock.sendall((f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                           f"Authorization: Bearer {self.key}\r\nContent-Type: application/json\r\n"
                           f"x-session-id: {asked.tag}\r\nContent-Length: {len(asked.body)}\r\n\r\n").encode()
                          + asked.body)


class Crowd:
    """Tasks that take one request after the other; paused while there is no daemon."""

    def __init__(self, world, make, tasks, again=None):
        self.world, self.make, self.again = world, make, again
        self.asked, self.lock = [], threading.Lock()
        self.up, self.busy, self.quiet = threading.Event(), 0, threading.Condition()
        self.refused = collections.Counter()
        self.problems = []
        self.up.set()
        self.threads = [threading.Thread(target=self._run, args=(n,)) for n in range(tasks)]
        for thread in self.threads:
            thread.start()

    def _run(self, number):
        caller = None
        try:
            while (asked := self.make()) is not None:
                self.up.wait()
                with self.quiet:
                    self.busy += 1
                try:
                    caller = self._ask(caller, asked)
                    while self.again and self.again(asked):
                        time.sleep(0.2)
                        caller = self._ask(caller, asked)
                except OSError:
                    asked.lost = asked.answer is None and not asked.left
                    caller = None
                finally:
                    with self.quiet:
                        self.busy -= 1
                        self.quiet.notify_all()
        except Exception as problem:
            self.problems.append(problem)
            raise

    def _ask(self, caller, asked):
        """The connection, if it may be used again."""
        if caller is None or caller.key != self.world.keys[asked.key]:
            caller = Tagged(self.world.daemon, self.world.keys[asked.key], timeout=30)
        with self.lock:
            self.asked.append(asked)
        caller.ask_for(asked)
        if asked.leaves_after is not None:
            time.sleep(asked.leaves_after)
            asked.left = True
            caller.close()
            return None
        asked.answer = caller.read()
        asked.lost = asked.answer is None or not asked.answer.whole
        if asked.lost:
            caller.close()
            return None
        if asked.answer.status == 402:
            self.refused[USED_UP.search(asked.words()).group(3)] += 1
            time.sleep(0.3)  # as one would who was told that there is no more
        if asked.answer.fields.get("connection") == "close":
            caller.close()
            return None
        return caller

    def pause(self):
        """Nobody has a request under way when this returns."""
        self.up.clear()
        with self.quiet:
            assert self.quiet.wait_for(lambda: self.busy == 0, 40), "callers hang"

    def done(self):
        return not any(thread.is_alive() for thread in self.threads)


class Limits:
    """What was granted to whom, and when at the earliest and latest it held."""

    def __init__(self, daemon):
        self.daemon, self.changes, self.lock = daemon, [], threading.Lock()

    def set(self, scope, amount):
        before = time.time_ns() // 1000
        with self.lock:
            self.changes.append([before, None, scope, amount])
            mine = self.changes[-1]
        self.daemon.control("/budgets/set", {"scope": scope, "max_spend": usd(amount), "every": "total"})
        mine[1] = time.time_ns() // 1000

    def possible(self, scope, begin, end):
        """The limits it may have had in that time."""
        with self.lock:
            mine = [change for change in self.changes if change[2] == scope and change[0] <= end + SLACK]
        return {amount for n, (_, _, _, amount) in enumerate(mine)
                if n + 1 == len(mine) or mine[n + 1][1] is None or mine[n + 1][1] >= begin - SLACK}


class Sampler:
    """Looks at what `budgets show` says and at the ledger, again and again."""

    def __init__(self, world):
        self.world, self.samples, self.stop = world, [], threading.Event()
        self.ledgers = 0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while not self.stop.wait(0.02):
            with contextlib.suppress(Exception):  # while there is no daemon
                begin = time.time_ns() // 1000
                for row in self.world.daemon.control("/budgets/list"):
                    end = time.time_ns() // 1000
                    self.samples.append((row["scope"], begin, end,
                                         pico(row["spent_usd"]) + pico(row["reserved_usd"])))
                begin = time.time_ns() // 1000
                ledger = self.world.ledger()
                end = time.time_ns() // 1000
                self.samples += [(scope, begin, end, amount) for scope, amount in ledger.items()]
                self.ledgers += 1

    def join(self):
        self.stop.set()
        self.thread.join()


class World:
    def __init__(self, stack, seed):
        self.chat = stack.enter_context(LyingProvider("openai-chat", seed))
        self.messages = stack.enter_context(LyingProvider("anthropic", seed))
        self.daemon = stack.enter_context(Daemon())
        for name, provider in (("box", self.chat), ("mbox", self.messages)):
            dialect = provider.dialect
            self.daemon.add_provider(name, provider.base, dialect,
                                     "x-api-key" if dialect == "anthropic" else "bearer")
            for model in ("m", "chain", "second"):
                self.daemon.control("/models/price", {"model": f"{name}/{model}",
                                                      "price": json.dumps(PRICES[dialect])})
            self.daemon.control("/routes/fallback",
                                {"model": f"{name}/chain", "chain": [f"{name}/second"]})
        self.keys = {}
        for project in sorted(set(PROJECTS.values())):
            self.daemon.control("/projects/create", {"name": project})
        for key, project in PROJECTS.items():
            self.keys[key] = self.daemon.create_key(key, project=project)
        ids = {row["name"]: row["id"] for row in self.daemon.control("/keys/list")}
        self.names = {f"key:{number}": f"key:{name}" for name, number in ids.items()}
        setting(self.daemon, commit_wait_ms=60_000)
        self.limits = Limits(self.daemon)

    @property
    def providers(self):
        return self.chat, self.messages

    def receipts(self):
        return [receipt for provider in self.providers for receipt in provider.receipts()]

    def read(self, query, database=None):
        path = database or self.daemon.database
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def ledger(self):
        return {self.names.get(scope, scope): amount
                for scope, amount in self.read("SELECT scope, settled FROM ledger")}

    def rows(self, database=None):
        names = ("sequence", "session", "id", "time", "key_name", "project", "state", "cost", "reserved",
                 "overrun", "latency_us", "usage_source", "status", "error", "clamped", "attempts", "stream")
        return [dict(zip(names, row)) for row in
                self.read(f"SELECT {', '.join(names)} FROM traces ORDER BY sequence", database)]

    def check_books(self):
        """The ledger is what roll-ups and corrections add up to, scope by scope."""
        due = collections.Counter()
        for key, project, cost in self.read(
                "SELECT key_id, project, cost FROM usage_quarters JOIN usage_groups ON id = whose "
                "UNION ALL SELECT key_id, project, cost FROM rollups"):
            for scope in (f"key:{key}", f"project:{project}", "wallet"):
                due[scope] += cost
        for scope, amount in self.read("SELECT scope, amount FROM corrections"):
            due[scope] += amount
        ledger = dict(self.read("SELECT scope, settled FROM ledger"))
        due = {scope: amount for scope, amount in due.items() if amount}
        assert ledger == due, (ledger, due)
