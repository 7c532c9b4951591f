#!/usr/bin/env python3
"""Hard budgets under fire: `budget_test.py [REQUESTS KILLS [TASKS [SEED]]]`. Many callers on three nested
scopes, a provider that lies about money, callers that leave, SIGKILL in between: what the daemon says and
what it has written down must agree with a plain model, and with the provider's own book."""
import collections
import contextlib
import json
import pathlib
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
import time

import cases
from budget_model import Model
from daemon import ControlError, Daemon
from kill_test import setting
from lying_provider import HONEST, PRICES, LyingProvider, cost_of, picousd
from raw_caller import Caller

arguments = [int(word) for word in sys.argv[1:]]
REQUESTS, KILLS, TASKS, SEED = (arguments + [300, 2, 20, 20261120][len(arguments):])[:4]
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

    def __init__(self, tag, dice, honest=False, key=None):
        self.tag, self.key = tag, key or dice.choice(list(PROJECTS))
        self.dialect = dice.choice(("openai-chat", "anthropic"))
        self.stream, self.cap = dice.random() < 0.5, dice.choice(CAPS)
        self.fallback = not honest and dice.random() < 0.25
        self.choices = 2 if self.dialect == "openai-chat" and dice.random() < 0.15 else 1
        self.leaves_after = None if honest or dice.random() > 0.12 else dice.uniform(0, 0.05)
        self.text = tag + " " + "w" * dice.choice((0, 40, 400, 1500))
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
            time.sleep(0.1)  # as one would who was told that there is no more
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
    def __init__(self, stack):
        self.chat = stack.enter_context(LyingProvider("openai-chat", SEED))
        self.messages = stack.enter_context(LyingProvider("anthropic", SEED))
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
        """The ledger is what rows, roll-ups and corrections add up to, scope by scope."""
        due = collections.Counter()
        for table in ("traces", "rollups"):
            for key, project, cost in self.read(f"SELECT key_id, project, cost FROM {table}"):
                for scope in (f"key:{key}", f"project:{project}", "wallet"):
                    due[scope] += cost or 0
        for scope, amount in self.read("SELECT scope, amount FROM corrections"):
            due[scope] += amount
        ledger = dict(self.read("SELECT scope, settled FROM ledger"))
        due = {scope: amount for scope, amount in due.items() if amount}
        assert ledger == due, (ledger, due)


def copy_database(daemon):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="r1-copy-"))
    for file in daemon.database.parent.glob(daemon.database.name + "*"):
        shutil.copy(file, folder)
    return folder / daemon.database.name


def kill_and_check(world, crowd):
    """The daemon dies with requests under way; what it left is all there, and charged once."""
    crowd.up.clear()
    world.daemon.kill()
    killed_at = time.time_ns() // 1000
    crowd.pause()
    for provider in world.providers:
        provider.wait_idle()
    copy = copy_database(world.daemon)
    before = {row["session"] for row in world.rows(copy)}
    shutil.rmtree(copy.parent)
    received = {receipt.tag for receipt in world.receipts()}

    world.daemon.start()
    rows = world.rows()
    found = [row for row in rows if row["session"] not in before]
    sent = {asked.tag for asked in crowd.asked}
    whole = {asked.tag for asked in crowd.asked if asked.answer is not None and asked.answer.whole}
    assert {row["session"] for row in found} >= received - before, "sent, but not found again"
    assert {row["session"] for row in found} <= sent - whole
    for row in found:
        assert row["state"] == "interrupted" and (row["reserved"] or 0) > 0, row
        assert row["cost"] == row["reserved"], row
    times = collections.Counter(row["session"] for row in rows)
    assert max(times.values()) == 1, [tag for tag, count in times.items() if count > 1]
    assert not whole - set(times), "seen whole, but not traced"
    world.check_books()
    for budget in world.daemon.control("/budgets/list"):
        assert pico(budget["reserved_usd"]) == 0 and budget["running"] == 0, budget
        if budget["limit"]:
            assert pico(budget["spent_usd"]) == world.ledger().get(budget["scope"], 0), budget
    crowd.up.set()
    return killed_at, len(found)


def raise_what_is_used_up(world, crowd):
    """As a user would who is asked for more; never before a few have been refused."""
    for scope, count in list(crowd.refused.items()):
        if count < 6:
            continue
        spent = pico(world.daemon.control("/budgets/show", {"name": scope})["spent_usd"])
        world.limits.set(scope, spent + pico(GRANTS[scope]))
        crowd.refused[scope] = 0


# -- what the history must say

def check_answers(asked_all):
    """Who was refused was refused for a reason that its own numbers bear out."""
    for asked in asked_all:
        if asked.answer is None or not asked.answer.whole:
            continue
        status = asked.answer.status
        if status == 402:
            spent, limit, _, _, cost = USED_UP.search(asked.words()).groups()
            assert pico(spent) + pico(cost) > pico(limit), asked.words()
            assert pico(cost) <= asked.least, (asked.words(), asked.least)
        elif status == 429:
            _, left, _, cost = HELD.search(asked.words()).groups()
            assert pico(cost) <= pico(left), asked.words()
            assert asked.answer.fields["retry-after"] == "1"
            assert not re.search("credit|balance|quota", asked.words()), asked.words()
        else:
            assert status in (200, 502, 503, 529), (status, asked.answer.body)


def check_charges(world, asked_all):
    """Each row against the provider's own book: what honest answers cost was held and is charged."""
    rows = {row["session"]: row for row in world.rows()}
    book = collections.defaultdict(list)
    for receipt in world.receipts():
        book[receipt.tag].append(receipt)
    counts = collections.Counter()
    for asked in asked_all:
        row, receipts = rows.get(asked.tag), book[asked.tag]
        assert row or not receipts, f"{asked.tag} was sent and is not traced"
        if not row:
            continue
        counts[row["state"]] += 1
        counts["overrun"] += row["overrun"]
        counts["clamped"] += row["clamped"] is not None
        if not receipts:
            if row["state"] != "interrupted":
                assert row["cost"] == 0, row
            continue
        assert row["cost"] is not None and row["reserved"] is not None, row
        assert row["clamped"] is None or min(asked.cap, FEWEST) <= row["clamped"] <= asked.cap, row
        honest = sum(receipt.cost for receipt in receipts if receipt.kind in HONEST)
        assert honest <= row["reserved"], (row, honest)
        assert bool(row["overrun"]) == (row["cost"] > row["reserved"]), row
        if len(receipts) == 1 and row["state"] not in ("interrupted", "client_gone"):
            check_charge(row, receipts[0])
    return counts


def check_charge(row, receipt):
    kind, cost = receipt.kind, row["cost"]
    whole = row["state"] == "completed"
    assert whole == (kind not in ("5xx", "dead", "cut", "late error")), (kind, row)
    if kind in ("5xx", "dead"):
        assert cost == 0, (kind, row)
    elif kind in ("cut", "late error", "missing"):
        assert row["usage_source"] == "estimate", (kind, row)
        assert 0 < cost <= row["reserved"], (kind, row)
    elif kind == "absurd":
        assert cost >= 0, row
    else:
        assert cost == receipt.told_cost, (kind, receipt.told_cost, row)


def excesses(world, by_tag):
    """What providers took beyond what was held, and when, scope by scope."""
    found = collections.defaultdict(list)
    for row in world.rows():
        if row["overrun"]:
            for scope in scopes_of(by_tag[row["session"]].key):
                found[scope].append((row["time"] + row["latency_us"], row["cost"] - row["reserved"]))
    return found


def events_of(world, asked_all, kills):
    """The history, each event as late or as early as errs towards an allowed one: held only while it must
    have been, settled as soon as it may have been; what was more than held counts as late as it may have,
    and those refused come after all that may have been in their way."""
    by_tag, first = {asked.tag: asked for asked in asked_all}, {}
    excess = excesses(world, by_tag)

    def excess_since(time_of):
        return lambda name: sum(amount for at, amount in excess[name] if at >= time_of - SLACK)
    for receipt in world.receipts():
        first[receipt.tag] = min(receipt.at, first.get(receipt.tag, receipt.at))
    for begin, _, scope, amount in world.limits.changes:
        yield begin - SLACK, 0, ("limit", scope, amount)
    for row in world.rows():
        asked, tag = by_tag[row["session"]], row["session"]
        end = row["time"] + row["latency_us"]
        if row["error"] == "limit_reached":
            yield end + 2 * SLACK, 3, ("refuse", asked, row)
        if row["reserved"] is None or row["cost"] is None:
            continue
        if row["state"] == "interrupted":
            end = min(at for at in kills if at + SLACK >= row["time"])
        at = first.get(tag, end)
        end = max(at, end + SLACK if row["overrun"] else end - SLACK)
        yield at, 2, ("hold", tag, scopes_of(asked.key), row["reserved"], excess_since(row["time"]))
        word = "interrupt" if row["state"] == "interrupted" else "settle"
        yield end, 1 if end > at else 3, (word, tag, row["cost"])


def replay(world, asked_all, kills):
    model = Model()
    events = sorted(events_of(world, asked_all, kills), key=lambda event: event[:2])
    refused = 0
    for at, _, (word, *what) in events:
        if word == "limit":
            model.limit(*what)
        elif word == "hold":
            model.hold(*what)
        elif word == "settle":
            model.settle(*what)
        elif word == "interrupt":
            model.interrupt(what[0])
        else:
            asked, row = what
            refused += 1
            if asked.answer is None:
                continue
            _, limit, scope, _, cost = USED_UP.search(asked.words()).groups()
            assert pico(limit) in world.limits.possible(scope, row["time"], at), (scope, limit)
            least = model.scope(scope).settled + pico(cost)
            assert least > pico(limit), (f"{asked.tag}: {scope} has {model.scope(scope).settled} settled "
                                         f"and {asked.words()}")
    assert not model.held, model.held
    ledger = world.ledger()
    for name, scope in model.scopes.items():
        assert scope.settled == ledger.get(name, 0), (name, scope.settled, ledger.get(name))
    return model, len(events), refused


def check_samples(world, samples, asked_all):
    """Σ settled + Σ reserved was never above the limit, but for what a provider took beyond what was held."""
    by_tag = {asked.tag: asked for asked in asked_all}
    excess = excesses(world, by_tag)
    for scope, begin, end, used in samples:
        limits = world.limits.possible(scope, begin, end)
        if not limits:
            continue
        beyond = sum(amount for at, amount in excess[scope] if at <= end + SLACK)
        assert used <= max(limits) + beyond, (scope, used, limits, beyond)


# -- the cases

world = None


def dealt(count, prefix, **more):
    """Hands out `count` requests, to whoever asks."""
    numbers, lock = iter(range(count)), threading.Lock()

    def make():
        with lock:
            number = next(numbers, None)
        if number is None:
            return None
        tag = f"tag-{prefix}-{number}"
        return Asked(tag, random.Random(f"{SEED} {tag}"), **more)
    return make


def test_lies_and_kills():
    """nothing that providers, callers or SIGKILL do brings spend above a limit or loses any of it"""
    for scope, grant in GRANTS.items():
        world.limits.set(scope, pico(grant))
    sampler = Sampler(world)
    crowd = Crowd(world, dealt(REQUESTS, 1), TASKS)
    marks = [REQUESTS * (n + 1) // (KILLS + 1) for n in range(KILLS)]
    dice, kills, interrupted = random.Random(SEED), [], 0
    try:
        while not crowd.done():
            time.sleep(0.02)
            raise_what_is_used_up(world, crowd)
            if marks and len(crowd.asked) >= marks[0]:
                marks.pop(0)
                time.sleep(dice.uniform(0, 0.05))
                at, found = kill_and_check(world, crowd)
                kills.append(at)
                interrupted += found
    finally:
        crowd.up.set()
        for thread in crowd.threads:
            thread.join()
        sampler.join()
    assert not crowd.problems, crowd.problems[:3]
    for provider in world.providers:
        provider.wait_idle()
    wait_settled()
    world.check_books()
    check_answers(crowd.asked)
    counts = check_charges(world, crowd.asked)
    model, events, refused = replay(world, crowd.asked, kills)
    check_samples(world, sampler.samples, crowd.asked)
    statuses = collections.Counter(asked.answer.status for asked in crowd.asked if asked.answer)
    print(f"        {len(crowd.asked)} requests of {TASKS} tasks, {len(kills)} kills, "
          f"{interrupted} interrupted rows, statuses {dict(statuses)}, rows {dict(counts)}, "
          f"{len(sampler.samples)} samples, {events} events replayed, {refused} refusals for spend, "
          f"{len(world.limits.changes)} limits set")


def use_up(key, prefix, most=100_000):
    """Honest requests of one key until nobody gets another one."""
    numbers, lock, in_a_row = iter(range(most)), threading.Lock(), [0]

    def make():
        with lock:
            number = next(numbers, None)
            if number is None or in_a_row[0] > 3 * TASKS:
                return None
        tag = f"tag-{prefix}-{number}"
        return Asked(tag, random.Random(f"{SEED} {tag}"), honest=True, key=key)

    def again(asked):
        with lock:
            in_a_row[0] = in_a_row[0] + 1 if asked.answer.status == 402 else 0
        return asked.answer.status == 429

    crowd = Crowd(world, make, TASKS, again)
    for thread in crowd.threads:
        thread.join()
    assert not crowd.problems, crowd.problems[:3]
    wait_settled()
    check_answers(crowd.asked)
    return collections.Counter(asked.answer.status for asked in crowd.asked)


def test_limits_can_be_used_up():
    """honest requests can use 97 % of each limit: of a key, of its project and of the wallet"""
    for provider in world.providers:
        provider.kinds = {"honest": 1}
    for scope in GRANTS:
        world.daemon.control("/budgets/clear", {"scope": scope})
    before = world.ledger()
    use_up("four", 10, 100)
    mean = (world.ledger()["wallet"] - before["wallet"]) // 100
    before, due = world.ledger(), (("one", "key:one", 200), ("two", "project:a", 450),
                                   ("three", "wallet", 700))
    for _, scope, times in due:
        world.limits.set(scope, before[scope] + times * mean)
    for prefix, (key, scope, times) in enumerate(due, 11):
        began = time.monotonic()
        statuses = use_up(key, prefix)
        used = world.ledger()[scope] - before[scope]
        print(f"        {scope}: {used * 100 / (times * mean):.2f} % used of a limit of {times} mean "
              f"requests ({usd(mean)} USD each), {dict(statuses)}, {time.monotonic() - began:.1f} s")
        assert times * mean * 97 <= used * 100 <= times * mean * 100
    world.check_books()


def test_blocked_only_by_others():
    """who is blocked only by others' reservations waits for them, and is told 429 and never 402"""
    for scope in GRANTS:
        with contextlib.suppress(ControlError):
            world.daemon.control("/budgets/clear", {"scope": scope})
    found = collections.Counter()
    for number, slowness in ((20, 0.15), (21, 2.6)):
        for provider in world.providers:
            provider.kinds, provider.slowness = {"slow": 1}, (slowness, slowness)
        asked = dealt(6, number, honest=True, key="one")
        held = max(one.least for one in iter(dealt(6, number, honest=True, key="one"), None))
        world.limits.set("key:one", world.ledger().get("key:one", 0) + 3 * held)
        crowd = Crowd(world, asked, 6)
        for thread in crowd.threads:
            thread.join()
        assert not crowd.problems, crowd.problems[:3]
        wait_settled()
        check_answers(crowd.asked)
        statuses = [one.answer.status for one in crowd.asked]
        found.update((slowness, status) for status in statuses)
        assert 402 not in statuses, [one.words() for one in crowd.asked if one.answer.status == 402]
        rows = {row["session"]: row for row in world.rows()}
        for one in crowd.asked:
            row = rows[one.tag]
            if one.answer.status == 429:
                assert row["cost"] == 0 and row["state"] == "refused" and row["attempts"] == "[]", row
                assert row["latency_us"] >= 1_900_000, row  # by the daemon's own clock
    assert found[0.15, 200] == 6 and found[2.6, 429] > 0 and found[2.6, 200] > 0, found
    print(f"        (seconds a request takes, status): {dict(found)}")


def wait_settled(limit=10.0):
    """Callers that have left are settled a moment later."""
    deadline = time.monotonic() + limit
    while any(row["running"] for row in world.daemon.control("/budgets/list")):
        assert time.monotonic() < deadline, world.daemon.control("/budgets/list")
        time.sleep(0.02)


if __name__ == "__main__":
    with contextlib.ExitStack() as everything:
        world = World(everything)
        sys.exit(cases.run("budget", cases.collect(globals())))
