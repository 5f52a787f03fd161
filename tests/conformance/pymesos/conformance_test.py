#!/usr/bin/python3
"""A client nobody here wrote: pymesos 0.3.15 launches 100 command tasks, kills some, reconciles, and survives its own restart
and the master's with the same framework id.

    conformance_test.py BUILD_DIR        (ends with 77 where it cannot run)
"""
import json
import os
import queue
import subprocess
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemons import Daemons  # noqa: E402

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release")
PACKAGES = ["pymesos==0.3.15", "addict==2.4.0"]
TERMINAL = {"TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_LOST", "TASK_ERROR", "TASK_DROPPED", "TASK_GONE"}


def environment():
    """The Python of a virtual environment with pymesos in it, made on first use. Debian brings the compiled parser."""
    folder = os.path.join(BUILD, "conformance", "pymesos-venv")
    python = os.path.join(folder, "bin", "python")
    if subprocess.run([python, "-c", "import pymesos"], capture_output=True).returncode == 0 if os.path.exists(python) else False:
        return python
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--clear", "--system-site-packages", folder], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", *PACKAGES], check=True)
    return python


class PymesosScheduler:
    """One scheduler process: commands down, events up."""

    def __init__(self, python, master, framework=None):
        arguments = [python, os.path.join(HERE, "scheduler.py"), master] + ([framework] if framework else [])
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.events, self.seen, self.complaints = queue.Queue(), [], []
        threading.Thread(target=self.pump, daemon=True).start()
        threading.Thread(target=lambda: self.complaints.extend(self.process.stderr), daemon=True).start()

    def pump(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))
        self.events.put(None)

    def tell(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()

    def wait_until(self, seconds, holds):
        """Takes events in until holds(seen) is true."""
        deadline = time.monotonic() + seconds
        while not holds(self.seen):
            try:
                event = self.events.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                return False
            if event is None:
                return holds(self.seen)
            self.seen.append(event)
        return True

    def updates(self, start=0):
        return [event for event in self.seen[start:] if event["event"] == "update"]

    def states(self, start=0):
        return {event["task"]: event["state"] for event in self.updates(start)}

    def wait_event(self, name, seconds=30, start=0):
        return self.wait_until(seconds, lambda seen: any(event["event"] == name for event in seen[start:]))

    def wait_states(self, wanted, seconds=60, start=0):
        return self.wait_until(seconds, lambda _: wanted.items() <= self.states(start).items())

    def end(self, command):
        self.tell(command)
        self.process.wait(20)


class PymesosTest(unittest.TestCase):
    def setUp(self):
        self.daemons = Daemons(BUILD, "cpus:16;mem:8192;disk:1024")
        self.addCleanup(self.daemons.close)
        self.daemons.start_master()
        self.daemons.start_agent()
        self.schedulers = []
        self.addCleanup(self.stop_schedulers)

    def stop_schedulers(self):
        for scheduler in self.schedulers:
            if scheduler.process.poll() is None:
                scheduler.process.kill()
            scheduler.process.wait()
        if any(outcome[1] for outcome in getattr(self._outcome.result, "failures", []) + self._outcome.result.errors):
            print("".join(self.schedulers[-1].complaints[-40:]) if self.schedulers else "", self.daemons.logs(), sep="\n")

    def scheduler(self, framework=None):
        made = PymesosScheduler(PYTHON, self.daemons.master_address, framework)
        self.schedulers.append(made)
        return made

    def expect_states(self, scheduler, names, state, seconds=90, start=0):
        wanted = {name: state for name in names}
        if not scheduler.wait_states(wanted, seconds, start):
            states = scheduler.states(start)
            wrong = {name: states.get(name, "nothing") for name in names if states.get(name) != state}
            self.fail(f"not {state} after {seconds} s: {wrong}\n{''.join(scheduler.complaints[-20:])}\n{self.daemons.logs()}")

    def test_hundred_tasks_kills_reconciliation_and_two_restarts(self):
        long = [f"long{i}" for i in range(30)]
        first = self.scheduler()
        self.assertTrue(first.wait_event("registered"), first.complaints)
        framework = first.seen[0]["framework"]
        first.tell("launch", 60, "good", "exit 0")
        first.tell("launch", 10, "bad", "exit 3")
        first.tell("launch", 30, "long", "sleep 4714")
        self.expect_states(first, [f"good{i}" for i in range(60)], "TASK_FINISHED")
        self.expect_states(first, [f"bad{i}" for i in range(10)], "TASK_FAILED")
        self.expect_states(first, long, "TASK_RUNNING")
        self.expect_one_end_each(first)

        first.tell("kill", *long[:10])
        self.expect_states(first, long[:10], "TASK_KILLED")
        mark = len(first.seen)
        first.tell("reconcile", *long[10:], "never-launched")
        self.expect_states(first, long[10:], "TASK_RUNNING", 20, mark)
        self.expect_states(first, ["never-launched"], "TASK_LOST", 20, mark)
        first.end("stop")

        second = self.scheduler(framework)
        self.assertTrue(second.wait_event("reregistered"), second.complaints)
        self.assertEqual(second.seen[-1]["framework"], framework)
        second.tell("reconcile")
        self.expect_states(second, long[10:], "TASK_RUNNING", 20)

        self.daemons.kill_master()
        self.assertTrue(second.wait_event("disconnected"))
        mark = len(second.seen)
        self.daemons.start_master()
        self.assertTrue(second.wait_event("reregistered", 60, mark), second.complaints)
        self.assertEqual(second.seen[-1]["framework"], framework)
        mark = len(second.seen)
        second.tell("launch", 1, "after", "exit 0")
        self.expect_states(second, ["after0"], "TASK_FINISHED", 60, mark)
        second.tell("reconcile", *long[10:])
        self.expect_states(second, long[10:], "TASK_RUNNING", 20, mark)
        second.tell("kill", *long[10:])
        self.expect_states(second, long[10:], "TASK_KILLED", 60, mark)
        self.expect_one_end_each(second)
        second.end("teardown")
        deadline = time.monotonic() + 15
        while self.daemons.leftovers() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.daemons.leftovers(), [])

    def expect_one_end_each(self, scheduler):
        ends = {(event["task"], event["uuid"]) for event in scheduler.updates() if event["state"] in TERMINAL and event["uuid"]}
        tasks = [task for task, _ in ends]
        self.assertEqual(len(tasks), len(set(tasks)), "a task ended twice")


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("needs root: not running as root")
        sys.exit(77)
    try:
        PYTHON = environment()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"needs program(pypi): {' '.join(PACKAGES)} cannot be installed: {error}")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0]], verbosity=2, warnings="ignore")
