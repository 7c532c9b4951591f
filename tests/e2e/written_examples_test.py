"""The examples that were written by hand are typed as well: those of the README one after the other, as its
reader would, what one exports being there for the next; those of the manual that do not come from help.

A line that cannot be typed here stands in NOT_HERE, and may stand there only as long as it is written."""
import contextlib
import json
import re
import sys

import cases
from daemon import ROOT, binary_dir
from example_stage import TRACE, Stage, type_in

BUILDS = "builds, and is a section of packaging/test.sh or that script itself"
NOT_HERE = {  # line: why
    "packaging/quickstart.sh": BUILDS,
    "packaging/test.sh": BUILDS,
    "packaging/deb/build.sh": BUILDS,
}
ADDRESS = "127.0.0.1:7411"  # stands for where the daemon of the test listens


def bare(line):
    """Without its comment, behind which no further option could stand."""
    return re.split(r"\s+# ", line)[0].strip()


class Reader(Stage):
    """Types into one shell after the other what would be typed into one. Nothing is there but what its lines
    make: providers of the catalog stand on loopback, and files that it names with capitals are there."""
    shell = "bash"

    def __init__(self, stack):
        super().__init__(stack)
        self.env["OPENROUTER_API_KEY"] = self.box.key
        catalog = json.loads((self.folder / "catalog.json").read_text())
        for provider in catalog["providers"]:
            for place in (provider, *provider.get("endpoints", [])):
                place["base_url"] = self.box.base
        (self.folder / "CATALOG.json").write_text(json.dumps(catalog))
        self.run("routerone up && routerone models update --file CATALOG.json && routerone down")
        built = self.folder / "build/release/bin"
        built.parent.mkdir(parents=True)
        built.symlink_to(binary_dir())
        self.env["PATH"] = self.env["PATH"].removeprefix(f"{binary_dir()}:")

    def run(self, line, check=True):
        exported = self.folder / "exported"
        done = super().run(f"{line}\ncode=$?; /usr/bin/env -0 >{exported}; exit $code", check)
        self.env = dict(each.split("=", 1) for each in exported.read_text().split("\0") if each)
        return done

    def furnish(self, line):
        if TRACE in line or "FILE.csv" in line:
            self.trace = json.loads(self.run("routerone traces list --json").stdout)[0]["id"]
            (self.folder / "FILE.csv").write_text(f"id,cost\n{self.trace},0\n")

    def as_typed(self, line):
        return super().as_typed(bare(line)).replace(ADDRESS, self.env["ROUTERONE_LISTEN"])


def is_line(text):
    return re.match(r"(routeroned?|curl) |packaging/\S+\.sh$", text)


def written_in_the_readme():
    """(language, text) of each block's lines and of what stands in the text as a whole line, in their order."""
    page = (ROOT / "README.md").read_text()
    for language, block, span in re.findall(r"^```(\w*)\n(.*?)^```$|(?<!`)`([^`]+)`(?!`)", page, re.M | re.S):
        if span:
            line = " ".join(span.split())
            if is_line(line):
                yield "sh", line
        elif language == "sh":
            yield from (("sh", line) for line in block.replace("\\\n", " ").splitlines() if line.strip())
        else:
            yield language, block


def command_of(table, line):
    found = [each for each in table["commands"] if re.search(rf"\brouterone {each['name']}\b", line)]
    return max(found, key=lambda each: len(each["name"]), default=None)


def goes_on(line):
    return re.search(r"\b(traces tail|logs .*--follow)\b", line) and "--limit" not in line


def run_program(stage, text):
    (stage.folder / "written.py").write_text(text)
    done = stage.run(f"{sys.executable} written.py", check=False)
    return None if done.returncode == 0 and done.stdout.strip() else f"{text}{done.stdout}{done.stderr[-1500:]}"


def test_the_readme_can_be_followed_from_its_first_line_to_its_last():
    with contextlib.ExitStack() as stack:
        reader = Reader(stack)
        lines = list(written_in_the_readme())
        wrong = []
        for language, text in lines:
            if language == "python":
                wrong.append(run_program(reader, text))
            elif language != "sh":
                wrong.append(f"nobody knows how to run this {language}:\n{text}")
            elif bare(text) not in NOT_HERE:
                wrong.append(type_in(reader, command_of(reader.map, text), text, 130 if goes_on(text) else 0))
        wrong = [each for each in wrong if each]
        assert not wrong, "\n\n".join([f"{len(wrong)} of {len(lines)}:"] + wrong)
        assert len(lines) > 50, "the README's examples are not found"
        print(f"{len(lines)} lines and programs run")


ROFF = {r"\-": "-", r"\(aq": "'", r"\(ga": "`", r"\(ha": "^", r"\(ti": "~", r"\(dq": '"', r"\&": "", r"\e": "\\"}


def plain(text):
    return re.sub(r"\\(\(..|.)", lambda sign: ROFF[sign[0]], text)


def written_in_the_manual():
    """Each line of a literal display, and what is quoted and begins as a line does."""
    for page in sorted((ROOT / "man").glob("*.[178]")):
        text = page.read_text()
        for display in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text, re.M | re.S):
            yield from ((page.name, plain(line)) for line in display.splitlines())
        for quoted in re.findall(r"^\.Ql (.*?)(?: [.,;:])?$", text, re.M):
            if is_line(plain(quoted)):
                yield page.name, plain(quoted)


def test_every_line_of_the_manual_that_help_does_not_show_can_be_typed():
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        shown = {example["line"] for command in stage.map["commands"] for example in command["examples"]}
        lines = {line: page for page, line in written_in_the_manual()}
        assert len(shown & set(lines)) > 100, "the examples in the manual are not found"
        mine = sorted(set(lines) - shown - set(NOT_HERE))
        wrong = [type_in(stage, command_of(stage.map, line), line, 0) for line in mine]
        wrong = [f"{lines[line]}: {each}" for line, each in zip(mine, wrong, strict=True) if each]
        assert not wrong, "\n\n".join([f"{len(wrong)} of {len(mine)}:"] + wrong)
        print(f"{len(mine)} lines typed")


def test_what_is_not_typed_is_still_written_somewhere():
    written = {bare(text) for _, text in written_in_the_readme()} | {line for _, line in written_in_the_manual()}
    assert not set(NOT_HERE) - written, set(NOT_HERE) - written


if __name__ == "__main__":
    sys.exit(cases.run("written examples", cases.collect(globals())))
