"""The program under test: started in the rig's environment, listened to, ended."""

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from rig.printed import Printed
from rig.transport import RigError

STOP_LIMIT_S = 5.0


def hear_ctrl_c() -> None:
    """As in a terminal: where a shell runs the tests in the background, Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Program:
    """One process; what it prints is kept.

    Args:
        command: with its arguments.
        environment: all of its variables.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._stdout, self._stderr = Printed(), Printed()
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._stdout.file,
            stderr=self._stderr.file,
            start_new_session=True,
            preexec_fn=hear_ctrl_c,
        )

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def stdout(self) -> str:
        """What it has said so far."""
        return self._stdout.text()

    @property
    def stderr(self) -> str:
        """What it has complained about so far."""
        return self._stderr.text()

    def check(self) -> None:
        """Raises RigError if it has ended."""
        if self._process.poll() is not None:
            raise RigError(f"the program ended with {self._process.returncode}: {self.stderr}")

    def wait_for(self, words: str, limit_s: float) -> None:
        """Until it has said `words`; raises RigError if it does not, or ends."""
        give_up_s = time.monotonic() + limit_s
        while words not in self.stdout:
            self.check()
            if time.monotonic() > give_up_s:
                raise RigError(f"no {words!r} within {limit_s:g} s: {self.stdout}{self.stderr}")
            time.sleep(0.02)

    def wait(self, limit_s: float) -> int:
        """Its exit code; raises subprocess.TimeoutExpired if it goes on."""
        return self._process.wait(limit_s)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Sends a signal and returns the exit code; one that does not obey is killed."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            return self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    @property
    def was_killed(self) -> bool:
        """Whether it had no chance to leave in order."""
        return self._process.poll() == -signal.SIGKILL

    def close(self) -> None:
        """Ends it, if it runs; what it said can still be read."""
        self.stop()
        self._stdout.close()
        self._stderr.close()
