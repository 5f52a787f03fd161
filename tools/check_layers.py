#!/usr/bin/python3
"""Holds the tree against the table "Who may know whom" of docs/architecture.md and the rules listed below that table."""
import fnmatch
import re

import tree

TABLE = re.compile(r"^```layers\n(.*?)^```", re.M | re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)
TARGET = re.compile(r"\btepui_(base|model|linux|async|http|modules|api|launcher|agent|master|drivers|sdk|cli)\b")
TARGET_ROOM = {"api": "api", "sdk": "sdk", "launcher": "launcher", "agent": "agent", "master": "master",
               "drivers": "drivers", "cli": "cli"}
# Folders that are no room of the table and may include everything.
FREE = ("tests", "cmake", "tools")

SYSCALLS = ("open openat open64 creat read pread write pwrite close dup dup2 dup3 pipe pipe2 socket socketpair bind listen "
            "accept accept4 connect send sendto sendmsg recv recvfrom recvmsg fork vfork execve execv execvp execl "
            "waitpid waitid wait4 kill mount umount umount2 unshare setns clone clone3 pivot_root chroot chdir fchdir mkdir "
            "mkdirat rmdir unlink unlinkat rename renameat link symlink chmod fchmod chown fchown lchown fchownat setuid "
            "setgid setresuid setresgid setgroups prctl ioctl fcntl fsync fdatasync ftruncate lseek stat fstat lstat "
            "fstatat mmap munmap memfd_create eventfd timerfd_create signalfd epoll_create1 inotify_init1 flock "
            "sethostname setrlimit getrlimit prlimit syscall access faccessat readlink readlinkat opendir poll").split()
RAW_CALL = re.compile(r"(?<![\w>])::(" + "|".join(SYSCALLS) + r")\s*\(")


def parse_table(text):
    """{room: [allowed room patterns]} in the order of the table."""
    found = TABLE.search(text)
    if not found:
        return {}
    rows = {}
    for line in found.group(1).splitlines():
        words = line.split()
        if words:
            rows[words[0]] = [w for w in words[1:] if w != "-"]
    return rows


def room_of(path, rooms):
    """The room a path lies in: the longest room name that is its folder."""
    fitting = [room for room in rooms if path.startswith(room + "/")]
    return max(fitting, key=len) if fitting else None


def room_of_include(name, rooms):
    if name.startswith("tepui/abi/") or name.startswith("tepui/sdk/"):
        return "sdk"
    if name.endswith(".pb.h"):
        return room_of(name, rooms) or "api"
    return room_of(name, list(rooms) + ["tests"])


def allows(rows, room, other):
    return room == other or any(fnmatch.fnmatchcase(other, pattern) for pattern in rows[room])


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_includes(path, code, room, rows):
    for match in INCLUDE.finditer(code):
        name = match.group(2)
        if match.group(1) == "<" and not name.endswith(".pb.h"):
            continue
        if room == "sdk" and "/" not in name:
            continue  # installed headers find each other wherever they are installed
        where = f"{path}:{line_of(code, match.start(1))}"
        other = room_of_include(name, rows)
        if other is None:
            yield f'{where}: include "{name}" is not written from the top of the tree'
        elif other == "tests" or not allows(rows, room, other):
            yield f"{where}: {room} may not know {other} (docs/architecture.md)"


def check_links(path, text, room, rows):
    text = re.sub(r"#[^\n]*", "", text)
    for match in TARGET.finditer(text):
        other = TARGET_ROOM.get(match.group(1), "lib/" + match.group(1))
        if not allows(rows, room, other):
            yield f"{path}:{line_of(text, match.start())}: {room} may not link {other} (docs/architecture.md)"


def is_test(path):
    return path.startswith("tests/")


# (what is forbidden, pattern, where it is allowed)
RULES = [
    ("co_spawn outside lib/async/task_group.cpp", re.compile(r"\bco_spawn\s*\(|asio::detached\b"),
     lambda p: p == "lib/async/task_group.cpp" or is_test(p)),
    ("awaitable_operators outside one .cpp of lib/async", re.compile(r"awaitable_operators"),
     lambda p: p.startswith("lib/async/") and p.endswith(".cpp")),
    ("Boost.Beast outside lib/http", re.compile(r"boost/beast|\bbeast::"), lambda p: p.startswith("lib/http/")),
    ("mutex outside lib/async, lib/base/log.cpp and lib/base/fault.cpp",
     re.compile(r"#\s*include\s*<(mutex|shared_mutex|condition_variable)>|\bstd::(shared_|recursive_)?mutex\b"),
     lambda p: p.startswith("lib/async/") or p in ("lib/base/log.cpp", "lib/base/fault.cpp") or is_test(p)),
    ("thread outside lib/async", re.compile(r"\bstd::j?thread\b(?!::)"),
     lambda p: p.startswith("lib/async/") or is_test(p)),
    ("GoogleTest outside tests/", re.compile(r"#\s*include\s*<(gtest|gmock)/"), is_test),
    ("awaited lambda with captures cannot be proven safe: coroutine lambda",
     re.compile(r"\[[^\]\n]+\]\s*\([^)\n]*\)\s*(mutable\s*)?->\s*(boost::asio::awaitable|asio::awaitable|Async)\s*<"),
     is_test),
]


AGGREGATE = re.compile(r"[\w>(,]\s*\{|(?<![\w\])])\[[^\]\n]*\]\s*[({]")


def check_awaits(path, code):
    """A lambda or a braced aggregate made inside an awaited call: g++ 12 destroys it twice (lib/async/async.hpp)."""
    for found in re.finditer(r"\bco_await\b", code):
        end, depth = found.end(), 0
        while end < len(code) and depth >= 0 and not (code[end] == ";" and depth == 0):
            depth += (code[end] in "([{") - (code[end] in ")]}")
            end += 1
        if AGGREGATE.search(code, found.end(), end):
            yield f"{path}:{line_of(code, found.start())}: a braced value or a lambda inside an awaited call: name it first"


def check_rules(path, code, raw_allowed):
    yield from check_awaits(path, code)
    for name, pattern, is_allowed in RULES:
        if is_allowed(path):
            continue
        for match in pattern.finditer(code):
            yield f"{path}:{line_of(code, match.start())}: {name}"
    if path.startswith(("lib/linux/", "tests/")) or any(fnmatch.fnmatchcase(path, p) for p in raw_allowed):
        return
    for match in RAW_CALL.finditer(code):
        yield f"{path}:{line_of(code, match.start())}: raw ::{match.group(1)} outside lib/linux (tools/raw_syscalls.txt)"


def check(files):
    rows = parse_table(files.get("docs/architecture.md", ""))
    if not rows:
        return ["docs/architecture.md: no ```layers table"]
    raw_allowed = [line.split("#")[0].strip() for line in files.get("tools/raw_syscalls.txt", "").splitlines()]
    problems = []
    for path, text in files.items():
        if path.startswith("cmake/"):
            continue
        room = room_of(path, rows)
        if tree.is_source(path):
            code = tree.without_comments(text)
            if room:
                problems += check_includes(path, code, room, rows)
            elif not path.startswith(FREE):
                problems.append(f"{path}: lies in no room of docs/architecture.md")
            problems += check_rules(path, code, raw_allowed)
        elif room and path.endswith("CMakeLists.txt"):
            problems += check_links(path, text, room, rows)
    return problems


if __name__ == "__main__":
    tree.run("check_layers", check)
