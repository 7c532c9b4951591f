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
    model once more, with its tools, after the last answer. `settings` (files of its home) and `variables`
    keep it from looking for hosts that are not there, which costs seconds, and from asking whether it may
    work where it is; WORK in them is that folder. `model`: the name of a model that it knows, and treats
    otherwise than others; here it is an alias. `again`: the words that go on with the session before.
    `programs`: the folder of its program. `interactive`: how
    to start it in a terminal, with `cursor` where it listens. `way`: how it is told where to go:
    by `run`, by what `setup` wrote, by the `variable` OPENAI_BASE_URL alone, or by a `login` at the address of
    its built-in provider, which makes Codex speak WebSocket."""
    name: str
    dialect: str
    other: str
    words: list
    afterwards: int = 0
    settings: dict = dataclasses.field(default_factory=dict)
    variables: dict = dataclasses.field(default_factory=dict)
    programs: pathlib.Path = INSTALLED / "bin"
    interactive: list | None = None
    cursor: str = ""
    way: str = "run"
    again: list | None = None
    model: str = ""

    def command(self, prompt, again=False):
        return [*(self.again if again else self.words), prompt]


CODEX = ["codex", "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
CODEX_ALONE = {".codex/config.toml": """check_for_update_on_startup = false
[analytics]
enabled = false
[features]
plugins = false
apps = false
[projects."WORK"]
trust_level = "trusted"
"""}
CLAUDE_KNOWN = {".claude.json": """{"hasCompletedOnboarding": true, "theme": "dark",
  "projects": {"WORK": {"hasTrustDialogAccepted": true}}}"""}
OPENCODE_ALONE = {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1",
                  "OPENCODE_DISABLE_LSP_DOWNLOAD": "1", "OPENCODE_DISABLE_SHARE": "1"}
ALL = [
    Agent("codex", RESPONSES, MESSAGES, CODEX, settings=CODEX_ALONE, interactive=["codex"], cursor="›",
          again=[*CODEX, "resume", "--last"]),
    Agent("codex-0.118", RESPONSES, CHAT, CODEX, settings=CODEX_ALONE, programs=INSTALLED / "bin-0.118",
          again=[*CODEX, "resume", "--last"]),
    Agent("codex with gpt-6", RESPONSES, MESSAGES, [*CODEX, "-m", "gpt-6.1-sol"], settings=CODEX_ALONE,
          model="gpt-6.1-sol"),
    Agent("claude", MESSAGES, RESPONSES, ["claude", "-p", "--allowedTools", "Bash", "--"],
          settings=CLAUDE_KNOWN, interactive=["claude"], cursor="❯",
          again=["claude", "-p", "-c", "--allowedTools", "Bash", "--"]),
    Agent("gemini", GEMINI, MESSAGES, ["gemini", "--skip-trust", "--approval-mode", "yolo", "-p"],
          again=["gemini", "--skip-trust", "--approval-mode", "yolo", "--resume", "latest", "-p"]),
    Agent("opencode", RESPONSES, GEMINI, ["opencode", "run"], variables=OPENCODE_ALONE,
          again=["opencode", "run", "-c"]),
    Agent("qwen", CHAT, MESSAGES, ["qwen", "-y"], afterwards=1, again=["qwen", "-y", "-c"]),
    Agent("pi", RESPONSES, CHAT, ["pi", "-p"], again=["pi", "-c", "-p"]),
    Agent("cline", CHAT, GEMINI, ["cline"]),
    Agent("codex-0.118 by variable", RESPONSES, RESPONSES, CODEX, settings=CODEX_ALONE,
          programs=INSTALLED / "bin-0.118", way="variable"),
    Agent("codex by login", RESPONSES, RESPONSES, CODEX, settings=CODEX_ALONE, way="login"),
    Agent("codex by setup", RESPONSES, RESPONSES, [*CODEX[:1], "-p", "routerone", *CODEX[1:]],
          settings=CODEX_ALONE, way="setup"),
    Agent("claude by setup", MESSAGES, MESSAGES, ["claude", "-p", "--allowedTools", "Bash", "--"],
          settings=CLAUDE_KNOWN, way="setup"),
]
