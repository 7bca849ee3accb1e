"""What the command line tells: messages, progress, and why it stopped."""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

# How much is done, and how much there is, if that is known.
Tell = Callable[[int, int | None], object]
PROGRAM = "sgrna-estimator"
BAD_INPUT = 2
INTERRUPTED = 130  # what shells report for a program that Ctrl-C ended
_SECONDS_BETWEEN_LINES = 10.0


class Stop(Exception):
    """What ends a command early: a line for standard error and an exit status."""

    def __init__(self, message: str, status: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.status = status


def say(message: str) -> None:
    """Say something in one line of standard error."""
    lines = map(str.strip, message.splitlines())
    print(" ".join(lines), file=sys.stderr, flush=True)


def show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """Say a warning without its source code."""
    say(f"warning: {message}")


@contextmanager
def kept_warnings() -> Iterator[list[str]]:
    """Show warnings, and keep their texts."""
    messages: list[str] = []

    def keep(message: Warning | str, *_: Any, **__: Any) -> None:
        messages.append(str(message))
        show_warning(message)

    with warnings.catch_warnings():
        warnings.showwarning = keep
        yield messages


@contextmanager
def bad_input(where: str = "") -> Iterator[None]:
    """End the command if the data are refused, with a line that begins with `where`."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise Stop(f"{where}{error}") from error


@contextmanager
def show_progress(unit: str) -> Iterator[Tell]:
    """Give a function that tells how much of the work is done, and how much there is.

    On a terminal it moves a bar; elsewhere it says so in a line now and then, so that a
    short run says nothing and the log of a long one stays short.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    start = said = monotonic()

    def speed(done: int, total: int | None) -> str:
        if total is not None:
            return ""  # the time that is left can be told from how much there is
        return f"{done / max(monotonic() - start, 1e-3):,.0f} a second"

    console = Console(stderr=True)
    if sys.stderr.isatty() and not console.is_dumb_terminal:
        columns = BarColumn(), MofNCompleteColumn(), TextColumn(unit)
        more = TextColumn("{task.fields[speed]}"), TimeElapsedColumn()
        with Progress(*columns, *more, console=console, transient=True) as bar:
            task = bar.add_task(unit, total=None, speed="")
            yield lambda done, total: bar.update(
                task, completed=done, total=total, speed=speed(done, total)
            )
        return

    def tell(done: int, total: int | None) -> None:
        nonlocal said
        now = monotonic()
        if now - said >= _SECONDS_BETWEEN_LINES:
            said = now
            of_all = "" if total is None else f" of {total}"
            rate = "" if total is not None else f", {speed(done, total)}"
            say(f"{done}{of_all} {unit} done after {now - start:.0f} s{rate}")

    yield tell
