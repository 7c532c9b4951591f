"""What the history of a budget test must say: the answers, the rows and the provider's own book against each
other, and all of it against the model."""
import collections
import re

from budget_model import Model
from budget_world import FEWEST, HELD, SLACK, USED_UP, pico, scopes_of
from lying_provider import HONEST


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
            model.refuse(asked.tag, scope, pico(limit), pico(cost))
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
