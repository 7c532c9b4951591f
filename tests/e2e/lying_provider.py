"""A provider whose word about money cannot be trusted. What each request meets is decided by its tag and
a seed: honest answers, usage that is too high, none, zero or absurd, streams that break off, errors that
come late, silence. Whatever it tells, it keeps its own book of what it read, wrote and would charge."""
import json
import random
import re
import threading
import time

from tcp_provider import END, TcpProvider, chunked, head, json_answer, stream_head

# USD a million tokens, as posted. The dearest class of input is what a careful reservation goes by.
PRICES = {"openai-chat": {"input": "2", "output": "10", "cache_read": "0.2", "cache_write": "2.5"},
          "anthropic": {"input": "2", "output": "10", "cache_read": "0.2", "cache_write": "2.5",
                        "cache_write_1h": "4"}}
HONEST = ("honest", "slow")
KINDS = {"honest": 42, "slow": 5, "over cap": 6, "over input": 4, "zero": 5, "missing": 7, "absurd": 3,
         "cut": 8, "late error": 6, "5xx": 6, "dead": 7}
ABSURD = (10**18, -10**18, 2**63, 1e300, "12", None, True, [], {"a": 1}, 0.5)
TAG = re.compile(r"tag-\d+-\d+")


def picousd(usd_a_million):
    """Of one token."""
    whole, _, part = usd_a_million.partition(".")
    return int(whole) * 10**6 + int((part + "000000")[:6])


def cost_of(dialect, counts):
    """Picodollars at the posted price; `counts` are disjoint."""
    price = PRICES[dialect]
    return sum(count * picousd(price[name]) for name, count in counts.items())


def chat_usage(counts):
    read, write = counts.get("cache_read", 0), counts.get("cache_write", 0)
    total = counts["input"] + read + write
    return {"prompt_tokens": total, "completion_tokens": counts["output"],
            "total_tokens": total + counts["output"],
            "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": write}}


def messages_usage(counts):
    hour = counts.get("cache_write_1h", 0)
    return {"input_tokens": counts["input"], "cache_read_input_tokens": counts.get("cache_read", 0),
            "cache_creation_input_tokens": counts.get("cache_write", 0) + hour,
            "cache_creation": {"ephemeral_5m_input_tokens": counts.get("cache_write", 0),
                               "ephemeral_1h_input_tokens": hour},
            "output_tokens": counts["output"]}


USAGE = {"openai-chat": chat_usage, "anthropic": messages_usage}


def text_of(wish):
    """All that the caller wrote, and nothing around it."""
    return "".join(message["content"] for message in wish["messages"]) + wish.get("system", "")


def cap_of(wish):
    return wish.get("max_completion_tokens", wish.get("max_tokens"))


class Receipt:
    """One request as it arrived, and what this provider did with it."""

    def __init__(self, dialect, wish, tag, kind, dice, frugal):
        self.at = time.time_ns() // 1000
        self.dialect, self.tag, self.kind, self.stream = dialect, tag, kind, wish.get("stream", False)
        self.cap, self.choices = cap_of(wish), wish.get("n", 1)
        assert self.cap is not None, f"{tag} has come without a cap under a spend limit"
        most_input = len(text_of(wish).encode())
        self.counts = ({"input": most_input // 8, "output": 1} if frugal else
                       self._count(most_input, dice))
        self.cost = cost_of(dialect, self.counts)
        self.usage = self._told(dice)

    def _count(self, most_input, dice):
        """As a tokenizer might at its worst: up to a token a byte, and up to the cap."""
        total = most_input if dice.random() < 0.2 else dice.randint(most_input // 8, most_input)
        most = self.cap * self.choices
        usual = min(most, 600 * self.choices)  # many ask for what they never use
        counts = {"input": total, "output": most if dice.random() < 0.1 else dice.randint(1, usual)}
        for name in [name for name in PRICES[self.dialect] if name.startswith("cache")]:
            if dice.random() < 0.4:
                counts[name] = dice.randint(0, counts["input"])
                counts["input"] -= counts[name]
        return counts

    def _told(self, dice):
        counts = dict(self.counts)
        if self.kind == "over cap":
            counts["output"] = self.cap * self.choices + dice.randint(1, 20_000)
        elif self.kind == "over input":
            counts["input"] = dice.randint(10_000, 40_000)
        elif self.kind == "zero":
            counts = dict.fromkeys(counts, 0)
        self.told_cost = cost_of(self.dialect, counts)
        usage = USAGE[self.dialect](counts)
        if self.kind == "absurd":
            for name in usage:
                if dice.random() < 0.6:
                    usage[name] = dice.choice(ABSURD)
        return None if self.kind == "missing" else usage


def words(dice):
    return [dice.choice(("lorem ", "ipsum ", "dolor ")) for _ in range(dice.randint(1, 12))]


def whole_body(receipt, dice):
    text = "".join(words(dice))
    usage = {} if receipt.usage is None else {"usage": receipt.usage}
    if receipt.dialect == "anthropic":
        return json.dumps({"id": "msg_" + receipt.tag, "type": "message", "role": "assistant", "model": "m",
                           "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                           "stop_sequence": None, **usage}).encode()
    choices = [{"index": n, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
               for n in range(receipt.choices)]
    return json.dumps({"id": "c-" + receipt.tag, "object": "chat.completion", "model": "m",
                       "choices": choices, **usage}).encode()


def data(document):
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def named(document):
    return b"event: " + document["type"].encode() + b"\n" + data(document)


def messages_events(receipt, dice):
    start = {} if receipt.usage is None else {"usage": {**receipt.usage, "output_tokens": 1}}
    end = {} if receipt.usage is None else {"usage": {"output_tokens": receipt.usage["output_tokens"]}}
    return [named({"type": "message_start", "message": {
        "id": "msg_" + receipt.tag, "type": "message", "role": "assistant", "model": "m", "content": [],
        **start}}),
        named({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        *[named({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}})
          for word in words(dice)],
        named({"type": "content_block_stop", "index": 0}),
        named({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, **end}),
        named({"type": "message_stop"})]


def chat_events(receipt, dice):
    def chunk(delta, reason=None):
        return data({"id": "c-" + receipt.tag, "object": "chat.completion.chunk", "model": "m",
                     "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
    usage = [] if receipt.usage is None else [
        data({"id": "c-" + receipt.tag, "object": "chat.completion.chunk", "choices": [],
              "usage": receipt.usage})]
    return [chunk({"role": "assistant", "content": ""}), *[chunk({"content": word}) for word in words(dice)],
            chunk({}, "stop"), *usage, b"data: [DONE]\n\n"]


EVENTS = {"openai-chat": chat_events, "anthropic": messages_events}
LATE_ERROR = {"openai-chat": data({"error": {"message": "overloaded", "type": "server_error"}}),
              "anthropic": named({"type": "error", "error": {"type": "overloaded_error",
                                                             "message": "overloaded"}})}
FIRST_WORD = {"openai-chat": 2, "anthropic": 3}  # how many events it takes until something was said


class LyingProvider(TcpProvider):
    """Speaks one dialect. `kinds`: how often each kind of answer is given."""

    def __init__(self, dialect, seed, kinds=None):
        super().__init__(self._converse)
        self.dialect, self.seed, self.kinds = dialect, seed, dict(kinds or KINDS)
        self.book, self.serving, self.slowness, self.frugal = [], 0, (0.2, 0.6), False
        self.changed = threading.Condition()

    def receipts(self):
        with self.changed:
            return list(self.book)

    def wait_idle(self, limit=10.0):
        """Until nothing that was received is still being answered."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.serving == 0, limit), "the provider is still busy"

    def _converse(self, connection):
        while request := connection.read_request():
            with self.changed:
                self.serving += 1
            try:
                if not self._answer(connection, request):
                    return
            finally:
                with self.changed:
                    self.serving -= 1
                    self.changed.notify_all()

    def _receive(self, request):
        body = request.partition(b"\r\n\r\n")[2]
        tag = TAG.search(body.decode()).group()
        with self.changed:
            again = sum(receipt.tag == tag for receipt in self.book)
            dice = random.Random(f"{self.seed} {tag} {again}")
            kind = dice.choices(list(self.kinds), list(self.kinds.values()))[0]
            receipt = Receipt(self.dialect, json.loads(body), tag, kind, dice, self.frugal)
            self.book.append(receipt)
        return receipt, dice

    def _answer(self, connection, request):
        """False: the connection is over."""
        receipt, dice = self._receive(request)
        kind = receipt.kind
        time.sleep(dice.uniform(*self.slowness) if kind == "slow" else dice.uniform(0, 0.04))
        if kind == "dead":
            if dice.random() < 0.5:
                connection.reset()
            return False
        if kind == "5xx":
            connection.send(json_answer(b'{"error":{"message":"down","type":"server_error"}}',
                                        dice.choice((500, 502, 503, 529))))
            return True
        send = self._send_stream if receipt.stream else self._send_whole
        return send(connection, receipt, dice)

    @staticmethod
    def _send_whole(connection, receipt, dice):
        body = whole_body(receipt, dice)
        if receipt.kind in ("cut", "late error"):
            connection.send(head(200, "Content-Type: application/json", f"Content-Length: {len(body)}")
                            + body[:dice.randrange(1, len(body) - 1)])
            return False
        connection.send(json_answer(body))
        return True

    @staticmethod
    def _send_stream(connection, receipt, dice):
        events = EVENTS[receipt.dialect](receipt, dice)
        broken = receipt.kind in ("cut", "late error")
        if broken:
            events = events[:dice.randrange(FIRST_WORD[receipt.dialect], len(events) - 2)]
        connection.send(stream_head())
        for event in events:
            connection.send(chunked(event))
            time.sleep(dice.uniform(0, 0.004))
        if receipt.kind == "late error":
            connection.send(chunked(LATE_ERROR[receipt.dialect]))
        connection.send(b"" if broken else END)
        return not broken
