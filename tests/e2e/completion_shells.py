"""The real shells, each asked what TAB does: bash and zsh at a pseudo-terminal of ours with their line
editors, fish by `complete -C`. None needs a terminal of the machine it runs on.

`ask(typed, left=0)` types a line, moves the cursor `left` places back, presses TAB once, and returns
what was offered (whole words, unquoted) and what the line is then (None: fish does not say)."""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import tempfile
import threading
import time
import tty

from daemon import ROOT, binary_dir

SCRIPTS = ROOT / "completions"
PATIENCE = 60.0
END = "\0"
RECORD = "\x01"

BASH_COMPLETION = pathlib.Path("/usr/share/bash-completion/bash_completion")


class Answer:
    def __init__(self, offered, line):
        self.offered, self.line = offered, line


def environment(home, work):
    env = {name: value for name, value in os.environ.items() if not name.startswith("ROUTERONE_")}
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "FPATH"):
        env.pop(name, None)
    env.update(ROUTERONE_HOME=str(home), HOME=str(work), PATH=f"{binary_dir()}:/usr/bin:/bin",
               TERM="xterm", LC_ALL="C.UTF-8", PS1="> ", A_TEST_API_KEY="x")
    return env


class Terminal:
    """A shell at a pseudo-terminal. It reports over a pipe of its own, so that nothing has to be read
    from a screen; what it shows is only drained."""

    def __init__(self, home, work):
        self.work = pathlib.Path(work)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="r1-tab-"))
        self.errors = self.folder / "errors"
        self.reports, self.report_end = os.pipe()
        self.master, slave = pty.openpty()
        tty.setraw(slave)  # what is typed before the line editor is ready waits for it
        self.shown = b""
        self.process = subprocess.Popen(
            self.command(), stdin=slave, stdout=slave, stderr=slave, cwd=work,
            env={**environment(home, work), **self.variables()}, pass_fds=[self.report_end],
            start_new_session=True)
        os.close(slave)
        os.close(self.report_end)
        threading.Thread(target=self.drain, daemon=True).start()
        self.buffer = ""
        self.breaks = self.wait("ready")[-1][-1]

    def drain(self):
        try:
            while part := os.read(self.master, 65536):
                self.shown = (self.shown + part)[-8000:]
        except OSError:
            pass

    def variables(self):
        return {}

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.reports)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def wait(self, kind):
        """The next report of that kind; those before it are returned too."""
        seen, deadline = [], time.monotonic() + PATIENCE
        while True:
            while END not in self.buffer:
                ready, _, _ = select.select([self.reports], [], [], max(0, deadline - time.monotonic()))
                part = os.read(self.reports, 65536) if ready else b""
                if not part:
                    raise AssertionError(f"{self.name} does not report; it shows {self.shown!r}")
                self.buffer += part.decode(errors="surrogateescape")
            record, self.buffer = self.buffer.split(END, 1)
            fields = record.split(RECORD)
            seen.append(fields)
            if fields[0] == kind:
                return seen

    def ask(self, typed, left=0):
        keys = b"\x05\x15" + typed.encode() + b"\x02" * left + b"\t" + b"\x18\x12"
        os.write(self.master, keys)
        seen = self.wait("line")
        line = seen[-1][1]
        offered = []
        for kind, *rest in seen[:-1]:
            if kind == "offered":
                offered += self.whole_words([one for one in rest if one], typed, left)
        return Answer(offered, line)

    def answer_alone(self, typed):
        """The line, without a TAB; for whoever measures what a TAB takes."""
        os.write(self.master, b"\x05\x15" + typed.encode() + b"\x18\x12")
        return self.wait("line")[-1][1]

    def whole_words(self, words, typed, left):
        return words

    def complaints(self):
        return self.errors.read_text(errors="replace") if self.errors.exists() else ""


def open_word(line):
    """The last word of a line of bash as typed, and its quote if that is open."""
    start, quote, escaped = 0, "", False
    opened = 0
    for at, c in enumerate(line):
        if escaped:
            escaped = False
        elif quote:
            if c == quote:
                quote = ""
        elif c == "\\":
            escaped = True
        elif c in "'\"":
            quote, opened = c, at
        elif c == " ":
            start = at + 1
    return line[start:], quote, line[start:opened]


class Bash(Terminal):
    """`installed`: the script lies where bash-completion finds it by itself; what is offered is not
    seen then, only the line."""

    def __init__(self, home, work, with_package=False, program="routerone", installed=False):
        self.name = "bash with bash-completion" if with_package else "bash"
        self.with_package, self.program, self.installed = with_package, program, installed
        super().__init__(home, work)

    def command(self):
        # COMPREPLY as it is handed over, the line as readline then has it, and errors for themselves.
        (self.folder / "rc").write_text(f"""
unset HISTFILE
{f". {BASH_COMPLETION}" if self.with_package else ":"}
{":" if self.installed else f". {SCRIPTS}/routerone.bash"}
_told() {{
  _routerone "$@" 2>>{self.errors}
  printf 'offered' >&{self.report_end}
  printf '\\001%s' "${{COMPREPLY[@]}}" >&{self.report_end}
  printf '\\0' >&{self.report_end}
}}
{":" if self.installed else f"complete -o nosort -F _told {self.program}"}
_report() {{ printf 'line\\001%s\\0' "$READLINE_LINE" >&{self.report_end}; }}
bind -x '"\\C-x\\C-r": _report'
bind 'set bell-style none'
PROMPT_COMMAND=
printf 'ready\\001%s\\0' "$COMP_WORDBREAKS" >&{self.report_end}
""")
        return ["bash", "--noprofile", "--rcfile", str(self.folder / "rc"), "-i"]

    def whole_words(self, words, typed, left):
        word, quote, before_quote = open_word(typed[:len(typed) - left])
        if quote:
            return [before_quote + word_of(quote + one + quote) for one in words]
        cut = max(word.rfind("="), word.rfind(":")) + 1
        if "@" in self.breaks and "@" in word[cut:]:
            cut = word.rindex("@")
        return [word_of(word[:cut] + one) for one in words]


def word_of(text):
    """One word as the shell reads it, its quotes taken away."""
    out, quote, at = "", "", 0
    while at < len(text):
        c, at = text[at], at + 1
        if quote == "'" or (quote and c == quote) or (not quote and c in "'\""):
            if c == quote or not quote:
                quote = "" if quote else c
                continue
        elif c == "\\" and at < len(text) and (not quote or text[at] in "$`\"\\"):
            c, at = text[at], at + 1
        out += c
    return out


class Zsh(Terminal):
    """`sourced`: as `source <(routerone completion zsh)` does it, not out of a folder of fpath."""

    def __init__(self, home, work, program="routerone", sourced=False):
        self.name, self.program, self.sourced = "zsh", program, sourced
        super().__init__(home, work)

    def variables(self):
        return {"ZDOTDIR": str(self.folder)}

    def command(self):
        (self.folder / ".zshrc").write_text(f"""
exec 2>>{self.errors}
{"" if self.sourced else f"fpath=({SCRIPTS} $fpath)"}
autoload -Uz compinit
compinit -u -d {self.folder}/dump
{f"source {SCRIPTS}/_routerone" if self.sourced else ""}
compdef _routerone {self.program}
setopt no_beep no_always_last_prompt
LISTMAX=100000
compadd() {{
  local -a told
  builtin compadd -O told "$@"
  told=(offered "${{(@)told}}")
  print -rn -- "${{(pj:\\001:)told}}"$'\\0' >&{self.report_end}
  builtin compadd "$@"
}}
report() {{ print -rn -- "line"$'\\001'"$BUFFER"$'\\0' >&{self.report_end} }}
zle -N report
bindkey -e
bindkey '^X^R' report
bindkey '^I' complete-word
PROMPT='> '
zle-line-init() {{ print -rn -- "ready"$'\\0' >&{self.report_end}; zle -D zle-line-init }}
zle -N zle-line-init
""")
        return ["zsh", "-d", "-i"]


class Fish:
    """`installed`: the script lies where fish finds it by itself."""
    name = "fish"

    def __init__(self, home, work, program="routerone", installed=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="r1-fish-"))
        wraps = "" if program == "routerone" else f"complete -c {program} -w routerone;"
        self.process = subprocess.Popen(
            ["fish", "-c", f"""
{"" if installed else f"source {SCRIPTS}/routerone.fish"}; {wraps}
while read -l line
    set -l offered (complete -C "$line")
    printf '%s\\n' (count $offered) $offered
end"""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=work, text=True,
            stderr=open(self.folder / "errors", "w"),
            env=environment(home, work))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, typed, left=0):
        self.process.stdin.write(typed[:len(typed) - left] + "\n")
        self.process.stdin.flush()
        count = int(self.process.stdout.readline())
        lines = [self.process.stdout.readline().rstrip("\n") for _ in range(count)]
        self.about = dict((line + "\t").split("\t")[:2] for line in lines)
        return Answer([line.split("\t")[0] for line in lines], None)

    def complaints(self):
        return (self.folder / "errors").read_text(errors="replace")
