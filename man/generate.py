#!/usr/bin/env python3
"""Writes the manual pages of the commands from what `routerone --map --json` says of them.

Usage: generate.py ROUTERONE [FOLDER]     ROUTERONE: the program; FOLDER: this one unless said
routerone(1) and routerone-COMMAND(1) are written whole; in routerone-exit-codes(7) only the table.
The other pages are written by hand. A test does the same into another folder and compares."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

DATE = "November 22, 2026"
HERE = pathlib.Path(__file__).resolve().parent
TABLE = ('.\\" table of exit codes: from the program', '.\\" end of the table')


def plain(text):
    """Text as roff takes it literally."""
    for sign, name in (("\\", "\\e"), ("'", "\\(aq"), ("`", "\\(ga"), ("^", "\\(ha"), ("~", "\\(ti"),
                       ("-", "\\-")):
        text = text.replace(sign, name)
    return text


def prose(text):
    """A line a sentence, none too long and none that roff would take for a request."""
    text = text.replace("\\", "\\e").replace("^", "\\(ha").replace("~", "\\(ti")
    lines = []
    for sentence in re.split(r"(?<=[^.][.?!]) +(?=[^a-z.])", text.strip()):
        lines += textwrap.wrap(sentence, 78, break_long_words=False, break_on_hyphens=False)
    return "\n".join("\\&" + line if line[0] in ".'" else line for line in lines)


def word(text):
    """An argument of a macro: nothing in it is a macro or a delimiter of its own."""
    text = text.replace("\\", "\\e").replace('"', "\\(dq")
    if re.fullmatch(r"[A-Z][a-z]|[.,:;()\[\]?!|]+", text):
        text = "\\&" + text
    return f'"{text}"' if " " in text or text == "" else text


def page_of(name):
    return "routerone-" + name.replace(" ", "-")


def value_words(value):
    return "" if value is None else " Ar " + word(value["name"])


def option_tag(option):
    tag = "Fl -" + option["name"].lstrip("-") + value_words(option["value"])
    return f"Fl {option['letter'][1]} , {tag}" if option["letter"] else tag


def option_items(options):
    lines = [".Bl -tag -width Ds"]
    for option in options:
        more = " It may be given more than once." if option["repeats"] else ""
        text = sentence(option["help"]) + more
        value = option["value"]
        if value and any(choice not in option["help"] for choice in value["choices"]):
            text += f" One of: {', '.join(value['choices'])}."
        lines += [".It " + option_tag(option), prose(text)]
    return lines + [".El"]


def sentence(text):
    first = text.split(" ", 1)[0]
    begin = text[0].upper() + text[1:] if first.isalpha() and first.islower() else text
    return begin + ("" if text.endswith((".", "?", "!")) else ".")


def literal(lines):
    out = [".Bd -literal -offset indent"]
    for line in lines:
        text = plain(line)
        out.append("\\&" + text if text[:1] in (".", "") else text)
    return out + [".Ed"]


def examples(command):
    out = [".Sh EXAMPLES"]
    for example in command["examples"]:
        out += [prose(sentence(example["says"]).rstrip(".") + ":")] + literal([example["line"]])
    return out


def synopsis(command):
    out = [".Sh SYNOPSIS", ".Nm " + "routerone " + command["name"]]
    options = [".Op Ar OPTION .." if command["options"] else ".Op Ar OPTION"]
    arguments = []
    for argument in command["arguments"]:
        name = word(argument["name"])
        if argument["kind"] == "program":
            arguments += [f".Fl - Ar {name}", ".Op Ar ARG .."]
        elif argument["repeats"]:
            arguments.append(f".Op Ar {name} ..")
        elif argument["required"]:
            arguments.append(f".Ar {name}")
        else:
            arguments.append(f".Op Ar {name}")
    runs = any(argument["kind"] == "program" for argument in command["arguments"])
    return out + (options + arguments if runs else arguments + options)


def grouped(options):
    groups = {}
    for option in options:
        groups.setdefault(option["group"], []).append(option)
    return groups


def description(command, common):
    out = [".Sh DESCRIPTION", prose(sentence(command["summary"]))]
    for paragraph in filter(None, command["about"].split("\n\n")):
        out += [".Pp", prose(paragraph)]
    if command["effect"] == "destroys":
        out += [".Pp", "What it does cannot be undone: it asks first on a terminal, and needs",
                ".Fl -yes", "elsewhere."]
    told = [each for each in command["arguments"] if each["means"]]
    if told:
        out += [".Ss Arguments", ".Bl -tag -width Ds"]
        for argument in told:
            out += [".It Ar " + word(argument["name"]), prose(sentence(argument["means"]))]
        out.append(".El")
    for heading, options in grouped(command["options"]).items():
        out += [".Ss " + (heading.capitalize() or "Options")] + option_items(options)
    out += [".Ss Options of every command"] + option_items(common)
    if command["prints"]:
        out += [".Ss Output as JSON", "With", ".Fl -json",
                {"one": "it prints one object.", "array": "it prints an array of objects.",
                 "lines": "it prints one object a line.",
                 "one or array": "it prints one object, or an array of them where nothing is named."}
                [command["prints"]["how"]],
                "Its JSON Schema:", f".Ql routerone schema {command['name']} ."]
    return out


def exit_status(command):
    out = [".Sh EXIT STATUS"]
    if command["exit_codes"]:
        out.append(".Bl -tag -width Ds")
        for code in command["exit_codes"]:
            out += [f".It {code['code']}", prose(sentence(code["means"]))]
        out += [".El", ".Pp"]
    return out + ["Those of every command:", ".Xr routerone-exit-codes 7 ."]


def references(names):
    pages = sorted((page, section) for page, section in names)
    pages.sort(key=lambda each: (each[1], each[0]))
    return [f".Xr {page} {section}" + (" ," if i + 1 < len(pages) else "")
            for i, (page, section) in enumerate(pages)]


def head(page, section, about):
    return ['.\\" Written by man/generate.py from the program\'s own table: change that.',
            f".Dd {DATE}", f".Dt {page.upper()} {section}", ".Os", ".Sh NAME", f".Nm {page}",
            f".Nd {about}"]


def command_page(command, common):
    see = {(page_of(name), 1) for name in command["see_also"]} | {("routerone", 1)}
    lines = head(page_of(command["name"]), 1, plain_about(command["summary"]))
    lines += synopsis(command) + description(command, common) + exit_status(command)
    if command["examples"]:
        lines += examples(command)
    return "\n".join(lines + [".Sh SEE ALSO"] + references(see)) + "\n"


def plain_about(text):
    return text.replace("\\", "\\e")


def main_page(table):
    lines = head("routerone", 1, "your own LLM gateway on localhost")
    lines += [".Sh SYNOPSIS", ".Nm", ".Ar COMMAND", ".Op Ar ARGUMENT ..", ".Op Ar OPTION ..",
              ".Sh DESCRIPTION", (HERE / "routerone.1.in").read_text().strip()]
    tasks = {}
    for command in visible(table):
        tasks.setdefault(command["task"], []).append(command)
    for task, commands in tasks.items():
        lines += [".Ss " + task.capitalize(), ".Bl -tag -width Ds"]
        for command in commands:
            lines += [f".It Xr {page_of(command['name'])} 1", prose(sentence(command["summary"]))]
        lines.append(".El")
    lines += [".Ss Options of every command"] + option_items(table["common_options"])
    lines += [".Sh EXIT STATUS", "0 if all went well; the others:", ".Xr routerone-exit-codes 7 .",
              ".Sh EXAMPLES"]
    for command in visible(table):
        if command["common"] and command["examples"]:
            example = command["examples"][0]
            says = sentence(f"{command['name']}: {example['says']}").rstrip(".") + ":"
            lines += [prose(says)] + literal([example["line"]])
    others = {("routerone-environment", 7), ("routerone-exit-codes", 7), ("routerone-security", 7),
              ("routeroned", 8)}
    return "\n".join(lines + [".Sh SEE ALSO"] + references(others)) + "\n"


def visible(table):
    return [command for command in table["commands"] if not command["hidden"]]


def codes_table(table):
    lines = [".Bl -tag -width Ds"]
    for code in table["exit_codes"]:
        then = f" What helps: {code['then']}." if code["then"] else ""
        lines += [f".It {code['code']}", prose(sentence(code["means"]) + then)]
    return "\n".join(lines + [".El"])


def with_codes(page, table):
    before, rest = page.split(TABLE[0], 1)
    return before + TABLE[0] + "\n" + codes_table(table) + "\n" + TABLE[1] + rest.split(TABLE[1], 1)[1]


def main(program, folder=HERE):
    folder = pathlib.Path(folder)
    told = subprocess.run([program, "--map", "--json"], check=True, capture_output=True, text=True)
    table = json.loads(told.stdout)
    pages = {"routerone.1": main_page(table)}
    for command in visible(table):
        pages[page_of(command["name"]) + ".1"] = command_page(command, table["common_options"])
    pages["routerone-exit-codes.7"] = with_codes((HERE / "routerone-exit-codes.7").read_text(), table)
    if folder != HERE:
        folder.mkdir(parents=True, exist_ok=True)
        for page in HERE.glob("*.[78]"):
            shutil.copy(page, folder)
    for old in folder.glob("*.1"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
