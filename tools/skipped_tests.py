#!/usr/bin/python3
"""Lists the tests that were skipped, with their reasons, from the JUnit files that ctest wrote.

    skipped_tests.py [--strict] FILE.xml…

With --strict it ends with 1 when a test gave no reason, did not run at all, or needs what tools/reference_machine.txt says
that the machine has.
"""
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

NEED = re.compile(r"needs (\S+(?:\([^)]*\))?): (.*)")


def reference_needs(text):
    return {line.split("#")[0].strip() for line in text.splitlines()} - {""}


def skipped(xml_text):
    """(name, need or None, reason) of every test case that was skipped or not run."""
    for case in ElementTree.fromstring(xml_text).iter("testcase"):
        if case.find("skipped") is None and case.get("status") not in ("notrun", "disabled"):
            continue
        output = case.findtext("system-out") or ""
        found = NEED.search(output)
        yield (case.get("name"), found.group(1), found.group(2)) if found else (case.get("name"), None, "gave no reason")


def judge(rows, needs):
    """The rows that may not be skipped where `needs` are there."""
    return [row for row in rows if row[1] is None or row[1] in needs]


def main(arguments):
    strict = "--strict" in arguments
    rows = []
    for path in arguments:
        if path != "--strict":
            with open(path, encoding="utf-8", errors="replace") as file:
                rows += skipped(file.read())
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "reference_machine.txt"), encoding="utf-8") as file:
        wrong = judge(rows, reference_needs(file.read()))
    print(f"skipped tests: {len(rows)}")
    for name, need, reason in rows:
        print(f"  {name}: " + (f"needs {need}: {reason}" if need else reason))
    if strict and wrong:
        print(f"{len(wrong)} of them could have run on the reference machine (tools/reference_machine.txt)")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
