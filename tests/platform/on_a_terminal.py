"""Runs a command on a terminal of its own: what is read goes to it as if it were typed, what it shows is written. The first
line that is written is its process id. At the end of the input the terminal is hung up."""

import os
import pty
import select
import signal
import sys

pid, terminal = pty.fork()
if pid == 0:
    for kind in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):  # Whatever the tests were started with.
        signal.signal(kind, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])
os.write(1, b"%d\n" % pid)
sources = [0, terminal]
while sources:
    for ready in select.select(sources, [], [])[0]:
        try:
            data = os.read(ready, 4096)
        except OSError:  # The last program on it has ended.
            data = b""
        if data and ready == 0:
            os.write(terminal, data)
        elif data:
            os.write(1, data)
        else:
            sources = [] if ready == terminal or not data else sources
os.close(terminal)
# Whoever takes no notice of that is ended, so that a test which failed leaves nothing behind.
signal.signal(signal.SIGALRM, lambda *_: os.killpg(pid, signal.SIGKILL))
signal.alarm(5)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)
