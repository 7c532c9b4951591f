"""An agent in a terminal of its own: keys in, what stands on the screen out."""
import shlex
import subprocess
import time


class Terminal:
    """`folder`: where tmux has its socket; two terminals share none."""

    def __init__(self, folder, command, env, cwd):
        self.socket = str(folder / "tmux")
        words = ["env", "-i", *(f"{name}={value}" for name, value in env.items()), *command]
        self.tmux("new-session", "-d", "-x", "120", "-y", "50", "-c", str(cwd), shlex.join(words))

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *words], capture_output=True,
                              text=True, check=False).stdout

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def say(self, text):
        """Types a line, as somebody would: the end of it is not part of what was pasted."""
        self.tmux("send-keys", "-l", text)
        time.sleep(0.5)
        self.keys("Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def wait(self, words, seconds):
        """Whether the words came to stand there within that time."""
        deadline = time.monotonic() + seconds
        while words not in self.screen():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def close(self):
        self.tmux("kill-server")
