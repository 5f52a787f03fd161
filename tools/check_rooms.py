#!/usr/bin/python3
"""Every room has a README of at most 40 lines, every source file opens with what it is, and nothing in the tree names the
machine it was written on, who wrote it, or a piece of work without an issue."""
import codecs
import re

import check_layers
import tree

README_LIMIT = 40
PLACES = re.compile(r"(?<![\w.$}\-])/(?:work|root|home)/[\w.-]+")
TEMPORARY = re.compile(r"(?<![\w$}])/tmp/(?!tepui)[a-z]{2,}/")  # in tests it is a path inside a container
# Names of programs that write text; kept turned by 13 letters so that this file does not hold them.
WRITERS = re.compile(r"\b(" + codecs.decode("pynhqr|naguebcvp|pungtcg|pbcvybg|bcranv|pbqrk|trzvav|YYZ", "rot13") + r")\b", re.I)
UNTRACKED_WORK = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")
SLEEP = re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\s*\(|(?<![\w.])::sleep\s*\(")
DISABLED = re.compile(r"\bDISABLED_\w+|EXPECT_TRUE\(true\)|ASSERT_TRUE\(true\)|\bSUCCEED\(\)")


def check_line(path, number, line):
    where = f"{path}:{number}"
    if PLACES.search(line) or (TEMPORARY.search(line) and not path.startswith("tests/")):
        yield f"{where}: names a folder of one machine"
    if WRITERS.search(line):
        yield f"{where}: names a program that writes text"
    if tree.is_source(path) and UNTRACKED_WORK.search(line):
        yield f"{where}: work left open without an issue number"
    if path.startswith("tests/") and tree.is_source(path) and not path.startswith("tests/probes/"):
        if SLEEP.search(line):
            yield f"{where}: a test sleeps; wait for the event with a deadline"
        if DISABLED.search(line):
            yield f"{where}: a test that does not run or cannot fail"


def check(files):
    problems = []
    rooms = check_layers.parse_table(files.get("docs/architecture.md", ""))
    for room in rooms:
        if not any(path.startswith(room + "/") and path.endswith((".cpp", ".h", ".hpp", ".proto")) for path in files):
            continue
        readme = files.get(room + "/README.md")
        if readme is None:
            problems.append(f"{room}/README.md: missing")
        elif readme.count("\n") > README_LIMIT:
            problems.append(f"{room}/README.md: {readme.count(chr(10))} lines are more than {README_LIMIT}")
    for path, text in files.items():
        if path in ("tools/check_rooms.py",) or path.startswith("tests/style/"):
            continue
        if path.endswith(".hpp") and not text.lstrip().startswith("//"):
            problems.append(f"{path}: does not open with a line on what it is")
        if path.endswith(".hpp") and "#pragma once" not in text:
            problems.append(f"{path}: no #pragma once")
        for number, line in enumerate(text.splitlines(), 1):
            problems += check_line(path, number, line)
    return problems


if __name__ == "__main__":
    tree.run("check_rooms", check, lambda path: path != "LICENSE")
