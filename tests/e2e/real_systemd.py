"""systemd itself as the manager of a user who has nothing but one home, where this machine lets us start one:
in a control group of its own, and in a mount namespace whose /run says that systemd is what runs the machine."""
import contextlib
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

from command_home import until

PROGRAM = "/lib/systemd/systemd"
GROUPS = [pathlib.Path("/sys/fs/cgroup", name) for name in ("systemd", "unified", "")]
START = f"""
for root in {" ".join(map(str, GROUPS))}; do
  test ! -e $root/cgroup.procs || {{ mkdir $root/r1-$$ && echo $$ >$root/r1-$$/cgroup.procs; }} || exit
done
mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec {PROGRAM} --user --log-target=console
"""
STOPS_WITHIN = 60.0


class RealSystemd:
    def __init__(self, home, environment):
        self.home = pathlib.Path(home)
        # Our seccomp filter has no ptrace, by which the sanitizer looks for leaks.
        self.environment = {**environment, "ASAN_OPTIONS": "detect_leaks=0"}
        self.units = self.home / ".config" / "systemd" / "user"
        self.process = None

    def __enter__(self):
        with open(self.home / "manager.log", "wb") as log:
            self.process = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-c", START],
                                            env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        with contextlib.ExitStack() as undone:
            undone.push(self)
            until(lambda: self.process.poll() is not None or self.systemctl("show-environment").returncode == 0,
                  "the user's manager")
            if self.process.poll() is not None:
                raise RuntimeError(f"systemd --user ended: {(self.home / 'manager.log').read_text()}")
            undone.pop_all()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for group in (root / f"r1-{self.process.pid}" for root in GROUPS):
            for folder in sorted([*group.glob("**/"), group], reverse=True):
                with contextlib.suppress(OSError):
                    folder.rmdir()

    def systemctl(self, *words):
        return subprocess.run(["systemctl", "--user", "--no-pager", *words], env=self.environment,
                              capture_output=True, text=True, timeout=60, check=False)

    def main_pid(self):
        """0: none runs."""
        return int(self.systemctl("show", "-p", "MainPID", "--value", "routeroned.service").stdout.strip() or 0)

    def listens(self):
        return self.systemctl("is-active", "routeroned.socket").returncode == 0

    def lay_over(self, text):
        """What counts for the service from its next start on."""
        folder = self.units / "routeroned.service.d"
        folder.mkdir(exist_ok=True)
        (folder / "test.conf").write_text(text)
        assert self.systemctl("daemon-reload").returncode == 0


@functools.cache
def why_not():
    """Why no such manager can be had here; empty: it can."""
    if os.geteuid() != 0:
        return "it takes root to give a manager a /run of its own"
    if not pathlib.Path(PROGRAM).exists() or not shutil.which("unshare"):
        return f"there is no {PROGRAM} or no unshare"
    with tempfile.TemporaryDirectory(prefix="r1-") as home:
        run = pathlib.Path(home) / "run"
        run.mkdir(mode=0o700)
        try:
            with RealSystemd(home, {"PATH": os.environ["PATH"], "HOME": home, "XDG_RUNTIME_DIR": str(run)}):
                return ""
        except (RuntimeError, AssertionError, OSError, subprocess.SubprocessError) as trouble:
            return str(trouble).strip().splitlines()[-1]
