#!/usr/bin/env python3
"""Requests that say one thing to us and another to the provider: names twice, escaped, in another case, caps
in two places, tools and media that cost what no cap bounds. What a provider could charge for what reaches
it, however its parser reads it, is never more than what was held."""
import contextlib
import itertools
import json
import sys

import cases
from daemon import Daemon
from lying_provider import picousd
from raw_caller import DIALECTS, Caller
from tcp_provider import TcpProvider, good_answer

PRICE = {"input": "2", "output": "10", "cache_read": "0.2", "cache_write": "2.5", "web_search_per_1k": "10"}
CAPS = {"openai-chat": ("max_tokens", "max_completion_tokens"), "openai-responses": ("max_output_tokens",),
        "anthropic": ("max_tokens",)}
MOST = 128_000  # output tokens of a model whose request has no cap
LOTS = 100_000
UNBOUND = 10**15  # picodollars: what a tool without a bound could cost


def without_case(name):
    """As Go's reader compares names: also the long s and the Kelvin sign are letters of them."""
    return name.casefold()


def parsers():
    """The ways in which real providers read an object."""
    for last, fold in itertools.product((False, True), (str, without_case)):
        def make(pairs, last=last, fold=fold):
            found = {}
            for name, value in pairs:
                if last or fold(name) not in found:
                    found[fold(name)] = value
            return found
        yield make


def number(value, default):
    """A lenient reader's whole number. Nothing at all is what many take 0 for: Go's `omitempty`, Ollama."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return default
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        return min(int(min(value, 1e18)), 10**12)
    return default


def tool_cost(wish, dialect):
    """Of what runs at the provider."""
    cost = UNBOUND if wish.get("background") or wish.get("models") or wish.get("plugins") else 0
    if wish.get("web_search_options") is not None or wish.get("mcp_servers"):
        cost += UNBOUND
    for tool in wish.get("tools") or []:
        kind = str(tool.get("type", "")) if isinstance(tool, dict) else ""
        if not kind or kind in ("function", "custom"):
            continue
        uses = tool.get("max_uses") if dialect == "anthropic" and kind.startswith("web_search") else None
        cost += number(uses, 0) * 10 * 10**9 if number(uses, 0) else UNBOUND
    for part in ("previous_response_id", "conversation", "prompt"):
        if wish.get(part):
            cost += UNBOUND
    return cost


def could_charge(body, dialect):
    """The most that any provider may make of these bytes."""
    most = 0
    for parser in parsers():
        try:
            wish = json.loads(body.decode(errors="replace"), object_pairs_hook=parser)
        except (ValueError, RecursionError):
            continue
        caps = [number(wish.get(name), None) for name in CAPS[dialect]]
        cap = max((cap for cap in caps if cap is not None), default=MOST)
        if dialect == "anthropic" and wish.get("max_tokens") == 0:
            cap = 0  # must be there: none of its providers takes it for absent
        choices = min(number(wish.get("n"), 1), 10**6) if dialect == "openai-chat" else 1
        dear = max(picousd(PRICE[name]) for name in ("input", "cache_read", "cache_write"))
        most = max(most, len(body) * dear + cap * choices * picousd(PRICE["output"])
                   + tool_cost(wish, dialect))
    return most


class World:
    def __init__(self, stack):
        self.provider = stack.enter_context(TcpProvider(self._script))
        self.daemon = stack.enter_context(Daemon())
        self.dialect, self.served, self.refused, self.slips = None, 0, 0, []
        for dialect in DIALECTS:
            name = f"box-{dialect}"
            self.daemon.add_provider(name, self.provider.base, dialect)
            self.daemon.control("/models/price", {"model": f"{name}/m", "price": json.dumps(PRICE)})
            self.daemon.control("/models/price", {"model": f"{name}/dear", "price": json.dumps(
                {name: str(float(rate) * 100) for name, rate in PRICE.items()})})
        self.key = self.daemon.create_key("k", max_spend="1000")

    def _script(self, connection):
        while request := connection.read_request():
            connection.send(good_answer(self.dialect, False))

    def check(self):
        """After each case: nothing has slipped a limit."""
        slips, self.slips = self.slips, []
        assert not slips, "\n".join(slips)

    def try_it(self, dialect, body):
        """Looks whether what must hold for any bytes does; the status."""
        self.dialect = dialect
        self.provider.requests.clear()
        caller = Caller(self.daemon, self.key)
        caller.send(dialect, body)
        answer = caller.read()
        caller.close()
        came = [request.partition(b"\r\n\r\n")[2] for request in self.provider.requests]
        if not came:
            assert 400 <= answer.status < 500, (body[:300], answer.status, answer.body)
            self.refused += 1
            return answer.status
        self.served += 1
        assert len(came) == 1
        row = self.daemon.control("/traces/show", {"name": answer.fields["x-request-id"]})
        due = could_charge(came[0], dialect)
        assert row["reserved_picousd"] is not None, (body[:300], row)
        if due > row["reserved_picousd"]:
            self.slips.append(f"{came[0][:500]} could cost {due}, held are {row['reserved_picousd']}")
        return answer.status


world = None


def base(dialect):
    """The members that every request has, as text."""
    start = f'"model":"box-{dialect}/m"'
    return start + (',"input":"hi"' if dialect == "openai-responses" else
                    ',"messages":[{"role":"user","content":"hi"}]')


def with_members(dialect, *members):
    return ("{" + ",".join((base(dialect), *members)) + "}").encode()


def escaped(name, at):
    return f"{name[:at]}\\u{ord(name[at]):04x}{name[at + 1:]}"


def spellings(name):
    """Other ways to write a name: some readers take them for it, others do not."""
    yield name
    yield from (escaped(name, at) for at in (0, len(name) // 2, len(name) - 1))
    yield from (name.upper(), name.title(), name.capitalize(), name[:-1] + name[-1].upper())
    yield name.replace("s", "\u017f").replace("k", "\u212a")
    yield name.replace("k", "\\u212a")
    yield from (name + " ", " " + name, name + "\\u0000", name.replace("_", "-"))


VALUES = ("16", str(LOTS), '"16"', f'"{LOTS}"', "1e5", "1E+05", "16.0", "16.5", "-1", "0", "null", "true",
          "[]", "{}", "9223372036854775807", "9223372036854775808", "1e300", "-0", "[100000]")


def test_caps():
    """caps: each value, alone, twice, in other spellings and under two names, in both orders"""
    for dialect in DIALECTS:
        names = CAPS[dialect]
        assert world.try_it(dialect, with_members(dialect, f'"{names[0]}":16')) == 200
        for value in VALUES:
            world.try_it(dialect, with_members(dialect, f'"{names[0]}":{value}'))
        for first, second in itertools.permutations((f'"{names[0]}":16', f'"{names[0]}":{LOTS}')):
            assert world.try_it(dialect, with_members(dialect, first, second)) == 400
        for name in {spelling for one in names for spelling in spellings(one)}:
            for big, small in itertools.product((f'"{name}":{LOTS}', f'"{name}":"{LOTS}"'),
                                                (None, f'"{names[0]}":16')):
                for members in itertools.permutations([m for m in (big, small) if m]):
                    world.try_it(dialect, with_members(dialect, *members))


def test_choices():
    """choices: n in every value, twice and in other spellings multiplies what is held, or is refused"""
    for value in (*VALUES, "8", "128"):
        world.try_it("openai-chat", with_members("openai-chat", '"max_tokens":16', f'"n":{value}'))
    for name in ("n", "N", "\\u006e", "\\u004e"):
        for other in ("n", "N"):
            world.try_it("openai-chat", with_members("openai-chat", '"max_tokens":16', f'"{other}":1',
                                                     f'"{name}":50'))
            world.try_it("openai-chat", with_members("openai-chat", '"max_tokens":16', f'"{name}":50',
                                                     f'"{other}":1'))


def test_model_twice():
    """a dearer model cannot hide behind a cheap one of the same request"""
    for dialect in DIALECTS:
        dear = f"box-{dialect}/dear"
        for name in spellings("model"):
            for members in ((f'"{name}":"{dear}"', base(dialect)), (base(dialect), f'"{name}":"{dear}"')):
                body = ("{" + ",".join((*members, f'"{CAPS[dialect][0]}":16')) + "}").encode()
                world.try_it(dialect, body)
                for request in world.provider.requests:
                    for parser in parsers():
                        wish = json.loads(request.partition(b"\r\n\r\n")[2], object_pairs_hook=parser)
                        assert wish.get("model") in ("m", None), (body, wish)


def test_tools():
    """tools that run at the provider are held with all their uses, or refused"""
    tools = {"openai-chat": ['{"type":"web_search"}', '{"type":"code_interpreter"}', '{"type":"x"}',
                             '{"typ\\u0065":"web_search"}', '{"type":"function","type":"web_search"}',
                             '{"type":"function","Type":"web_search","function":{"name":"f"}}'],
             "openai-responses": ['{"type":"web_search"}', '{"type":"web_search_preview"}',
                                  '{"type":"file_search","vector_store_ids":["v"]}',
                                  '{"type":"code_interpreter","container":{"type":"auto"}}',
                                  '{"type":"mcp","server_url":"https://x.example"}',
                                  '{"type":"image_generation"}', '{"type":"computer_use_preview"}',
                                  '{"TYPE":"web_search"}', '{"type":"function","type":"web_search"}'],
             "anthropic": ['{"type":"web_search_20250305","name":"web_search"}',
                           '{"type":"web_search_20250305","name":"web_search","max_uses":3}',
                           '{"type":"web_search_20250305","name":"web_search","max_uses":3,"max_uses":9000}',
                           '{"type":"web_search_20250305","name":"web_search","Max_uses":9000,"max_uses":1}',
                           '{"type":"web_search_20250305","name":"web_search","max_uses":"5"}',
                           '{"type":"web_search_20250305","name":"web_search","max_uses":1e9}',
                           '{"type":"code_execution_20250522","name":"code_execution"}',
                           '{"type":"web_fetch_20250910","name":"web_fetch","max_uses":2}']}
    others = {"openai-chat": ['"web_search_options":{}', '"models":["dear"]', '"plugins":[{"id":"web"}]',
                              '"web_search\\u005foptions":{}', '"background":true'],
              "openai-responses": ['"background":true', '"back\\u0067round":true', '"Background":true',
                                   '"background":false,"background":true',
                                   '"previous_response_id":"resp_1"', '"conversation":"conv_1"',
                                   '"prompt":{"id":"pmpt_1"}', '"max_tool_calls":3'],
              "anthropic": ['"mcp_servers":[{"type":"url","url":"https://x.example","name":"x"}]',
                            '"container":"c_1"', '"speed":"fast"', '"service_tier":"auto"']}
    for dialect in DIALECTS:
        cap = f'"{CAPS[dialect][0]}":16'
        for tool in tools[dialect]:
            world.try_it(dialect, with_members(dialect, cap, f'"tools":[{tool}]'))
            world.try_it(dialect, with_members(dialect, cap, f'"t\\u006fols":[{tool}]'))
            world.try_it(dialect, with_members(dialect, cap, f'"tools":[],"tools":[{tool}]'))
            world.try_it(dialect, with_members(dialect, cap, f'"tools":[],"Tools":[{tool}]'))
        for member in others[dialect]:
            world.try_it(dialect, with_members(dialect, cap, member))


def test_frames():
    """what stands around the request, or is no JSON, is refused or held like any other"""
    for dialect in DIALECTS:
        cap = f'"{CAPS[dialect][0]}":16'
        plain = with_members(dialect, cap)
        more = with_members(dialect, f'"{CAPS[dialect][0]}":{LOTS}')
        deep = b'{"a":' * 3000 + b"1" + b"}" * 3000
        for body in (plain + more, plain + b"\n" + more, b"\xef\xbb\xbf" + more, b"[" + more + b"]",
                     more + b"\x00", b"\x00" + plain, more[:-1], plain[:-1] + b",}", b"//\n" + plain,
                     plain.replace(b'"', b"'"), b" " * 5000 + plain + b" " * 5000,
                     plain[:-1] + b',"x":' + deep + b"}", plain[:-1] + b',"tools":' + deep + b"}",
                     plain[:-1] + b',"x":"\xff\xfe"}', plain[:-1] + b',"x":NaN}',
                     plain[:-1] + b',"extra_body":{"max_tokens":100000,"n":50}}',
                     b"\f" + plain, plain.replace(b",", b",\x0b"), more.replace(b'"hi"', b'"\\ud800"')):
            world.try_it(dialect, body)


def test_figures():
    """none of it was let through by chance: some were served, most were refused"""
    print(f"        {world.served} served within what was held, {world.refused} refused")
    assert world.served > 50 and world.refused > 200
    for row in world.daemon.control("/budgets/list"):
        assert row["running"] == 0 and row["reserved_usd"] == "0.000000", row


if __name__ == "__main__":
    with contextlib.ExitStack() as everything:
        world = World(everything)
        sys.exit(cases.run("envelope", cases.collect(globals()), world.check))
