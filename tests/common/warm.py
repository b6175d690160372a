#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fprtrain without the seconds that loading torch takes: a process that has it forks one a call.

A test calls start(). From then on this file is a program, which mpirun, too, can start: it hands its
arguments, environment and open files over, and ends as the forked process did.
"""
import array
import marshal
import os
import select
import signal
import socket
import sys
import traceback

# Of the server, whose socket has no place in the file system.
_SERVER = "FPR_TEST_WARM"
_MESSAGE_MAX = 1 << 20


def _run(words: list[str], environment: dict[str, str], folder: str) -> int:
    """What the program fprtrain does once it is loaded."""
    from fprtrain import arguments, cli  # pylint: disable=import-outside-toplevel
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    try:
        return cli.run(arguments.parser().parse_args(words))
    except SystemExit as ended:
        return ended.code
    except BaseException:  # pylint: disable=broad-exception-caught
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _attend(caller: socket.socket) -> None:
    """One call; who is killed while it waits, its run is, too."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, files, _, _ = socket.recv_fds(caller, _MESSAGE_MAX, 3)
    run = os.fork()
    if not run:
        caller.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os._exit(_run(*marshal.loads(message)))
    for file in files:
        os.close(file)
    if caller in select.select([caller, os.pidfd_open(run)], [], [])[0]:
        os.kill(run, signal.SIGKILL)
    caller.send(bytes([os.waitstatus_to_exitcode(os.waitpid(run, 0)[1]) & 255]))


def _serve(listener: socket.socket, alive: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while alive not in select.select([listener, alive], [], [])[0]:
        caller, _ = listener.accept()
        if not os.fork():
            listener.close()
            _attend(caller)
            return
        caller.close()


def start() -> int:
    """Fork the server. Returns a file that keeps it alive; it ends when that is closed."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(f"\0fprtrain-{os.getpid()}")
    listener.listen(64)
    os.environ[_SERVER] = str(os.getpid())
    alive, mine = os.pipe()
    if not os.fork():
        try:
            os.close(mine)
            _serve(listener, alive)
        finally:
            os._exit(0)
    listener.close()
    os.close(alive)
    return mine


def call() -> int:
    """This program."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.connect(f"\0fprtrain-{os.environ[_SERVER]}")
        message = marshal.dumps((sys.argv[1:], dict(os.environ), os.getcwd()))
        server.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", range(3)))])
        return (server.recv(1) or b"\1")[0]


if __name__ == "__main__":
    sys.exit(call())
