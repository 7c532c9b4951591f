"""What commands print with --json is as `routerone schema` promises, and no more than it tells of: those that
change something, typed here with most of what can be said; those that only read are held to it with their
examples, and here with what these leave out. Who adds a command adds a line."""
import contextlib
import sys

import cases
from example_stage import Stage, breaches_of, is_judged_by_its_examples

LIMITS = ("--max-spend 2 --every hour --rolling --warn 70% --rate-limit 9 --requests-per-day 99 --token-limit-tpm 999 "
          "--concurrency 3 --models 'openai/*' --providers mybox --expires 30d --require zdr --no-training --region eu "
          "--unpriced --on-limit refuse --dry-run-limits")
# Command: lines whose stdout is what it prints. Each is typed where `Stage.furnish` has put something of each kind.
LINES = {
    "init": ["routerone init --no-setup --key-name fresh --json", "routerone init --no-setup --key-name fresh --json",
             "routerone init --yes --model mybox/ok --json", "routerone init --setup codex --provider openai --json"],
    "up": ["routerone up --json", "routerone down && routerone up --json"],
    "down": ["routerone down --json", "routerone down && routerone down --json"],
    "restart": ["routerone restart --json", "routerone down && routerone restart --json"],
    "doctor": ["routerone doctor --json", "routerone doctor --fix --json", "routerone doctor --list --json",
               "chmod 755 r1/state && routerone doctor --fix --json", "routerone down && routerone doctor --json; test $? = 1"],
    "run": ["routerone run --quiet --receipt told -- true && cat told",
            "routerone run --json --name runs --max-spend 1 -- "
            "sh -c 'curl -s $OPENAI_BASE_URL/chat/completions -H \"Authorization: Bearer $OPENAI_API_KEY\" "
            "-H Content-Type:application/json -d @asked' 2>&1 >answered | sed -n '/^{/,$p'"],
    "setup": ["routerone setup gemini --model mybox/ok --dry-run --json",
              "routerone setup gemini --model mybox/ok --yes --json", "routerone setup gemini --yes --json",
              "routerone setup gemini --undo --yes --json"],
    "keys create": ["routerone keys create plain --json",
                    f"routerone keys create full --project web --weights cost=1,latency=0 {LIMITS} --json",
                    "routerone keys create daily --max-spend 1 --every day --timezone Europe/Berlin --json"],
    "keys update": [f"routerone keys update ci --project web {LIMITS} --json",
                    "routerone keys update ci --max-spend none --models '*' --expires never --json"],
    "keys rotate": ["routerone keys rotate ci --yes --json"],
    "keys revoke": ["routerone keys revoke ci --yes --json"],
    "projects create": ["routerone projects create plain --json", f"routerone projects create full {LIMITS} --json"],
    "projects update": [f"routerone projects update web {LIMITS} --json"],
    "projects remove": ["routerone projects remove plain --yes --json"],
    "budgets set": ["routerone budgets set wallet 50 --every month --json", "routerone budgets set key:ci 2 --json",
                    "routerone budgets set project:web 0.5 --every week --rolling --warn 50% --json"],
    "budgets clear": ["routerone budgets clear key:ci --json", "routerone budgets clear wallet --prepaid --yes --json"],
    "budgets topup": ["routerone budgets topup 20 --note card --json", "routerone budgets topup -2.50 --json"],
    "budgets reconcile": ["routerone budgets reconcile costs.csv --all --dry-run --json",
                          "routerone budgets reconcile costs.csv --all --json",
                          "routerone budgets reconcile costs.csv --json"],
    "providers add": ["routerone providers add openai --json",
                      "routerone providers add llama --base-url http://127.0.0.1:9/v1 --dialect openai-chat "
                      "--auth none --priority 3 --header X-Mine:1 --json"],
    "providers update": ["routerone providers update mybox --priority 2 --json",
                         "routerone providers update mybox --refresh --json"],
    "providers disable": ["routerone providers disable mybox --json"],
    "providers enable": ["routerone providers enable mybox --json"],
    "providers reset": ["routerone providers reset mybox --json"],
    "providers remove": ["routerone providers remove mybox --yes --json"],
    "providers keys add": ["routerone providers keys add mybox work --key-from env:WORK_KEY --json"],
    "providers keys remove": ["routerone providers keys remove mybox spare --yes --json"],
    "models alias": ["routerone models alias fast openai/gpt-5-mini --json",
                     "routerone models alias small --remove --json"],
    "models quality": ["routerone models quality openai/gpt-5-mini 0.7 --json",
                       "routerone models quality openai/gpt-5-mini none --json"],
    "models price": ["routerone models price mybox/ok --input 0.10 --output 0.40 --cache-read 0.01 --json",
                     "routerone models price mybox/ok --clear --json"],
    "models update": ["routerone models update --file catalog.json --json", "routerone models update --clear --json"],
    "routes set": ["routerone routes set cheap --failover-switches 1 --first-byte-floor 2s --json",
                   "routerone routes set --project web fast --hedge on --json",
                   "routerone routes set --key ci latency=.5 cost=.3 quality=.2 --json",
                   "routerone routes set --project web none --json"],
    "routes candidates": ["routerone routes candidates coding openai/gpt-5,mybox/ok --json",
                          "routerone routes candidates coding --json",
                          "routerone routes candidates coding --clear --json"],
    "routes fallback": ["routerone routes fallback openai/gpt-5 openai/gpt-5-mini,mybox/ok --json",
                        "routerone routes fallback openai/gpt-5 --clear --json"],
    "map": ["routerone --map --json"],
    "keys list": ["routerone keys list --all --json"],
    "providers list": ["routerone providers list --all --json"],
    "budgets show": ["routerone budgets show wallet --json", "routerone budgets show project:web --json"],
    "usage": ["routerone usage --by model,key,project,provider,session,client,day,hour --json"],
    "config export": ["routerone config export --with-secrets all-of-it --yes --json"],
    "traces tail": ["routerone traces tail --since 1h --limit 1 --json"],
    "traces prune": ["routerone traces prune --older-than 90d --dry-run --json",
                     "routerone traces prune --older-than 0s --yes --json"],
    "config apply": ["routerone config export > all.json && routerone config apply all.json --dry-run --json",
                     "routerone config export > all.json && routerone keys create later --quiet > later && "
                     "routerone keys update ci --rate-limit 7 --quiet > later && "
                     "routerone config apply all.json --yes --json"],
}
WITHOUT = {  # print no object of a shape with --json, and why
    "repl": "its lines print theirs", "completion": "a script", "__complete": "what a shell reads",
    "help": "text, or a part of the map", "schema": "a schema",
}


def test_what_commands_print_that_change_something_is_as_its_schema_says():
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        stage.make_trace()
        (stage.folder / "asked").write_text('{"model": "mybox/ok", "messages": [{"role": "user", "content": "hi"}]}')
        printing = {command["name"]: command for command in stage.map["commands"] if command["prints"]}
        judged = {name for name, command in printing.items() if is_judged_by_its_examples(command)}
        missing, gone = set(printing) - judged - set(LINES), set(LINES) - set(printing)
        assert not missing | gone, f"no line for {missing}; there is no {gone}"
        wrong, played = [], 0
        for name, lines in LINES.items():
            for line in lines:
                stage.furnish(line)
                done = stage.run(line, check=False)
                found = breaches_of(stage, printing[name], done.stdout)
                if done.returncode or found:
                    wrong.append("\n".join([f"{line}: {done.returncode}", *found[:8], done.stderr[-600:]]))
                played += 1
        assert not wrong, "\n\n".join([f"{len(wrong)} of {played}:"] + wrong)
        print(f"{played} lines typed")


def test_a_command_without_a_shape_has_a_reason():
    with contextlib.ExitStack() as stack:
        without = {command["name"] for command in Stage(stack).map["commands"] if not command["prints"]}
        assert without == set(WITHOUT), without ^ set(WITHOUT)


if __name__ == "__main__":
    sys.exit(cases.run("schema", cases.collect(globals())))
