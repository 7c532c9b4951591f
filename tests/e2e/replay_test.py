#!/usr/bin/env python3
"""Real requests over three providers, then `whatif` on what was decided: nothing moves under the
settings that held; under others as a second opinion, written apart from the daemon, has it."""
import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import sqlite3
import subprocess
import time

import cases
from daemon import Daemon, binary_dir
from provider import Handler, Provider

REQUESTS, AT_ONCE = 240, 6
PAUSE = {"fast": 0.0, "middle": 0.02, "cheap": 0.05}
PRICE = {"fast": 8, "middle": 4, "cheap": 1}  # USD a million tokens, in and out
FAST, CHEAP = {"latency": 1, "cost": 0, "quality": 0}, {"latency": 0, "cost": 1, "quality": 0}
HERE = "sk-box-{}-11111111111111"
QUICKEST = 4  # Times as quick as the best one known is what an unknown one is hoped to be.


class Paced(Handler):
    def play(self, record, operation, body):
        time.sleep(self.server.pause)
        return super().play(record, operation, body)


class World:
    def __init__(self):
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        self.daemon = self.stack.enter_context(Daemon())
        self.providers = {}
        for name, pause in PAUSE.items():
            provider = self.stack.enter_context(Provider(name=name, key=HERE.format(name)))
            provider.RequestHandlerClass, provider.pause = Paced, pause
            self.providers[name] = provider
            self.daemon.add_provider(name, provider.base, "openai-chat", key=provider.key)
            price = {"input": PRICE[name], "output": PRICE[name]}
            self.daemon.control("/models/price", {"model": f"{name}/m", "price": json.dumps(price)})
        self.daemon.control("/routes/candidates",
                            {"name": "auto", "models": [f"{name}/m" for name in PAUSE]})
        self.daemon.control("/routes/set", {"weights": ["latency=1", "cost=0", "quality=0"]})
        self.key, self.asked = self.daemon.create_key("ci"), 0
        return self

    def __exit__(self, *what):
        return self.stack.__exit__(*what)

    def ask(self, session=None):
        words = "w " * 4000 if session else "hi"  # what is short has no cache to stay for
        body = {"model": "auto", "messages": [{"role": "user", "content": words}]}
        if session:
            body["prompt_cache_key"] = session
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("POST", "/v1/chat/completions", json.dumps(body), {
                "Content-Type": "application/json", "Authorization": f"Bearer {self.key}"})
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def play(self, count, sessions=()):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            asked = [pool.submit(self.ask, sessions[i % len(sessions)] if sessions else None)
                     for i in range(count)]
            assert all(one.result() == 200 for one in asked)
        self.asked += count
        self.daemon.wait_traces(self.asked)

    def decisions(self):
        """Of every request in the order they came: who served, what it cost, the decision's text."""
        with contextlib.closing(sqlite3.connect(f"file:{self.daemon.database}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT id, time, provider, cost, routing FROM traces ORDER BY time, sequence")
            return [Past(*row) for row in rows]

    def whatif(self, *words):
        return json.loads(self.cli("whatif", *words, "--json"))

    def cli(self, *words):
        done = subprocess.run([binary_dir() / "routerone", *words], capture_output=True, text=True,
                              env={**os.environ, "ROUTERONE_HOME": str(self.daemon.home)}, check=False)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout


class Past:
    def __init__(self, trace, at, provider, cost, routing):
        self.id, self.at, self.provider, self.cost = trace, at, provider, cost
        told = json.loads(routing)
        self.dice, self.sticky, self.candidates = told["d"], told.get("s"), []
        before = None
        for entry in told["c"]:
            names = [before[i] if word == 0 else word for i, word in enumerate(entry[:4])]
            before = names
            self.candidates.append(Candidate(names, *entry[4:13]))

    def expected(self, provider):
        return next(one.dollars for one in self.candidates if one.provider == provider)


class Candidate:
    def __init__(self, names, tier, flags, seconds, dollars, quality, failed, headroom, busy, share):
        self.provider, self.name, self.tier = names[0], f"{names[0]}/{names[3]}", tier
        self.out, self.trial, self.reserve = bool(flags & 1), bool(flags & 2), bool(flags & 4)
        self.seconds, self.dollars, self.quality = seconds, dollars, quality
        self.failed, self.headroom, self.busy, self.share = failed, headroom, busy, share


class Dice:
    """As documented: a 64-bit linear congruence, of which the upper half counts."""

    def __init__(self, seed):
        self.state = seed

    def roll(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) / 2**31

    def draw(self, among, chance):
        ticket = self.roll() * sum(chance(one) for one in among)
        for one in among[:-1]:
            if ticket < chance(one):
                return one
            ticket -= chance(one)
        return among[-1]


def terms(candidates, value, least):
    known = sorted(max(value(one), least) for one in candidates if value(one) is not None and not one.reserve)
    known = known or sorted(max(value(one), least) for one in candidates if value(one) is not None)
    if not known:
        return [1.0] * len(candidates)
    instead = known[len(known) // 2]
    return [min(known[0] / max(instead if value(one) is None else value(one), least), 1.0)
            for one in candidates]


def second_opinion(past, weights, without=()):
    """Who would be asked first; of one tier, as here."""
    here = [one for one in past.candidates if one.provider not in without]
    if not here:
        return None
    latency, cost = terms(here, lambda one: one.seconds, 1e-3), terms(here, lambda one: one.dollars, 1e-9)
    total, health, sure = {}, {}, {}
    for i, one in enumerate(here):
        health[one] = (1 - one.failed) * min(one.headroom / 0.1, 1.0)
        quality = 0.5 if one.quality is None else one.quality
        total[one] = health[one] * (weights["latency"] * latency[i] + weights["cost"] * cost[i] +
                                    weights["quality"] * quality)
        sure[one] = weights["cost"] * cost[i] + weights["quality"] * quality
    order = sorted(here, key=lambda one: (one.reserve, -total[one]))
    dice = Dice(past.dice)
    best = order[0]
    equal = [one for one in order if one.reserve == best.reserve and total[one] >= total[best] * 0.97]
    rest = [one for one in order if one not in equal]
    chance = lambda one: max(one.share, 0) / (1 + one.busy)
    drawn = []
    while equal:
        drawn.append(dice.draw(equal, chance))
        equal.remove(drawn[-1])
    order = drawn + rest
    keeper = [one for one in here if one.name == past.sticky and not one.out and not one.reserve]
    overtaken = health[order[0]] * (weights["latency"] / QUICKEST + sure[order[0]])
    waiting = [one for one in order if one.trial and not one.reserve and one is not order[0]
               and weights["latency"] + sure[one] >= overtaken]
    if keeper:
        return keeper[0]
    if waiting and dice.roll() < 0.05:
        return dice.draw(waiting, lambda one: 8.0 if total[one] > total[order[0]] * health[one] else 1.0)
    return next(one for one in order if not one.out)


def moves_of(answer):
    return {(move["from"], move["to"]): move["requests"] for move in answer["moves"]}


def expected_moves(world, weights, without=()):
    moves = collections.Counter()
    for past in world.decisions():
        first = second_opinion(past, weights, without)
        if first is not None and first.provider != past.provider:
            moves[f"{past.provider}/m", first.name] += 1
    return moves


def main():
    with World() as world:
        def test_under_the_settings_that_held_nothing_moves():
            world.play(REQUESTS)
            answer = world.whatif()
            assert answer["requests"] == answer["unchanged"] == REQUESTS, answer
            assert answer["moves"] == [] and answer["cost"]["change_picousd"] == 0, answer
            served = collections.Counter(past.provider for past in world.decisions())
            assert served["fast"] > REQUESTS * 0.8 and len(served) == 3, served

        def test_the_second_opinion_has_the_choices_that_were_made():
            for past in world.decisions():
                assert second_opinion(past, FAST).provider == past.provider, vars(past)

        def test_under_other_weights_requests_move_as_the_second_opinion_has_it():
            answer = world.whatif("--weights", "cost=1")
            expected = expected_moves(world, CHEAP)
            assert moves_of(answer) == expected, (answer["moves"], expected)
            assert sum(expected.values()) > REQUESTS / 2, expected
            change = sum(round(past.cost * first.dollars / past.expected(past.provider)) - past.cost
                         for past in world.decisions()
                         if (first := second_opinion(past, CHEAP)).provider != past.provider)
            assert answer["cost"]["change_picousd"] == change < 0, (answer["cost"], change)
            assert answer["latency"]["change_ms"] > 0, answer["latency"]

        def test_without_a_provider_its_requests_go_where_they_would_have_gone():
            for name in PAUSE:
                answer = world.whatif("--without", name)
                assert moves_of(answer) == expected_moves(world, FAST, (name,)), answer
            answer = world.whatif("--without", "fast,middle", "--without", "cheap")
            assert answer["nobody_left"] == REQUESTS, answer

        def test_a_limit_refuses_what_would_not_have_fitted():
            costs = [past.cost for past in world.decisions()]
            limit, spent, refused = sum(costs) // 3, 0, 0
            for cost in costs:
                if spent + cost > limit:
                    refused += 1
                else:
                    spent += cost
            usd = f"{limit // 10**12}.{limit % 10**12:012d}"
            answer = world.whatif("--limit", f"key:ci={usd}", "--limit", f"wallet={sum(costs)/1e12:.12f}")
            assert answer["refused"]["limits"][0]["refused"] == refused > 0, (answer, refused)
            assert answer["refused"]["limits"][1]["refused"] == 0, answer

        def test_filters_choose_what_is_replayed():
            served = collections.Counter(past.provider for past in world.decisions())
            assert world.whatif("provider=fast")["requests"] == served["fast"]
            assert world.whatif("key=nobody")["requests"] == 0

        def test_sessions_and_fallbacks_are_reproduced_too():
            world.play(40, sessions=[f"s-{i}" for i in range(8)])
            world.providers["fast"].outage = 500
            world.play(20)
            world.providers["fast"].outage = None
            time.sleep(1.2)
            world.play(20)
            answer = world.whatif()
            assert answer["unchanged"] == answer["requests"] == world.asked, answer
            assert any(past.sticky for past in world.decisions())
            assert world.daemon.traces("provider!=fast", "state=completed")
            failed = [one for one in world.daemon.traces() if len(one["attempts"]) > 1]
            assert failed, "nothing fell back"

        def test_why_and_show_say_of_each_what_it_was():
            for trace in world.daemon.traces(limit=30):
                why = world.cli("why", trace["id"])
                assert f"auto was asked for, and {trace['model']} at {trace['provider']} served it" in why
                assert " was chosen" in why or " was drawn by lot" in why or "Only " in why, why
                assert ("But " in why) == (len(trace["attempts"]) > 1), why
                shown = json.loads(world.cli("traces", "show", trace["id"], "--json"))
                assert len(shown["routing"]["candidates"]) == 3, shown["routing"]
                assert shown["routing"]["weights"]["latency"] == 1, shown["routing"]
                assert "fast/m" in world.cli("traces", "show", trace["id"])

        def test_what_nobody_served_is_told_and_not_counted_as_moved():
            for provider in world.providers.values():
                provider.outage = 500
            assert world.ask() == 503
            world.asked += 1
            for provider in world.providers.values():
                provider.outage = None
            last = world.daemon.wait_traces(world.asked)[0]
            why = world.cli("why", last["id"])
            assert why.startswith("auto was asked for, and nobody served it."), why
            assert "It failed: " in why and "(status 500)" in why, why
            answer = world.whatif(f"id={last['id']}")
            assert answer["requests"] == answer["unchanged"] == 1, answer
            answer = world.whatif(f"id={last['id']}", "--without", last["attempts"][0]["provider"])
            assert answer["not_judged"]["failed"] == 1, answer

        def test_a_restart_changes_nothing_of_what_was_decided():
            before = world.whatif("--weights", "balanced")
            world.daemon.restart()
            after = world.whatif("--weights", "balanced")
            assert {**before} == {**after}, (before, after)

        return cases.run("replay", cases.collect(locals()))


if __name__ == "__main__":
    raise SystemExit(main())
