"""What ends a command from outside, so that nothing of it is left behind."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

# A request to end, and the closing of the terminal; not every system has both.
_NAMES = ("SIGTERM", "SIGHUP")
_SIGNALLED = 128  # what shells add to the number of a signal that ended a program


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Let signals end a command as Ctrl-C does, with its workers and temporary files.

    A second one ends it at once. What was ignored before, as ``nohup`` has SIGHUP, is
    ignored still.
    """
    # Only this thread may have handlers, and only it is interrupted by them.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is signal.SIG_DFL:
                signal.signal(number, handler)


def _end(number: int, _: object) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)
    raise SystemExit(_SIGNALLED + number)
