"""The scenarios of translation_facts, and what they mean apart from any dialect.

A file of facts says what a caller asks for (`ask`), what the provider answers (`answer`, in the pieces
in which it streams it), and what the caller is therefore told: the same text, thinking, calls and
usage, and why the answer ended in its dialect's words (`stop`). `except` says what differs for some
callers or providers and why, `skip` what does not exist there, `sent` what the provider must find in
the request beside the conversation."""
import dataclasses
import decimal
import json
import pathlib
import re
import tomllib

FOLDER = pathlib.Path(__file__).parent / "translation_facts"
CHAT, RESPONSES, MESSAGES, GEMINI = DIALECTS = ("openai-chat", "openai-responses", "anthropic", "gemini")
MEDIA = {
    "dot.png": ("image/png", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU"
                             "5ErkJggg=="),
    "dot.gif": ("image/gif", "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
    "page.pdf": ("application/pdf", "JVBERi0xLjQKJSVFT0YK"),
}
BUCKETS = ("input", "cache_read", "cache_write", "output", "thinking")


@dataclasses.dataclass
class Told:
    """What a caller is told."""
    text: str = ""
    thinking: str = ""
    refusal: str = ""
    calls: list = dataclasses.field(default_factory=list)  # (name, arguments as JSON text, or bare text)
    order: list | None = None  # of kinds; None: one of the dialects has no order between them
    stop: str = ""
    usage: dict | None = None
    raw_usage: dict | None = None


class Scenario:
    def __init__(self, file):
        self.name = file.stem
        facts = self.facts = tomllib.loads(file.read_text())
        self.says, self.ask, self.answer = facts["says"], facts["ask"], facts["answer"]
        self.again, self.cut = facts.get("again", False), facts.get("cut", False)
        self.fails_after = facts.get("fails_after")
        self.unsaid_usage = facts.get("unsaid_usage", False)
        self.stop = facts["stop"]

    def usage(self):
        return {bucket: self.facts.get("usage", {}).get(bucket, 0) for bucket in BUCKETS}

    def skipped(self, caller, provider, stream):
        """Why this does not exist, or None."""
        if self.facts.get("streams_only") and not stream:
            return "only streams can be like this"
        if not matches(self.facts.get("only", {}), caller, provider):
            return "of another provider"
        if self.facts.get("only") and caller == provider:
            return "passed on as it is"
        return next((one["why"] for one in self.facts.get("skip", [])
                     if matches(one, caller, provider)), None)

    def model(self, provider, usual):
        return self.facts.get("model", {}).get(provider, usual)

    def cap(self, caller):
        return self.facts.get("own_cap", {}).get(caller, self.ask["cap"])

    def sent(self, caller, provider):
        """What the provider must find beside the conversation; "cap" is the caller's."""
        def fill(pattern):
            if isinstance(pattern, dict):
                return {name: fill(each) for name, each in pattern.items()}
            return self.cap(caller) if pattern == "cap" else pattern
        if any(one.get("unsaid") and matches(one, caller, provider) for one in self.facts.get("except", [])):
            return {}
        return fill(self.facts.get("sent", {}).get(provider, {}))

    def turns(self):
        return canonical([
            *[("system", [("text", text)]) for text in [self.ask.get("system")] if text],
            *[turn_of(turn) for turn in self.ask["turns"]]])

    def told(self, caller, provider):
        told = Told(stop=self.stop[caller], usage=self.usage(),
                    raw_usage=self.facts.get("raw_usage", {}).get(caller))
        for part in self.answer:
            for kind in ("text", "thinking", "refusal"):
                said = "".join(part.get(kind, [])) * part.get("times", 1)
                setattr(told, kind, getattr(told, kind) + said)
            if "cut" in part:
                told.text = part["cut"]["text"]
            if "call" in part:
                told.calls.append((part.get("told_name", part["name"]),
                                   part.get("input", "".join(part["arguments"]))))
        if CHAT not in (caller, provider):
            told.order = order_of(kind_of(part) for part in self.answer)
        if caller == GEMINI:  # it has no word for what is written to a cache
            told.usage["input"] += told.usage["cache_write"]
            told.usage["cache_write"] = 0
        for one in self.facts.get("except", []):
            if matches(one, caller, provider):
                told.stop = one.get("stop", told.stop)
                told.refusal = one.get("refusal", told.refusal)
                told.usage.update(one.get("usage", {}))
                told.raw_usage = told.raw_usage if one.get("raw_usage", True) else None
        if self.unsaid_usage or "said" in self.facts:
            told.usage = None
        return told


def matches(rule, caller, provider):
    return rule.get("caller", caller) == caller and rule.get("provider", provider) == provider


def kind_of(part):
    if "thinking" in part:
        return "thinking" if part["thinking"] else None
    return "call" if "call" in part else "text" if "text" in part else None


def order_of(kinds):
    """Neighbouring pieces of text, or of thinking, are one."""
    out = []
    for kind in kinds:
        if kind and (kind == "call" or out[-1:] != [kind]):
            out.append(kind)
    return out


def turn_of(turn):
    if "system" in turn:
        return "system", [("text", turn["system"])]
    if "results" in turn:
        return "user", [("result", one["call"], [part_of(part) for part in one["content"]])
                        for one in turn["results"]]
    role = "user" if "user" in turn else "assistant"
    return role, [part_of(part) for part in turn[role]]


def part_of(part):
    if isinstance(part, str):
        return ("text", part)
    if "call" in part:
        return ("call", part["call"], part["name"], ordered(part["arguments"]))
    kind = "image" if "image" in part else "document"
    return (kind, *MEDIA[part[kind]])


def canonical(turns):
    """Neighbours of one role are one turn, neighbouring texts one text; calls are numbered in the
    order in which they are made, and results stand in that order before all else of their turn.
    Later instructions are part of the user's turn that they come before."""
    merged = []
    for role, parts in turns:
        if role == "user" and merged and merged[-1][0] == "system" and len(merged) > 1:
            role, parts = "user", [*merged.pop()[1], *parts]
        if merged and merged[-1][0] == role:
            merged[-1][1].extend(parts)
        else:
            merged.append((role, list(parts)))
    numbers, out = {}, []
    for role, parts in merged:
        calls = [part for part in parts if part[0] == "call"]
        for call in calls:
            numbers.setdefault(call[1], len(numbers))
        results = sorted((("result", numbers.get(part[1], -1), join_texts(part[2]))
                          for part in parts if part[0] == "result"), key=lambda part: part[1])
        rest = [("call", numbers[part[1]], *part[2:]) if part[0] == "call" else part
                for part in parts if part[0] != "result"]
        out.append((role, results + join_texts(rest)))
    return out


def join_texts(parts):
    out = []
    for part in parts:
        if part[0] == "text" and out and out[-1][0] == "text":
            out[-1] = ("text", out[-1][1] + "\n" + part[1])
        else:
            out.append(part)
    return [("text", one_text(part[1])) if part[0] == "text" else part for part in out]


def one_text(text):
    """Without blank lines, and without the marks of instructions that stand in a user's turn."""
    return re.sub(r"\n+", "\n", re.sub("</?system-reminder>", "", text)).strip()


def ordered(text):
    """JSON with the order of its members and all digits of its numbers."""
    return json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs),
                      parse_int=decimal.Decimal, parse_float=decimal.Decimal)


def load():
    files = sorted(FOLDER.glob("*.toml"))
    return [Scenario(file) for file in files if file.stem != "provider_errors"]


def load_errors():
    return tomllib.loads((FOLDER / "provider_errors.toml").read_text())["error"]


class Raw(str):
    """JSON that stands in an answer as it is."""


def dump(value):
    raws = []

    def mark(value):
        if isinstance(value, Raw):
            raws.append(str(value))
            return f"\ue000{len(raws) - 1}\ue000"
        if isinstance(value, dict):
            return {name: mark(each) for name, each in value.items()}
        return [mark(each) for each in value] if isinstance(value, (list, tuple)) else value
    text = json.dumps(mark(value), ensure_ascii=False)
    return re.sub("\"\ue000(\\d+)\ue000\"", lambda found: raws[int(found[1])], text)


def pieces(part, kind):
    return part[kind] * part.get("times", 1)


def contains(whole, pattern, path=""):
    """Where `whole` lacks something of `pattern`; a sentence each."""
    if isinstance(pattern, dict):
        if not isinstance(whole, dict):
            yield f"{path or 'body'} is {whole!r}, not an object with {sorted(pattern)}"
            return
        for name, each in pattern.items():
            if name not in whole:
                yield f"{path}.{name} is missing"
            else:
                yield from contains(whole[name], each, f"{path}.{name}")
    elif whole != pattern:
        yield f"{path} is {whole!r} instead of {pattern!r}"
