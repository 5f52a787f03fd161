"""A scheduler on pymesos's SchedulerDriver, told what to do by lines on standard input; answers and events are JSON lines.

    scheduler.py HOST:PORT [FRAMEWORK_ID]

Commands: launch N PREFIX COMMAND… | kill ID… | reconcile [ID…] | stop (keeps the framework) | teardown
It runs inside the virtual environment that conformance_test.py makes; everything it knows of Mesos is pymesos's.
"""
import json
import sys
import threading

from pymesos import MesosSchedulerDriver, Scheduler

CPUS, MEM = 0.05, 24


def say(**event):
    print(json.dumps(event), flush=True)


class Commanded(Scheduler):
    def __init__(self):
        self.waiting = []
        self.lock = threading.Lock()

    def registered(self, driver, framework_id, master_info):
        say(event="registered", framework=framework_id["value"])

    def reregistered(self, driver, master_info):
        say(event="reregistered", framework=driver.framework_id)

    def disconnected(self, driver):
        say(event="disconnected")

    def error(self, driver, message):
        say(event="error", message=message)

    def statusUpdate(self, driver, status):
        say(event="update", task=status["task_id"]["value"], state=status["state"], reason=status.get("reason", ""),
            message=status.get("message", ""), uuid=status.get("uuid", ""))

    def resourceOffers(self, driver, offers):
        for offer in offers:
            free = {r["name"]: r["scalar"]["value"] for r in offer["resources"] if r["type"] == "SCALAR"}
            with self.lock:
                count = int(min(free.get("cpus", 0) / CPUS + 1e-6, free.get("mem", 0) / MEM, len(self.waiting)))
                chosen, self.waiting = self.waiting[:count], self.waiting[count:]
            tasks = [dict(task_id=dict(value=name), name=name, agent_id=offer["agent_id"],
                          command=dict(shell=True, value=command, user="nobody"),
                          resources=[dict(name="cpus", type="SCALAR", scalar=dict(value=CPUS)),
                                     dict(name="mem", type="SCALAR", scalar=dict(value=MEM))]) for name, command in chosen]
            driver.launchTasks(offer["id"], tasks, dict(refuse_seconds=0.2))


def obey(driver, scheduler, words):
    if words[0] == "launch":
        with scheduler.lock:
            scheduler.waiting += [(f"{words[2]}{i}", " ".join(words[3:])) for i in range(int(words[1]))]
        driver.reviveOffers()
    elif words[0] == "kill":
        for name in words[1:]:
            driver.killTask(dict(value=name))
    elif words[0] == "reconcile":
        driver.reconcileTasks([dict(task_id=dict(value=name)) for name in words[1:]])


def main():
    framework = dict(user="nobody", name="pymesos-conformance", checkpoint=True, failover_timeout=600)
    if len(sys.argv) > 2:
        framework["id"] = dict(value=sys.argv[2])
    scheduler = Commanded()
    driver = MesosSchedulerDriver(scheduler, framework, sys.argv[1])
    driver.start()
    for line in sys.stdin:
        words = line.split()
        if words[0] in ("stop", "teardown"):
            driver.stop(failover=words[0] == "stop")
            driver.join()
            say(event="stopped")
            return
        obey(driver, scheduler, words)


if __name__ == "__main__":
    main()
