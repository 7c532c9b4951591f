#!/usr/bin/env python3
"""What `routerone run` starts in run_test.py: a program that knows no more than its environment.

  ask COUNT          asks COUNT times, at most until it is refused; prints the statuses as JSON
  hold FILE          writes what it was given to FILE, then waits; each signal it hears goes to FILE.signals
                     and the second ends it, SIGTERM at once, with 5"""
import json
import os
import pathlib
import signal
import sys
import time
import urllib.error
import urllib.request

MODEL = "box/ok"


def ask(base, key):
    body = json.dumps({"model": MODEL, "max_tokens": 20, "messages": [{"role": "user", "content": "hello"}]})
    request = urllib.request.Request(base + "/chat/completions", body.encode(), {
        "Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        error.read()
        return error.code


def ask_many(count):
    statuses = []
    while len(statuses) < count and (not statuses or statuses[-1] == 200):
        statuses.append(ask(os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]))
    print(json.dumps(statuses))


def hold(file):
    heard = []

    def note(number, _):
        heard.append(signal.Signals(number).name)
        part = pathlib.Path(f"{file}.signals.{len(heard)}")
        part.write_text(json.dumps(heard))
        part.rename(file + ".signals")
        if number == signal.SIGTERM or len(heard) > 1:
            os._exit(5)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        signal.signal(number, note)
    given = {name: value for name, value in os.environ.items()
             if name.startswith(("OPENAI_", "ANTHROPIC_", "ROUTERONE_"))}
    part = pathlib.Path(file + ".part")
    part.write_text(json.dumps({"pid": os.getpid(), "parent": os.getppid(), **given}))
    part.rename(file)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        ask_many(int(sys.argv[2]))
    else:
        hold(sys.argv[2])
