"""Every line that help, the manual and `--map` show is typed into a shell, in a home where what it names
is there; and what --json prints is held to `routerone schema`. A line that cannot be typed here stands in
NOT_HERE."""
import contextlib
import sys

import cases
from example_stage import Stage, breaches_of, is_to_be_judged, type_in

NOT_HERE = {}  # line: why


def lines_of(command):
    return [(example["line"], example["exit_code"]) for example in command["examples"]]


def judge(stage, command, line):
    """Its JSON held to its schema; None, or what does not hold."""
    if not is_to_be_judged(command, line):
        return None
    stage.furnish(line)
    told = stage.run(stage.as_typed(line) + " --json", check=False)
    found = breaches_of(stage, command, told.stdout)
    return "\n".join([f"{line} --json", *found[:5], told.stderr[:400]]) if found else None


def test_every_example_can_be_typed_and_its_json_is_as_promised():
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        stage.make_trace()
        wrong, played = [], 0
        for command in stage.map["commands"]:
            for line, code in lines_of(command):
                if line in NOT_HERE:
                    continue
                played += 1
                wrong.append(type_in(stage, command, line, code))
                if code == 0:
                    wrong.append(judge(stage, command, line))
        wrong = [each for each in wrong if each]
        assert not wrong, "\n\n".join([f"{len(wrong)} of {played}:"] + wrong)
        print(f"{played} lines typed")


if __name__ == "__main__":
    sys.exit(cases.run("examples", cases.collect(globals())))
