"""What TAB must do, the same list for every shell: a case is a line as typed and what comes of it.

has, lacks, only: words that are offered, whole and unquoted. becomes: the line after one TAB, for the
shells with a line editor; where they quote differently it is one of several. left: how far the cursor
stands before the line's end."""


class Case:
    def __init__(self, typed, has=(), lacks=(), only=None, becomes=None, left=0, shells=None):
        self.typed, self.left, self.shells = "routerone " + typed, left, shells
        self.has, self.lacks = list(has), list(lacks)
        self.only = None if only is None else sorted(only)
        lines = [becomes] if isinstance(becomes, str) else becomes
        self.becomes = lines and ["routerone " + line for line in lines]

    def check(self, shell, answer):
        offered = sorted(set(answer.offered))
        said = f"{shell.name}: {self.typed!r} offers {offered[:40]}, becomes {answer.line!r}"
        assert all(word in offered for word in self.has), f"{said}; {self.has} must be there"
        assert not set(self.lacks) & set(offered), f"{said}; {self.lacks} must not"
        assert self.only is None or offered == self.only, f"{said}; not just {self.only}"
        if self.becomes and answer.line is not None:
            assert answer.line in self.becomes, f"{said}; not {self.becomes}"


PERIODS = ["hour", "day", "week", "month", "total"]

# These need no daemon; they hold with one, too.
ALWAYS = [
    # the words of commands
    Case("", has=["keys", "up", "run", "completion"], lacks=["__complete", "--json"]),
    Case("ke", only=["keys"], becomes="keys "),
    Case("keys ", has=["create", "list", "show", "update", "rotate", "revoke"], lacks=["keys"]),
    Case("keys cr", only=["create"], becomes="keys create "),
    Case("providers k", only=["keys"], becomes="providers keys "),
    Case("providers keys ", has=["add", "list", "remove"], lacks=["show"]),
    Case("nonsense ", only=[]),
    Case("keys nonsense ", only=[]),
    Case("__complete ", only=[]),
    Case("help ke", only=["keys"], becomes="help keys "),
    Case("help keys sh", only=["show"], becomes="help keys show "),
    Case("completion ", only=["bash", "zsh", "fish"]),
    Case("completion z", only=["zsh"], becomes="completion zsh "),
    # options
    Case("--", has=["--json", "--quiet", "--color", "--version", "--help"]),
    Case("--js", only=["--json"], becomes="--json "),
    Case("--json ke", only=["keys"], becomes="--json keys "),
    Case("--color always ke", only=["keys"], becomes="--color always keys "),
    Case("keys create x --max-", only=["--max-spend"], becomes="keys create x --max-spend "),
    Case("keys create x --max-spend 2 --max-", only=[]),
    Case("keys list ", has=["--all", "--json"]),
    Case("keys list --a", only=["--all"], becomes="keys list --all "),
    Case("keys list --json --j", only=[]),
    Case("run --max-spend 2 --pr", has=["--project"], lacks=["--max-spend"]),
    # values
    Case("keys create x --every ", only=PERIODS),
    Case("keys create x --every d", only=["day"], becomes="keys create x --every day "),
    Case("keys create x --every=", only=["--every=" + period for period in PERIODS]),
    Case("keys create x --every=w", only=["--every=week"], becomes="keys create x --every=week "),
    Case("keys list --color ", only=["auto", "always", "never"]),
    Case("keys list --color=n", only=["--color=never"], becomes="keys list --color=never "),
    Case("keys create --every d", only=["day"]),
    Case("keys create x --max-spend ", only=[]),
    Case("keys create x --timezone Europe/Ber", only=["Europe/Berlin"],
         becomes="keys create x --timezone Europe/Berlin "),
    Case("routes set ch", only=["cheap"], becomes="routes set cheap "),
    Case("routes set lat", only=["latency="], becomes="routes set latency="),
    Case("setup cl", has=["claude"], lacks=["codex"]),
    # scopes and filters
    Case("budgets set ", only=["wallet", "project:", "key:"]),
    Case("budgets set w", only=["wallet"], becomes="budgets set wallet "),
    Case("budgets set k", only=["key:"], becomes="budgets set key:"),
    Case("budgets set project:def", only=["project:default"],
         becomes="budgets set project:default "),
    Case('budgets set "project:def', only=["project:default"],
         becomes='budgets set "project:default" '),
    Case("traces list ", has=["key=", "model=", "status=", "status>=", "since="],
         lacks=["input_tokens="]),
    Case("traces list rou", only=["route="], becomes="traces list route="),
    Case("traces list route=", only=["route=primary", "route=fallback", "route=auto"]),
    Case("traces list route=f", only=["route=fallback"], becomes="traces list route=fallback "),
    Case("traces list route!=f", only=["route!=fallback"]),
    Case("traces list status=42", only=["status=429"], becomes="traces list status=429 "),
    Case("traces list 'status>=52", only=["status>=529"], becomes="traces list 'status>=529' "),
    Case("traces list route=auto inp", has=["input_tokens=", "input_tokens>="]),
    # lists
    Case("keys create x --models openai/gpt-5,openai/gpt-4.1-n",
         has=["openai/gpt-5,openai/gpt-4.1-nano"], lacks=["openai/gpt-4.1-nano"]),
    Case("keys create x --models=openai/gpt-4.1-nan", has=["--models=openai/gpt-4.1-nano"],
         becomes=["keys create x --models=openai/gpt-4.1-nano" + end for end in ("", " ")]),
    # the catalog
    Case("providers add openr", has=["openrouter"]),
    Case("models show gpt-4.1-nan", has=["gpt-4.1-nano"], becomes="models show gpt-4.1-nano"),
    # files, folders, and what a secret comes from
    Case("models price x --from my", becomes="models price x --from my\\ prices.json "),
    Case("models price x --from=my", becomes="models price x --from=my\\ prices.json "),
    Case('models price x --from "my', becomes='models price x --from "my prices.json" '),
    Case("providers add x --key-from ", only=["env:", "file:", "cmd:", "prompt", "-"]),
    Case("providers add x --key-from e", only=["env:"], becomes="providers add x --key-from env:"),
    Case("providers add x --key-from env:A_TEST", only=["env:A_TEST_API_KEY"],
         becomes="providers add x --key-from env:A_TEST_API_KEY "),
    Case("providers add x --key-from file:my",
         becomes="providers add x --key-from file:my\\ prices.json "),
    Case("keys list > my", becomes="keys list > my\\ prices.json "),
    # another program behind `--`
    Case("run ", only=["--"], becomes="run -- "),
    Case("run -- routero", has=["routerone"]),
    Case("run --max-spend 2 -- routerone ke", shells=["bash with bash-completion", "zsh", "fish"],
         only=["keys"], becomes="run --max-spend 2 -- routerone keys "),
    Case("run -- cat my", becomes="run -- cat my\\ prices.json "),
    # where the cursor is
    Case("keys cre ci", left=3, only=["create"], becomes=["keys create ci", "keys create  ci"]),
    Case("keys create x --every=d --json", left=7, only=["--every=day"],
         becomes=["keys create x --every=day --json", "keys create x --every=day  --json"]),
    Case("keys 'cr", only=["create"], becomes="keys 'create' "),
    Case('ke"y', only=["keys"], shells=["bash"], becomes='ke"ys" '),
    Case("keys\\ ", only=[]),
    Case("keys show '$(touch PWNED)", only=[]),
    Case("models show $(touch PWNED)", only=[]),
]

HOSTILE = "boom$(touch>PWNED)"
TICKS = "tick`touch>PWNED`"
ODD = "odd;touch>PWNED&*?[a]{b}~#|\\x"

# With the names of a daemon.
UP = [
    Case("keys show ", only=["ci", "laptop", "web-prod"]),
    Case("keys show la", only=["laptop"], becomes="keys show laptop "),
    Case("keys revoke w", only=["web-prod"], becomes="keys revoke web-prod "),
    Case("keys show nobody", only=[]),
    Case("keys create x --project ", only=["default", "web"]),
    Case("keys create x --project=w", only=["--project=web"],
         becomes="keys create x --project=web "),
    Case("projects show w", only=["web"], becomes="projects show web "),
    Case("budgets set key:c", only=["key:ci"], becomes="budgets set key:ci "),
    Case("budgets show project:", only=["project:default", "project:web"]),
    Case("budgets set 'key:la", only=["key:laptop"], becomes="budgets set 'key:laptop' "),
    Case("traces list key=", only=["key=ci", "key=laptop", "key=web-prod"]),
    Case("traces list key=la", only=["key=laptop"], becomes="traces list key=laptop "),
    Case("traces list key=ci project=w", only=["project=web"],
         becomes="traces list key=ci project=web "),
    Case("providers show ", has=["mybox", "openai"], lacks=["openrouter"]),
    Case("providers test my", only=["mybox"], becomes="providers test mybox "),
    Case("keys create x --providers mybox,o", only=["mybox,openai"],
         becomes="keys create x --providers mybox,openai "),
    Case("keys create x --providers mybox,", has=["mybox,openai"], lacks=["mybox,mybox"]),
    Case("models show openai/gpt-4.1-nan", has=["openai/gpt-4.1-nano"]),
    Case("models show openai/gpt-4.1-nano@", only=["openai/gpt-4.1-nano@openai"],
         becomes="models show openai/gpt-4.1-nano@openai "),
    Case("models show quick", only=["quickest"], becomes="models show quickest "),
    Case("routes candidates ", has=["auto", "smart"]),
    Case("traces list session='se", only=["session=session one"],
         becomes=["traces list session='session one' ", "traces list session=session\\ one "]),
    Case("traces list session=se", only=["session=session one"],
         becomes="traces list session=session\\ one "),
    Case("traces list session=it", only=["session=it's \"$(touch PWNED)\""]),
    # names that a shell would act on
    Case("models show boo", only=[HOSTILE], becomes="models show boom\\$\\(touch\\>PWNED\\) "),
    Case('models show "boo', only=[HOSTILE], becomes='models show "boom\\$(touch>PWNED)" '),
    Case("models show 'boo", only=[HOSTILE], becomes="models show 'boom$(touch>PWNED)' "),
    Case("models show tic", only=[TICKS], becomes="models show tick\\`touch\\>PWNED\\` "),
    Case('models show "tic', only=[TICKS], becomes='models show "tick\\`touch>PWNED\\`" '),
    Case("models show odd", only=[ODD]),
]
