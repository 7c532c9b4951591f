#!/usr/bin/env python3
"""Hard budgets under fire: `budget_test.py [REQUESTS KILLS [TASKS [SEED]]]`. Many callers on three nested
scopes, a provider that lies about money, callers that leave, SIGKILL in between: what the daemon says and
what it has written down must agree with a plain model, and with the provider's own book."""
import collections
import contextlib
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

import cases
from budget_history import check_answers, check_charges, check_samples, replay
from budget_world import GRANTS, Asked, Crowd, Sampler, World, pico, usd
from daemon import ControlError

arguments = [int(word) for word in sys.argv[1:]]
REQUESTS, KILLS, TASKS, SEED = (arguments + [300, 2, 20, 20261120][len(arguments):])[:4]


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
    found, alike = collections.Counter(), {"honest": True, "key": "one", "alike": True}
    for number, slowness in ((20, 0.15), (21, 2.6)):
        for provider in world.providers:
            provider.kinds, provider.slowness, provider.frugal = {"slow": 1}, (slowness, slowness), True
        held = min(one.least for one in iter(dealt(8, number, **alike), None))
        world.limits.set("key:one", world.ledger().get("key:one", 0) + 2 * held)
        crowd = Crowd(world, dealt(8, number, **alike), 8)
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
    assert found[0.15, 200] == 8 and found[2.6, 429] > 0 and found[2.6, 200] > 0, found
    print(f"        (seconds a request takes, status): {dict(found)}")


def wait_settled(limit=10.0):
    """Callers that have left are settled a moment later."""
    deadline = time.monotonic() + limit
    while any(row["running"] for row in world.daemon.control("/budgets/list")):
        assert time.monotonic() < deadline, world.daemon.control("/budgets/list")
        time.sleep(0.02)


if __name__ == "__main__":
    with contextlib.ExitStack() as everything:
        world = World(everything, SEED)
        sys.exit(cases.run("budget", cases.collect(globals())))
