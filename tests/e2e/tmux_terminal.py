"""A person at a terminal: a shell inside tmux, keys in, what stands on the screen out. Nothing here
waits for a fixed time: the screen is looked at until it shows what it should, or far too long."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from daemon import binary_dir

PATIENCE = 60.0  # of a slow machine with sanitizers
SHELL_PROMPT = "shell$"
SIZES = [(40, 15), (80, 24), (200, 50)]
ROWS_KEPT = 50_000  # of those that have left the screen


class Terminal:
    """`with Terminal(80, 24, home) as terminal:`; `home` is a ROUTERONE_HOME. `env` goes to the shell."""

    def __init__(self, columns, rows, home, env=None):
        self.columns, self.rows = columns, rows
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="r1-tmux-"))
        self.env = {"PATH": f"{binary_dir()}:{os.environ['PATH']}", "HOME": str(self.folder), "LANG": "C.UTF-8",
                    "TZ": "UTC", "PS1": SHELL_PROMPT + " ",
                    "INPUTRC": str(self.folder / "inputrc"), "ROUTERONE_HOME": str(home),
                    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
                    "TSAN_OPTIONS": os.environ.get("TSAN_OPTIONS", ""), **(env or {})}

    def __enter__(self):
        # Else the shell asks for marks around a paste, and what a program left on is not seen.
        (self.folder / "inputrc").write_text("set enable-bracketed-paste off\n", encoding="utf-8")
        words = ["env", "-i", *(f"{name}={value}" for name, value in self.env.items()), "TERM=screen",
                 "bash", "--norc", "--noprofile"]
        self.tmux("set-option", "-g", "history-limit", str(ROWS_KEPT), ";", "new-session", "-d",
                  "-x", str(self.columns), "-y", str(self.rows), "-c", str(self.folder), *words)
        self.wait(SHELL_PROMPT)
        return self

    def __exit__(self, *_):
        self.tmux("kill-server", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tmux(self, *words, check=True):
        """A machine on which tmux finds no terminal to give out fails the test: it does not skip it."""
        done = subprocess.run(["tmux", "-u", "-S", str(self.folder / "tmux"), "-f", "/dev/null", *words],
                              capture_output=True, text=True, check=False, env={**os.environ, "LANG": "C.UTF-8"})
        if check and done.returncode != 0:
            raise RuntimeError(f"tmux {words[0]}: {done.stderr.strip()}")
        return done.stdout

    # -- keys

    def type(self, text):
        self.tmux("send-keys", "-l", "--", text)

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def line(self, text):
        self.type(text)
        self.keys("Enter")

    def paste(self, text):
        """As a terminal does on Ctrl-V: with the marks around it, if the program asked for them."""
        self.tmux("set-buffer", "--", text)
        self.tmux("paste-buffer", "-p", "-r")

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))
        self.columns, self.rows = columns, rows

    # -- the screen

    def screen(self, *how):
        """Its rows, without blanks at their ends and without empty rows at its end. `-J`: lines that
        take several rows as one."""
        rows = [row.rstrip() for row in self.tmux("capture-pane", "-p", *how).split("\n")]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def all_rows(self):
        """Those that have left the screen, too."""
        return self.screen("-S", "-")

    def text(self):
        return "\n".join(self.screen())

    def last(self):
        return (self.screen() or [""])[-1]

    def until(self, condition, what, count=lambda: 0):
        """Waits for condition(rows of the screen), as long as something is counted on the way; what it came to be."""
        counted, deadline = None, 0
        while True:
            if (now := count()) != counted:
                counted, deadline = now, time.monotonic() + PATIENCE
            rows = self.screen()
            found = condition(rows)
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not come to stand on the screen:\n" + "\n".join(rows))
            time.sleep(0.03)

    def wait(self, words):
        return self.until(lambda rows: any(words in row for row in rows), repr(words))

    def wait_question(self, words):
        """Until that is asked, over however many rows, and nothing stands behind it."""
        def is_asked(_):
            last = (self.screen("-J") or [""])[-1]
            return words in last and last.endswith("[y/N]")

        return self.until(is_asked, f"the question {words!r}")

    def wait_last(self, row):
        return self.until(lambda rows: rows and rows[-1] == row, f"as the last row {row!r}")

    def modes(self):
        """What the shell's terminal is set to."""
        return subprocess.run(["stty", "-a", "-F", self.tmux("display", "-p", "#{pane_tty}").strip()],
                              capture_output=True, text=True, check=True).stdout

    def pid_of(self, name):
        """Of the shell's child that runs this program; the first one, if that has forked."""
        shell = self.tmux("display", "-p", "#{pane_pid}").strip()
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                fields = dict(row.split(":\t", 1) for row in status.read_text().splitlines() if ":\t" in row)
            except OSError:  # it has ended meanwhile
                continue
            if fields["PPid"] == shell and fields["Name"] == name:
                return int(fields["Pid"])
        raise AssertionError(f"no {name} runs in the shell")


MASKS = [
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "HH:MM:SS"),
    (re.compile(r"\brouterone \d+\.\d+\.\d+\b"), "routerone VERSION"),
    (re.compile(r"\bsk-rk-\w+"), "sk-rk-KEY"),
    (re.compile(r"\b127\.0\.0\.1:\d+\b"), "127.0.0.1:PORT"),
    (re.compile(r"\bport \d+\b"), "port PORT"),
    (re.compile(r"\bby \S+ \(pid \d+, user \S+\)"), "by PROGRAM (pid PID, user NAME)"),
]


def masked(rows):
    """Without what is another at each run."""
    out = []
    for row in rows:
        for pattern, name in MASKS:
            row = pattern.sub(name, row)
        out.append(row.rstrip())
    return out


def compare_screen(terminal, name, *how):
    """With tests/e2e/screens/NAME_COLUMNSxROWS.txt, which UPDATE_SCREENS=1 writes anew."""
    file = pathlib.Path(__file__).with_name("screens") / f"{name}_{terminal.columns}x{terminal.rows}.txt"
    rows = masked(row.replace(str(terminal.folder), "HOME") for row in terminal.screen(*how))
    if os.environ.get("UPDATE_SCREENS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    expected = file.read_text(encoding="utf-8").splitlines()
    assert rows == expected, f"{file.name}:\n" + "\n".join(rows) + "\ninstead of\n" + "\n".join(expected)
