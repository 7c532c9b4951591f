"""Runs cases one by one and prints a line for each. A case is a function; its docstring or its name
says in words what it proves."""
import time
import traceback


class Skipped(Exception):
    """Raised by a case that cannot be run here; says why."""


def sentence(case):
    return (case.__doc__ or case.__name__.replace("_", " ")).strip().splitlines()[0].rstrip(".")


def run(title, cases, after_each=lambda: None):
    """0 if every case passed. `after_each` is part of the case before it."""
    failed = 0
    for case in cases:
        began = time.monotonic()
        try:
            case()
            after_each()
            word, trouble = "ok", ""
        except Skipped as reason:
            word, trouble = "skipped", f": {reason}"
        except Exception:  # whatever it is, the next case is still run
            word, trouble = "FAILED", "\n" + traceback.format_exc()
            failed += 1
        print(f"{word:7} {title}: {sentence(case)} ({time.monotonic() - began:.2f} s){trouble}",
              flush=True)
    return 1 if failed else 0


def collect(scope):
    """The cases of a module: its functions named `test_..`, in the order they are written."""
    return [value for name, value in scope.items() if name.startswith("test_") and callable(value)]
