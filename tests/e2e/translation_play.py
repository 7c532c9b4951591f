"""Plays one cell: a scenario or an error, asked by a client of one dialect of a provider of another."""
import dataclasses
import json
import zlib

from daemon import ControlError, Daemon
from dialect_providers import DialectProvider, KEY
from scenario import CHAT, DIALECTS, GEMINI, MESSAGES, RESPONSES, load, ordered
from stream_checks import CHECKS

SHORT = {CHAT: "chat", RESPONSES: "responses", MESSAGES: "messages", GEMINI: "gemini"}
HIGHEST = 1 << 63


@dataclasses.dataclass
class Raised:
    """What a client raised. `kinds`: the names of the error's classes, the nearest first."""
    kinds: list
    status: int | None
    message: str
    headers: dict


class Stage:
    """A daemon, and a provider a dialect."""

    def __init__(self, stack):
        self.daemon = stack.enter_context(Daemon())
        self.key = self.daemon.create_key("translation")
        self.providers, self.missing = {}, {}
        for dialect in DIALECTS:
            provider = stack.enter_context(DialectProvider(dialect))
            try:
                self.add(provider, SHORT[dialect])
                self.providers[dialect] = provider
            except ControlError as error:
                self.missing[dialect] = str(error)

    def add(self, provider, name):
        self.daemon.add_provider(name, provider.base, provider.dialect, provider.auth, KEY)


def play(client, upstream, scenario, stream):
    caller, provider = client.dialect, upstream.dialect
    seed = zlib.crc32(f"{scenario.name}{caller}{provider}".encode())
    upstream.play(scenario, caller, seed, client.keeps_thinking)
    model = f"{SHORT[provider]}/{scenario.model(provider, upstream.speaks.MODEL)}"
    if scenario.cut or scenario.fails_after is not None:
        return play_failure(scenario, client, upstream, model, stream)
    try:
        seen, asked = client.ask(scenario, model, stream)
        check(scenario, client, provider, stream, seen, model)
        if scenario.again:
            asked = client.again(asked, seen, scenario.facts["result"])
            seen = (client.streamed if stream else client.whole)(asked)
            check(scenario, client, provider, stream, seen, model)
            assert len(upstream.bodies) == 2, "the provider was not asked twice"
    finally:
        assert not upstream.problems, "the provider would have refused:\n" + "\n".join(upstream.problems)
    return None


def check(scenario, client, provider, stream, seen, model):
    caller = client.dialect
    told = client.heard(scenario.told(caller, provider), scenario, provider)
    said, _ = client.received
    about = f"\nof these bytes:\n{said.decode(errors='replace')[-6000:]}"
    for name in ("text", "thinking", "refusal", "stop"):
        got, due = getattr(seen, name), getattr(told, name)
        assert got == due, f"{name}: {got!r} instead of {due!r}{about}"
    assert told.order is None or seen.order == told.order, f"order: {seen.order} instead of {told.order}{about}"
    check_calls(scenario, caller, provider, seen, told, about)
    check_usage(seen, told, about)
    if caller != provider:
        check_numbers(seen.raw_usage, about)
        assert seen.model == model, f"model: {seen.model!r} instead of {model!r}"
    if stream and (caller != provider or "said" not in scenario.facts):
        try:
            CHECKS[caller](said)
        except AssertionError as error:
            raise AssertionError(f"not a legal stream: {error}{about}") from error


def check_calls(scenario, caller, provider, seen, told, about):
    due = [part for part in scenario.answer if "call" in part]
    assert [name for _, name, _ in seen.calls] == [name for name, _ in told.calls], f"calls: {seen.calls}{about}"
    for (call, _, arguments), part, (_, wanted) in zip(seen.calls, due, told.calls):
        assert provider == GEMINI or call == part["call"], f"call id {call!r} instead of {part['call']!r}{about}"
        if "input" in part:
            assert arguments == wanted, f"{arguments!r} instead of {wanted!r}{about}"
        elif part.get("partial"):
            assert not isinstance(arguments, str) or arguments == wanted, f"{arguments!r}{about}"
        elif isinstance(arguments, str):
            passed_on = part.get("nothing") and not arguments and caller == provider
            assert passed_on or ordered(arguments) == ordered(wanted), f"{arguments} instead of {wanted}{about}"
        else:
            assert arguments == json.loads(wanted), f"{arguments} instead of {wanted}{about}"


def check_usage(seen, told, about):
    if told.usage is not None:
        assert seen.usage == told.usage, f"usage: {seen.usage} instead of {told.usage}{about}"
    for name, value in (told.raw_usage or {}).items():
        got = seen.raw_usage.get(name)
        same = value.items() <= (got or {}).items() if isinstance(value, dict) else got == value
        assert same, f"usage.{name}: {got!r} instead of {value!r}{about}"


def check_numbers(usage, about):
    for name, number in numbers_of(usage):
        assert 0 <= number < HIGHEST, f"usage.{name} is {number}{about}"


def numbers_of(usage):
    for name, value in usage.items():
        if isinstance(value, dict):
            yield from numbers_of(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield name, value


def play_failure(scenario, client, upstream, model, stream):
    """Nothing looks like success: the client raises, and what it saw before is a beginning of the truth."""
    try:
        seen, _ = client.ask(scenario, model, stream)
    except client.errors as error:
        if is_untranslated(error):
            raise
        status = client.status
        assert scenario.fails_after != 0 or status in (503, 529), f"{type(error)} with {status}"
        assert status >= 500 or stream, error
    else:
        raise AssertionError(f"a failed answer came out as {seen}")
    assert not upstream.problems, upstream.problems
    if stream and scenario.fails_after != 0 and client.dialect != upstream.dialect:
        CHECKS[client.dialect](client.received[0], ended=False)


def play_error(stage, client, upstream, error, stream):
    """`error` of provider_errors, at a provider that fails for the first time."""
    caller, provider = client.dialect, upstream.dialect
    name = f"e{error.get('name', error['status'])}-{client.name}-{SHORT[provider]}-{'s' if stream else 'w'}"
    stage.add(upstream, name)
    words = error.get("message") or error["says"][provider]
    upstream.fail(error["status"], words, error.get("retry_after"), error.get("code"))
    scenario = next(one for one in load() if one.name == "plain")
    try:
        seen, _ = client.ask(scenario, f"{name}/{scenario.model(provider, upstream.speaks.MODEL)}", stream)
    except client.errors as thrown:
        if is_untranslated(thrown):
            raise
        check_raised(client, client.raised(thrown), error)
    else:
        raise AssertionError(f"an error came out as {seen}")
    assert not upstream.problems, upstream.problems


def check_raised(client, raised, error):
    caller, kinds = client.dialect, error["raises"]
    kind = client.kind_of(kinds if isinstance(kinds, str) else kinds.get(caller, kinds["others"]))
    assert kind in raised.kinds, f"{raised} instead of {kind}"
    due, message = error["told"][caller], raised.message
    assert raised.status == due, f"status {raised.status} instead of {due}: {message}"
    assert not error.get("passed_on") or error["message"] in message, message
    hears = error.get("hears", {}).get(caller, "")
    assert hears in message, f"{message!r} does not say {hears!r}"
    if "retry_after" in error:
        assert raised.headers["retry-after"] == str(error["retry_after"]), raised.headers


def is_untranslated(error):
    return any(words in str(error) for words in ("speaks another dialect", "is not translated"))
