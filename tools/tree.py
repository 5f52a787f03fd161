"""The files of the tree as the style checks see them: what git tracks or would track, nothing that is built."""
import os
import subprocess
import sys

CPP = (".cpp", ".hpp", ".c", ".h")
TEXT = CPP + (".py", ".sh", ".md", ".txt", ".cmake", ".proto", ".toml", ".json", ".java", ".S")


def top():
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def paths(root):
    """Sorted paths relative to root."""
    try:
        listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"], cwd=root,
                                check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = []
        for folder, folders, files in os.walk(root):
            folders[:] = [f for f in folders if f not in (".git", "build", "__pycache__")]
            listed += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    return sorted(p for p in set(listed) if os.path.isfile(os.path.join(root, p)))


def read(root, wanted=lambda path: True):
    """{path: text} of every text file for which wanted(path) holds; what is no UTF-8 is left out."""
    found = {}
    for path in paths(root):
        if not wanted(path):
            continue
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                found[path] = file.read()
        except UnicodeDecodeError:
            continue
    return found


def is_source(path):
    return path.endswith(CPP)


def without_comments(text):
    """C++ text with comments and the insides of string and character literals blanked; line numbers stay."""
    out = []
    i, end = 0, len(text)
    while i < end:
        two = text[i:i + 2]
        if two == "//":
            stop = text.find("\n", i)
            stop = end if stop < 0 else stop
            i = stop
        elif two == "/*":
            stop = text.find("*/", i + 2)
            stop = end if stop < 0 else stop + 2
            out.append("\n" * text.count("\n", i, stop) or " ")
            i = stop
        elif text[i] == '"' and i > 0 and text[i - 1] == "R":
            delimiter = text[i + 1:text.index("(", i)]
            stop = text.find(")" + delimiter + '"', i)
            stop = end if stop < 0 else stop + len(delimiter) + 2
            out.append('""' + "\n" * text.count("\n", i, stop))
            i = stop
        elif text[i] == '"' or (text[i] == "'" and not (i > 0 and (text[i - 1].isalnum() or text[i - 1] == "_"))):
            quote, start = text[i], i
            i += 1
            while i < end and text[i] != quote and text[i] != "\n":
                i += 2 if text[i] == "\\" else 1
            is_include = text[:start].rsplit("\n", 1)[-1].lstrip().startswith("#include")
            out.append(text[start:i + 1] if is_include else quote + quote)
            i += 1
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def report(name, problems):
    """Prints what was found and gives the process's exit status."""
    for problem in problems:
        print(problem)
    print(f"{name}: {len(problems)} problem(s)")
    return 1 if problems else 0


def run(name, check, wanted=lambda path: True):
    sys.exit(report(name, check(read(top(), wanted))))
