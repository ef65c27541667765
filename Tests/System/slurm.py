"""A Slurm cluster of one machine: Debian's munged, slurmctld and slurmd with a configuration of their own in a temporary folder, on loopback."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "sinfo")
CONFIGURATION = """\
ClusterName=fleet
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={worker}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,batch_sched_delay=0
KillWait=5
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=8192 State=UNKNOWN
PartitionName=all Nodes=node Default=YES MaxTime=INFINITE State=UP
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.1)


class Cluster:
    def __init__(self):
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        assert not missing, f"{', '.join(missing)} missing: run `make test-deps`, which installs munge, slurmctld, slurmd and slurm-client"
        # munged wants a way to its socket that everybody may go, which pytest's folders are not.
        folder = self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        folder.chmod(0o755)
        for name in ("state", "spool"):
            (folder / name).mkdir(parents=True)
        host = socket.gethostname().split(".")[0]
        (folder / "slurm.conf").write_text(
            CONFIGURATION.format(folder=folder, host=host, controller=free_port(), worker=free_port()))
        key = folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        self.environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}
        self.processes: list[subprocess.Popen] = []

    def __enter__(self) -> "Cluster":
        try:
            files = {"key-file": "munge.key", "socket": "munge.sock", "pid-file": "munged.pid", "log-file": "munged.log", "seed-file": "munge.seed"}
            self.start("munged", "--foreground", *(f"--{option}={self.folder / name}" for option, name in files.items()))
            wait_until((self.folder / "munge.sock").exists, 30, "munged's socket")
            self.start("slurmctld", "-D", "-i", "-c")
            self.start("slurmd", "-D", "-N", "node")
            wait_until(lambda: self.ask("sinfo", "-h", "-o", "%T", check=False).strip() == "idle", 60, "a node that is idle")
        except BaseException:
            print(self.logs())
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder)

    def start(self, *command: str) -> None:
        with open(self.folder / f"{command[0]}.out", "w") as output:
            self.processes.append(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=self.environment))

    def ask(self, *command: str, check: bool = True, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment | (env or {}), cwd=cwd, timeout=60)
        assert done.returncode == 0 or not check, f"{command}: {done.stdout}{done.stderr}\n{self.logs()}"
        return done.stdout

    def logs(self) -> str:
        return "".join(f"{path.name}: {path.read_text(errors='replace')[-1500:]}\n" for path in sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")]))

    def tasks(self, job: str) -> list[dict[str, str]]:
        """What the controller remembers of each task of a job, finished ones too."""
        lines = self.ask("scontrol", "-o", "show", "job", job, check=False).splitlines()
        found = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in lines]
        return [fields for fields in found if "JobState" in fields]

    def states(self, job: str) -> dict[str, str]:
        return {fields.get("ArrayTaskId", ""): fields["JobState"] for fields in self.tasks(job)}

    def hurry(self, job: str) -> None:
        """Lets tasks that were queued again start soon: Slurm holds them back for two minutes.

        Not at once: credentials carry whole seconds, and slurmd takes one made in the second in which the attempt before it was ended
        for that attempt's and refuses it for good ("Job already killed, do not launch batch job").
        """
        soon = datetime.now() + timedelta(seconds=10)
        for fields in self.tasks(job):
            if fields["JobState"] == "PENDING" and fields.get("Reason") == "BeginTime" and datetime.fromisoformat(fields["EligibleTime"]) > soon:
                self.ask("scontrol", "update", f"JobId={fields['JobId']}", "StartTime=now+3", check=False)

    def wait(self, job: str, seconds: float = 240) -> dict[str, str]:
        """Waits until no task of the job is pending or running."""

        def is_over() -> bool:
            self.hurry(job)
            states = self.states(job)
            return bool(states) and not set(states.values()) & {"PENDING", "RUNNING", "COMPLETING", "REQUEUED", "CONFIGURING"}

        wait_until(is_over, seconds, f"the end of job {job}: {self.states(job)}")
        return self.states(job)
