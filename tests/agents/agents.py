"""The agents of the table: how a user would type each, and what it speaks."""
import dataclasses
import pathlib

from scenario import CHAT, GEMINI, MESSAGES, RESPONSES

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTALLED = ROOT / "build" / "agents"
SHORT = {CHAT: "chat", RESPONSES: "responses", MESSAGES: "messages", GEMINI: "gemini"}


@dataclasses.dataclass
class Agent:
    """`words`: what stands before the prompt. `dialect`: what it speaks when it was started for a model.
    `other`: the dialect of the column that CI plays beside its own. `afterwards`: how often it asks the
    model once more, with its tools, after the last answer. `programs`: the folder of its program."""
    name: str
    dialect: str
    other: str
    words: list
    afterwards: int = 0
    programs: pathlib.Path = INSTALLED / "bin"

    def command(self, prompt):
        return [*self.words, prompt]


CODEX = ["codex", "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
ALL = [
    Agent("codex", RESPONSES, MESSAGES, CODEX),
    Agent("codex-0.118", RESPONSES, CHAT, CODEX, programs=INSTALLED / "bin-0.118"),
    Agent("claude", MESSAGES, RESPONSES, ["claude", "-p", "--allowedTools", "Bash", "--"]),
    Agent("gemini", GEMINI, MESSAGES, ["gemini", "--skip-trust", "--approval-mode", "yolo", "-p"]),
    Agent("opencode", CHAT, MESSAGES, ["opencode", "run"]),
    Agent("qwen", CHAT, GEMINI, ["qwen", "-y"], afterwards=1),
    Agent("pi", CHAT, MESSAGES, ["pi", "-p"]),
    Agent("cline", CHAT, GEMINI, ["cline"]),
]
