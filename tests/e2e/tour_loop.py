"""A loop of calls, as an agent runs one: asked, the model thinks and calls a tool; the SDK sends back what it
was answered, with the result; the model answers in words. The provider looks whether its thinking came
back as it was."""
from scenario import load
from translation_matrix import run_row
from translation_play import SHORT


def run_loops(stage, clients, wanted, table):
    scenarios = {scenario.name: scenario for scenario in load()}
    first, last = scenarios["encrypted_reasoning"], scenarios["plain"]
    for client in clients:
        run_row(stage, client, "loop of calls", wanted, table,
                lambda upstream, _, c=client: c.dialect == upstream.dialect and "passed on as it is",
                lambda upstream, stream, c=client: play_loop(c, upstream, first, last, stream))


def play_loop(client, upstream, first, last, stream):
    upstream.play(first, client.dialect, 0, client.keeps_thinking_in_loops, last)
    model = f"{SHORT[upstream.dialect]}/{first.model(upstream.dialect, upstream.speaks.MODEL)}"
    result = "".join(first.facts["result"][0]["content"])
    try:
        said = client.loop(first, model, result, stream)
        assert said == last.told(client.dialect, upstream.dialect).text, f"the last words are {said!r}"
        assert len(upstream.bodies) == 2, f"the provider was asked {len(upstream.bodies)} times"
    finally:
        assert not upstream.problems, "the provider would have refused:\n" + "\n".join(upstream.problems)
