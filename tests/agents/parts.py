"""The cases: what the providers play, what happens meanwhile, and how it must have ended. `judge` yields
a sentence for whatever is wrong."""
import decimal
import re
import signal
import time

from player import Answer, calls, says

DEAR = {"output": "200"}  # USD a million tokens
OVER = 20_000  # of which so many cost more than any cell has
ENOUGH = 60.0  # seconds for an agent to come so far, on a busy machine
RECEIPT = re.compile(r"^run cell: (\d+) requests?, .*spent in all: \$([0-9.]+)$", re.M | re.S)
# How often an agent asks in all when it is told that there is no use: Codex tries every 401 six times, and
# over its built-in provider six times by WebSocket and six times without.
USUAL_TRIES = 2
MOST_TRIES = {"codex": 6, "codex with gpt-6": 6, "codex-0.118": 6, "codex by setup": 6,
              "codex-0.118 by variable": 12,
              "codex by login": 12}


class Case:
    name = ""
    price = None
    in_ci = False  # also where the provider speaks another dialect than the agent
    expected = ()  # errors of traces that are part of the case
    prompt = "Do as the answers tell you, then repeat what came of it."

    @classmethod
    def suits(cls, agent):
        return True

    def parts(self):
        return [self.part]

    def play(self, stage):
        stage.start(self.prompt)
        try:
            self.meanwhile(stage)
        finally:
            stage.finish()

    def meanwhile(self, stage):
        """While the agent runs."""

    def judge(self, stage):
        """What holds of every cell."""
        for player in stage.players:
            yield from player.problems
        if stage.code is None:
            yield "the agent did not end"
        yield from self.judge_traces(stage.settled_traces())

    def judge_traces(self, traces):
        for trace in traces:
            if trace["error"] in self.expected:
                continue
            if trace["state"] != "completed" or trace["status"] != 200:
                yield f"a trace says {trace['state']}, {trace['status']}"
            if trace["cost_picousd"] in (None, 0) or not trace["output_tokens"]:
                yield f"a trace says {trace['output_tokens']} tokens for {trace['cost_usd']}"

    def done(self, stage, *words):
        """The agent ended well, and printed these words."""
        if stage.code != 0:
            yield f"exit {stage.code}"
        for word in words:
            if word not in stage.printed:
                yield f"{word!r} was not printed"
        if stage.agent.way == "run":
            yield from self.receipt(stage)

    def receipt(self, stage):
        """The run's last words say what the traces say."""
        said = RECEIPT.search(stage.err)
        due = self.requests_told(stage), sum(trace["cost_picousd"] for trace in stage.traces())
        told = said and (int(said[1]), int(decimal.Decimal(said[2]).scaleb(12)))
        if told != due:
            yield f"the receipt says {told} requests and picodollars, the traces {due}"

    def requests_told(self, stage):
        return len(stage.traces())

    def counted(self, stage, least):
        got = len(stage.player.requests)
        if not least <= got <= least + stage.agent.afterwards:
            yield f"{got} requests of its own instead of {least}"


def quoted(arrived):
    """What the tools said, as far as it came here."""
    found = re.findall(r"ran-[0-9a-f]{6}-\d", "\n".join(text for _, text in arrived.results))
    return "FINAL " + " ".join(sorted(set(found)))


class Plain(Case):
    name = "plain"

    def part(self, arrived, n):
        return says("PLAIN", "-WORDS ", "and no more.")

    def judge(self, stage):
        yield from super().judge(stage)
        yield from self.done(stage, "PLAIN-WORDS")
        yield from self.counted(stage, 1)


class Tool(Case):
    name = "tool"

    def part(self, arrived, n):
        return says(quoted(arrived)) if arrived.results else calls(arrived, "cat part1.txt")

    def judge(self, stage):
        yield from super().judge(stage)
        yield from self.done(stage, f"FINAL {stage.token}-1")
        yield from self.counted(stage, 2)


class Parallel(Case):
    name = "parallel"

    def part(self, arrived, n):
        if arrived.results:
            return says(quoted(arrived))
        return calls(arrived, "cat part1.txt", "cat part2.txt", "cat part3.txt")

    def judge(self, stage):
        yield from super().judge(stage)
        yield from self.done(stage, f"FINAL {stage.token}-1 {stage.token}-2 {stage.token}-3")
        yield from self.counted(stage, 2)


class Thinking(Case):
    """Five answers that were each thought about; each request brings back all that was thought."""
    name = "thinking"
    in_ci = True
    TURNS = 5

    def part(self, arrived, n):
        done = len(arrived.results)
        thought = {"thinking": [f"thought {done + 1}, ", "at length"], "state": f"c3RhdGUtb2YtdHVybi0{done + 1}AA="}
        if done >= self.TURNS - 1:
            return Answer([thought, {"text": [quoted(arrived)]}])
        return calls(arrived, f"cat part{done + 1}.txt", thinking=thought)

    def judge(self, stage):
        yield from super().judge(stage)
        yield from self.done(stage, *(f"{stage.token}-{n}" for n in range(1, self.TURNS)))
        yield from self.counted(stage, self.TURNS)
        for n, arrived in enumerate(stage.player.requests):
            got, due = arrived.states, self.due(stage, n)
            if got != due:
                yield f"request {n + 1} brings back {got} instead of {due}"

    def due(self, stage, n):
        if stage.dialect == "openai-chat":
            return [f"thought {k}, at length" for k in range(1, n + 1)]
        return [f"c3RhdGUtb2YtdHVybi0{k}AA=" for k in range(1, n + 1)]


class Session(Case):
    """Five prompts, each to an agent that is started anew and goes on with the session, under the run that
    goes on with the budget. Each answer was thought about; what the agent keeps of that comes back as it was."""
    name = "session"
    TURNS = 5

    @classmethod
    def suits(cls, agent):
        return agent.again is not None

    def part(self, arrived, _):
        n = max(n for n in range(1, self.TURNS + 1) if f"Prompt number {n}." in arrived.text)
        return Answer([{"thinking": [f"thought {n}, ", "at length"], "state": self.state(n)}, {"text": [f"SAID-{n}."]}])

    def state(self, n):
        return f"c3RhdGUtb2YtdHVybi0{n}AA="

    def requests_told(self, stage):
        """The receipt is of the last start, and what was spent of all."""
        return len(stage.traces()) - self.before_last

    def play(self, stage):
        self.said = []
        for n in range(1, self.TURNS + 1):
            self.before_last = len(stage.traces())
            stage.start(f"Prompt number {n}.", again=n > 1)
            stage.finish()
            self.said.append(stage.printed)

    def judge(self, stage):
        yield from super().judge(stage)
        yield from self.done(stage)
        for n, said in enumerate(self.said, 1):
            if f"SAID-{n}." not in said:
                yield f"answer {n} was not printed: {said[-300:]!r}"
        asked = [arrived for arrived in stage.player.requests if f"Prompt number {self.TURNS}." in arrived.text]
        for n in range(1, self.TURNS):
            if not asked or f"Prompt number {n}." not in asked[0].text or f"SAID-{n}." not in asked[0].text:
                yield f"turn {n} did not come back"
        states = [self.state(n) for n in range(1, self.TURNS)]
        if stage.dialect == "openai-chat":
            states = [f"thought {n}, at length" for n in range(1, self.TURNS)]
        if asked and asked[0].states != states:
            yield f"brings back {asked[0].states} of what was thought"


class Cut(Case):
    """The connection dies in the middle of the first answer: nothing looks like success."""
    name = "cut"

    def part(self, arrived, n):
        return says(*["lost words "] * 10, cut=True) if n == 1 else says("PLAIN-WORDS after the cut.")

    def judge(self, stage):
        yield from super().judge(stage)
        if stage.code == 0:
            yield from self.done(stage, "PLAIN-WORDS")
        elif not stage.err.strip() and "onnection" not in stage.out:
            yield "it failed without a word"

    def judge_traces(self, traces):
        first = [trace for trace in traces if trace["error"] == "cut"]
        if len(first) != 1:
            yield f"{len(first)} traces of what was cut off"
        yield from super().judge_traces([trace for trace in traces if trace not in first])
        for trace in first:
            if not trace["cost_picousd"]:
                yield "what was cut off cost nothing"


class Failover(Plain):
    """The first provider is down; the agent sees nothing of it."""
    name = "failover"

    def parts(self):
        return [lambda arrived, n: Answer([], status=503), self.part]

    def judge(self, stage):
        yield from super().judge(stage)
        if not stage.players[0].requests:
            yield "the first provider was not asked"

    def judge_traces(self, traces):
        yield from super().judge_traces(traces)
        if not any(trace["route"] == "fallback" and len(trace["attempts"]) == 2 for trace in traces):
            yield "no trace tells of a fallback"


class Refused(Case):
    """The key is revoked between the first answer and what would be the second request."""
    name = "refused key"
    words = "routerone key"
    expected = ("bad_key",)

    def part(self, arrived, n):
        self.stage.revoke()
        return calls(arrived, "cat part1.txt")

    def judge(self, stage):
        yield from super().judge(stage)
        yield from self.counted(stage, 1)
        refused = [trace for trace in stage.traces() if trace["error"] in self.expected]
        if not 1 <= len(refused) <= MOST_TRIES.get(stage.agent.name, USUAL_TRIES):
            yield f"{len(refused)} tries were refused"
        if stage.code == 0:
            yield "exit 0"
        if self.words not in stage.printed:
            yield f"our words ({self.words!r}) were not printed"


class Budget(Refused):
    """The first answer costs all that the key has."""
    name = "budget"
    in_ci = True
    words = "USD of the limit"
    price = DEAR
    expected = ("limit_reached",)

    @classmethod
    def suits(cls, agent):
        return agent.way in ("run", "setup")  # the others have none

    def part(self, arrived, n):
        return calls(arrived, "cat part1.txt", counts={"input": 900, "output": OVER})


class Interrupt(Case):
    """SIGINT in the middle of an answer, as a terminal sends it: to the whole group."""
    name = "sigint"
    alive = ("active", "ended")  # the key goes with the run, and the run with its child
    left, state = False, None

    def part(self, arrived, n):
        return says(*["word "] * 1200, slow=True)

    def meanwhile(self, stage):
        if not stage.player.wait(lambda: stage.player.words > 20, ENOUGH):
            return
        stage.signal(signal.SIGINT)
        self.left = stage.player.wait(lambda: stage.player.left_early, ENOUGH)
        self.state = stage.key_state()

    def judge(self, stage):
        yield from super().judge(stage)
        if not self.left:
            yield "the provider was not left"
        wallet = stage.wallet()
        if wallet["reserved_usd"] != "0.000000" or wallet["running"]:
            yield f"{wallet['reserved_usd']} USD are still held"
        if self.state not in self.alive:
            yield f"the key is {self.state}"

    def judge_traces(self, traces):
        ended = [trace for trace in traces if trace["state"] == "client_gone"]
        if not ended:
            yield f"no trace tells of a cancellation: {[trace['state'] for trace in traces]}"
        for trace in ended:
            if not trace["cost_picousd"] or not trace["output_tokens"]:
                yield "what was cancelled cost nothing"
        yield from super().judge_traces([trace for trace in traces if trace not in ended])


class Escape(Interrupt):
    """Esc in the middle of an answer: the agent goes on, and so does the key."""
    name = "esc"
    alive = ("active",)

    @classmethod
    def suits(cls, agent):
        return agent.interactive is not None

    def part(self, arrived, n):
        return super().part(arrived, n) if n == 1 else says("PLAIN", "-WORDS")

    def play(self, stage):
        stage.start_in_terminal()
        try:
            self.found = self.converse(stage)
        finally:
            stage.close_terminal()

    def converse(self, stage):
        """How far it came; empty: to the end."""
        if not stage.terminal.wait(stage.agent.cursor, ENOUGH):
            return "it did not begin to listen"
        time.sleep(1)  # what it draws first is not yet there to listen
        stage.terminal.say(self.prompt)
        if not stage.player.wait(lambda: stage.player.words > 20, ENOUGH):
            return "it did not ask"
        stage.terminal.keys("Escape")
        self.left = stage.player.wait(lambda: stage.player.left_early, ENOUGH)
        self.state = stage.key_state()
        time.sleep(1)
        stage.terminal.keys("C-u")  # Esc may have put the words back to be mended
        stage.terminal.say("Once more, please.")
        return "" if stage.terminal.wait("PLAIN-WORDS", ENOUGH) else "there was no second answer"

    def judge(self, stage):
        if self.found:
            yield self.found
        yield from super().judge(stage)


CASES = [Plain, Tool, Parallel, Thinking, Session, Cut, Failover, Refused, Budget, Interrupt, Escape]
