"""The manual is what the program says of itself: generated again it is the same, mandoc finds nothing
to say of it, and every variable that the code reads stands in it."""
import filecmp
import pathlib
import re
import subprocess
import sys
import tempfile

import cases
from daemon import ROOT, binary_dir

MAN = ROOT / "man"


def pages(folder):
    return sorted(page.name for page in folder.glob("*.[178]"))


def test_generated_again_it_is_the_same():
    with tempfile.TemporaryDirectory() as folder:
        again = pathlib.Path(folder)
        subprocess.run([sys.executable, MAN / "generate.py", binary_dir() / "routerone", again], check=True)
        assert pages(again) == pages(MAN), set(pages(again)) ^ set(pages(MAN))
        differing = [page for page in pages(MAN) if not filecmp.cmp(MAN / page, again / page, shallow=False)]
        assert not differing, f"man/generate.py ROUTERONE writes others: {differing}"


def test_mandoc_has_nothing_to_say():
    told = subprocess.run(["mandoc", "-T", "lint", *pages(MAN)], cwd=MAN, capture_output=True, text=True)
    assert told.returncode == 0 and not told.stdout + told.stderr, told.stdout + told.stderr


def test_every_page_that_is_referred_to_is_there():
    for page in pages(MAN):
        for name, section in re.findall(r"^\.(?:It )?Xr (\S+) (\d)", (MAN / page).read_text(), re.M):
            assert (MAN / f"{name}.{section}").exists(), f"{page}: {name}({section})"


def test_every_variable_that_the_code_reads_is_told():
    told = (MAN / "routerone-environment.7").read_text()
    reading = re.compile(r'(?:getenv|absolute_variable|variable|set)\((?:environment, )?"([A-Z][A-Z0-9_]+)"')
    folders = ["cli/terminal", "common/config", "common/platform"]
    for source in (path for folder in folders for path in (ROOT / folder).glob("*.cpp")):
        for name in reading.findall(source.read_text()):
            assert re.search(rf"\b{name}\b", told), f"{source.name} reads {name}"


if __name__ == "__main__":
    sys.exit(cases.run("manual", cases.collect(globals())))
