#!/usr/bin/python3
"""One word for one thing: finds the banned synonyms of docs/glossary.md, and names that say nothing.

docs/glossary.md has a table whose third column lists the words not to use. Files and words that the wire or another program
dictates are listed in tools/glossary_allowed.txt.
"""
import fnmatch
import re

import tree

ROW = re.compile(r"^\|\s*([^|]+?)\s*\|\s*([^|]+?)\s*\|\s*([^|]*?)\s*\|$", re.M)
# A call or declaration of our own: `object.get_x(`, `object->get_x(` and `other::get_x(` belong to others.
EMPTY_VERB = re.compile(r"(?<![\w.>:])(?:get_|handle_|process_(?!of\b|id\b))[a-z0-9_]+\s*\(")
EMPTY_NAME = re.compile(r"\b\w*(?:[a-z]Manager|[a-z]Helper|[a-z]Utils?)\b|\b\w+_(?:manager|helpers?|utils?)\b")
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
EMPTY_FILE = re.compile(r"(^|[/_])(utils?|helpers?|manager|misc|common)([_./]|$)")


def banned_words(glossary):
    """{banned word: the word to use instead}."""
    words = {}
    for use, _, banned in ROW.findall(glossary):
        if use.lower() in ("word", "---") or set(use) <= set("-: "):
            continue
        for word in re.findall(r"[\w-]+", banned):
            if word != "-":
                words[word.lower()] = use.strip("`* ")
    return words


def allowances(text):
    rows = [line.split("#")[0].split() for line in text.splitlines()]
    return [(row[0], {word.lower() for word in row[1:]}) for row in rows if row]


def is_allowed(path, word, allowed):
    return any(fnmatch.fnmatchcase(path, pattern) and (word.lower() in words or "*" in words) for pattern, words in allowed)


def check_names(path, text, allowed):
    if EMPTY_FILE.search(path) and not is_allowed(path, "file", allowed):
        yield f"{path}: a file name that says nothing"
    code = tree.without_comments(text)
    for pattern in (EMPTY_VERB, EMPTY_NAME):
        for match in pattern.finditer(code):
            word = match.group(0).rstrip("( \n")
            if not is_allowed(path, word, allowed):
                line = code.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: '{word}': name the thing or the deed (docs/glossary.md)"


def check(files):
    banned = banned_words(files.get("docs/glossary.md", ""))
    if not banned:
        return ["docs/glossary.md: no table with banned words"]
    allowed = allowances(files.get("tools/glossary_allowed.txt", ""))
    # Prose and snake_case have no letter before the word; inside CamelCase it is capitalised. No small letter follows it.
    small, capital = "|".join(sorted(banned)), "|".join(sorted(word.capitalize() for word in banned))
    pattern = re.compile(rf"(?:(?<![A-Za-z])(?P<a>(?i:{small}))|(?<![A-Z])(?P<b>{capital}))(?i:s)?(?![a-z])")
    problems = []
    for path, text in files.items():
        if path in ("docs/glossary.md", "tools/glossary_allowed.txt") or not path.endswith(tree.TEXT):
            continue
        if tree.is_source(path):
            problems += check_names(path, text, allowed)
        for number, line in enumerate(text.splitlines(), 1):
            for match in pattern.finditer(line):
                word = match.group("a") or match.group("b")
                in_literal = any(literal.start() < match.start() < literal.end() for literal in LITERAL.finditer(line))
                if not is_allowed(path, word, allowed) and not (in_literal and is_allowed(path, f'"{word}"', allowed)):
                    problems.append(f"{path}:{number}: '{word}': say '{banned[word.lower()]}' (docs/glossary.md)")
    return problems


if __name__ == "__main__":
    tree.run("check_glossary", check)
