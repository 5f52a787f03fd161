#!/usr/bin/python3
"""Writes the names of all TEPUI_FAULT points of the tree as a C++ header: list_fault_points.py SOURCE_DIR OUTPUT."""
import os
import re
import sys

POINT = re.compile(r'\bTEPUI_FAULT\("([^"]+)"\)')
ROOMS = ("lib", "api", "launcher", "isolators", "agent", "master", "executor", "drivers", "cli")


def points(root):
    found = set()
    for room in ROOMS:
        for folder, _, files in os.walk(os.path.join(root, room)):
            for name in files:
                path = os.path.join(folder, name)
                if name.endswith(".cpp"):
                    with open(path, encoding="utf-8") as file:
                        found.update(POINT.findall(file.read()))
    return sorted(found)


def main(root, output):
    rows = "".join(f'    "{name}",\n' for name in points(root))
    text = ("// Written by list_fault_points.py: every TEPUI_FAULT of the tree.\n#pragma once\n\n"
            f"inline constexpr const char* kFaultPoints[] = {{\n{rows}    nullptr,\n}};\n")
    os.makedirs(os.path.dirname(output), exist_ok=True)
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
