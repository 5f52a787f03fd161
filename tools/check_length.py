#!/usr/bin/python3
"""No source file over 800 lines, no function over 70 (C++ and Python), and nine of ten files under 450 lines."""
import ast
import re

import tree

FILE_LIMIT, FUNCTION_LIMIT, NINE_OF_TEN_LIMIT = 800, 70, 450
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b|extern\s*\"\"")
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)


def blank(match):
    return "\n" * match.group(0).count("\n")


def is_scope(head):
    """Whether the text before a brace opens a namespace or a type, not a function or an initialiser."""
    found = SCOPE.search(head)
    if not found:
        return False
    # `struct stat read(...) {` is a function: a parenthesis that is no attribute follows the type's name.
    rest = re.sub(r"\b(alignas|__attribute__|requires)\s*\(+[^)]*\)+", "", head[found.end():])
    return "(" not in rest or found.group(1) == "namespace"


def cpp_functions(text):
    """(name, first line, number of lines) of every function body at namespace or type level."""
    code = PREPROCESSOR.sub(blank, tree.without_comments(text))
    stack, head_start, line = [], 0, 1
    opened = None
    for i, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == "{":
            head = code[head_start:i].strip()
            in_function = opened is not None
            if not in_function and not is_scope(head) and "(" in head and not re.search(r"=\s*$", head):
                first = line - code[head_start:i].lstrip().count("\n")
                opened = (len(stack), first, head)
            stack.append(char)
            head_start = i + 1
        elif char == "}":
            if stack:
                stack.pop()
            if opened and len(stack) == opened[0]:
                before = opened[2].split("(")[0].split()
                name = before[-1] if before else "?"
                if name in ("TEST", "TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P"):
                    name = " ".join(opened[2].split())
                yield name, opened[1], line - opened[1] + 1
                opened = None
            head_start = i + 1
        elif char == ";" and opened is None:
            head_start = i + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def check(files):
    problems, lengths = [], []
    for path, text in files.items():
        lines = text.count("\n")
        lengths.append(lines)
        if lines > FILE_LIMIT:
            problems.append(f"{path}: {lines} lines are more than {FILE_LIMIT}")
        functions = python_functions(text) if path.endswith(".py") else cpp_functions(text)
        for name, first, count in functions:
            if count > FUNCTION_LIMIT:
                problems.append(f"{path}:{first}: {name} has {count} lines, more than {FUNCTION_LIMIT}")
    lengths.sort()
    if len(lengths) >= 10 and lengths[len(lengths) * 9 // 10] > NINE_OF_TEN_LIMIT:
        problems.append(f"one file in ten has more than {NINE_OF_TEN_LIMIT} lines")
    return problems


if __name__ == "__main__":
    tree.run("check_length", check, lambda path: path.endswith(tree.CPP + (".py",)))
