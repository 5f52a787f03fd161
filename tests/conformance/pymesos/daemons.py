"""Starts the daemons of one build on loopback for the conformance tests, kills them, and says what they left behind."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request


def eventually(seconds, holds):
    """Whether holds() became true in time."""
    deadline = time.monotonic() + seconds
    while True:
        if holds():
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)


def text_of(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def answers(address):
    try:
        address = address.removeprefix("http://").rstrip("/")
        return urllib.request.urlopen(f"http://{address}/health", timeout=2).status == 200
    except (OSError, ValueError):
        return False


class Daemons:
    def __init__(self, build, resources):
        self.bin = pathlib.Path(build) / "bin"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tepui-conformance-"))
        self.folder.chmod(0o755)
        self.root = self.folder.name
        self.resources = resources
        self.port = "0"
        self.master = self.agent = None

    def start(self, name, arguments, address_file):
        address_file.unlink(missing_ok=True)
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen([str(self.bin / f"tepui-{name}"), "--ip=127.0.0.1", *arguments], stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, start_new_session=True)
        if not eventually(20, lambda: process.poll() is not None or answers(text_of(address_file))) or process.poll() is not None:
            raise RuntimeError(f"tepui-{name} did not become ready\n{self.logs()}")
        return process, text_of(address_file).removeprefix("http://").rstrip("/")

    def start_master(self):
        work = self.folder / "master"
        work.mkdir(exist_ok=True)
        self.master, self.master_address = self.start("master", [f"--port={self.port}", f"--work-dir={work}"],
                                                      work / "master.address")
        self.port = self.master_address.rsplit(":", 1)[1]

    def start_agent(self):
        work, runtime = self.folder / "agent", self.folder / "run"
        work.mkdir(exist_ok=True)
        runtime.mkdir(exist_ok=True)
        self.agent, self.agent_address = self.start(
            "agent", [f"--master={self.master_address}", "--port=0", f"--work-dir={work}", f"--runtime-dir={runtime}",
                      f"--cgroups-root={self.root}", f"--resources={self.resources}"], work / "agent.address")

    def kill_master(self):
        self.master.kill()
        self.master.wait()

    def logs(self):
        return "\n".join(f"--- {log.name}\n{text_of(log)[-4000:]}" for log in sorted(self.folder.glob("*.log")))

    def cgroups(self):
        """Folders strictly below our root in every hierarchy, deepest first."""
        found = []
        for top in pathlib.Path("/sys/fs/cgroup").glob(f"*/{self.root}"):
            found += [pathlib.Path(folder) for folder, _, _ in os.walk(top, topdown=False) if pathlib.Path(folder) != top]
        return found

    def leftovers(self):
        found = [f"cgroup {folder}" for folder in self.cgroups()]
        with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
            found += [f"mount {line.split()[4]}" for line in mounts if line.split()[4].startswith(f"{self.folder}/")]
        return found

    def close(self):
        """Ends everything, also when a test has failed half-way."""
        for process in (self.agent, self.master):
            if process and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for group in self.cgroups():
            for pid in text_of(group / "cgroup.procs").split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
        eventually(5, self.remove_cgroups)
        shutil.rmtree(self.folder, ignore_errors=True)

    def remove_cgroups(self):
        for group in self.cgroups() + list(pathlib.Path("/sys/fs/cgroup").glob(f"*/{self.root}")):
            try:
                group.rmdir()
            except OSError:
                pass
        return not self.cgroups()
