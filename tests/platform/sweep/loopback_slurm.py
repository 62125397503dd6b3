"""A Slurm cluster of two nodes on this machine, from Debian's packages, in a folder of its own."""

import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "sinfo")
NODES = ("n1", "n2")
CONFIGURATION = """
ClusterName=svasim
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={root}/munge.sock
CredType=cred/munge
SlurmctldPort={ports[0]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation={root}/ctld
SlurmdSpoolDir={root}/spool-%n
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd-%n.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
MpiDefault=none
ReturnToService=2
SlurmdTimeout=10
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 State=UNKNOWN
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 State=UNKNOWN
PartitionName=sweep Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
"""


def program(name):
    """Where a program is; servers may not be on the PATH of an ordinary user."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def missing():
    """The programs that are not installed."""
    return [name for name in PROGRAMS if program(name) is None]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.1)


def descendants(pid):
    """The process and all that it started, itself last."""
    out = []
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            for child in file.read().split():
                out += descendants(int(child))
    except OSError:
        pass
    return out + [pid]


class Cluster:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.host = socket.gethostname().split(".")[0]
        self.processes = []
        self.environment = os.environ | {"SLURM_CONF": str(self.root / "slurm.conf")}
        (self.root / "key").write_bytes(os.urandom(128))
        (self.root / "key").chmod(0o600)
        (self.root / "slurm.conf").write_text(
            CONFIGURATION.format(root=self.root, host=self.host, user=getpass.getuser(),
                                 ports=free_ports(3)), encoding="ascii")
        for folder in ("ctld", *(f"spool-{n}" for n in NODES)):
            (self.root / folder).mkdir()

    def launch(self, name, *arguments):
        """Starts a server in the foreground, as a child of this process."""
        with open(self.root / f"{name}.out", "ab") as log:
            process = subprocess.Popen([program(name), *map(str, arguments)], stdout=log,
                                       stderr=log, stdin=subprocess.DEVNULL, env=self.environment)
        self.processes.append(process)
        return process

    def start(self):
        root = self.root
        self.launch("munged", "--foreground", "--force", f"--key-file={root}/key",
                    f"--socket={root}/munge.sock", f"--pid-file={root}/munged.pid",
                    f"--log-file={root}/munged.log", f"--seed-file={root}/seed")
        until((root / "munge.sock").exists, 20, "munged's start")
        self.launch("slurmctld", "-D", "-f", root / "slurm.conf")
        self.nodes = {n: self.launch("slurmd", "-D", "-N", n, "-f", root / "slurm.conf")
                      for n in NODES}
        until(lambda: self.ask("sinfo", "-h", "-o", "%T %D") == "idle 2", 60, "an idle cluster")

    def ask(self, name, *arguments):
        done = subprocess.run([program(name), *arguments], capture_output=True, text=True,
                              env=self.environment, check=False)
        return done.stdout.strip()

    def kill_node(self, node):
        """As if its machine had lost power: nothing that ran on it lives on."""
        victims = descendants(self.nodes[node].pid)
        # A step's daemon is no child of slurmd: it has the node's name in its command line.
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = entry.read_bytes().split(b"\0")
                folder = entry.parent.name
                environment = (entry.parent / "environ").read_bytes()
            except OSError:
                continue
            ours = f"SLURM_CONF={self.root}/slurm.conf".encode() in environment
            if ours and words[0].startswith(b"slurmstepd") and self.steps_node(int(folder)) == node:
                victims = descendants(int(folder)) + victims
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.nodes[node].wait()
        return len(victims)

    def steps_node(self, pid):
        """The node a step's daemon works for: told by the files that it has open."""
        for n in NODES:
            for entry in pathlib.Path(f"/proc/{pid}/fd").glob("*"):
                try:
                    target = os.readlink(entry)
                except OSError:
                    continue
                if f"slurmd-{n}.log" in target or f"spool-{n}" in target:
                    return n
        return None

    def stop(self):
        subprocess.run([program("scontrol"), "shutdown"], env=self.environment, check=False,
                       capture_output=True)
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
