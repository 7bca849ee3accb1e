"""Standard output and standard error, whose failures end no work.

A reader may leave, a disk be full, a terminal be closed: that must not cost the files
and the fits that a command has made, or has yet to make.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from types import NoneType
from typing import Any, BinaryIO, TextIO, cast

from sgrna_estimator.storage.whole_files import name_failures

_OUTPUT = "standard output"
_DESCRIPTORS = (0, 1, 2)  # of input, output and errors


class Unfailing:
    """A text stream that drops what cannot be written, and remembers why.

    Parameters
    ----------
    stream : text file or None
        None is what Python has for one that was closed when it began.

    Attributes
    ----------
    failure : OSError or None
        The first.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.failure: OSError | None = None
        if isinstance(stream, io.TextIOWrapper):
            # What the encoding of a terminal lacks is no reason to stop, either.
            stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        """Write text if that is possible.

        Parameters
        ----------
        text : str

        Returns
        -------
        int
            Its length, also if it is lost.
        """
        with self._noted():
            self._open_stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Pass on what was written, if that is possible."""
        if self._stream is not None:
            with self._noted():
                self._stream.flush()

    def check(self) -> None:
        """Tell whether all was written, at the end of the work.

        That a reader has left is no fault: it has what it wanted.

        Raises
        ------
        OutputError
            If something was lost.
        """
        self.flush()
        if not isinstance(self.failure, NoneType | BrokenPipeError):
            with name_failures(_OUTPUT):
                raise self.failure

    def isatty(self) -> bool:
        """Tell whether it is a terminal.

        Returns
        -------
        bool
        """
        return self._stream is not None and self._stream.isatty()

    @property
    def buffer(self) -> BinaryIO:
        """The stream of bytes below, which may fail."""
        return self._open_stream.buffer

    @property
    def _open_stream(self) -> TextIO:
        if self._stream is None:
            raise OSError(errno.EBADF, "it is closed")
        return self._stream

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failure = self.failure or error
            # From here on nothing fails, not even what Python flushes when it ends.
            with suppress(OSError, ValueError, AttributeError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._open_stream.fileno())
                os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def unfailing_streams() -> Iterator[Unfailing]:
    """Let nothing that is printed end the work.

    Yields
    ------
    Unfailing
        Standard output. What cannot be printed is known after a flush.
    """
    _keep_descriptors()
    output, errors = Unfailing(sys.stdout), Unfailing(sys.stderr)
    try:
        with (
            redirect_stdout(cast(TextIO, output)),
            redirect_stderr(cast(TextIO, errors)),
        ):
            yield output
    finally:
        output.flush()
        errors.flush()


def _keep_descriptors() -> None:
    """Let no file that is opened later take the number of a stream that is closed.

    It would get what libraries write to that number.
    """
    for descriptor in _DESCRIPTORS:
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free


@contextmanager
def bytes_to_standard_output() -> Iterator[BinaryIO]:
    """Give standard output for a result in bytes.

    Yields
    ------
    binary file

    Raises
    ------
    OutputError
        If it cannot be written.
    BrokenPipeError
        If its reader has left: nobody waits for the rest.
    """
    with name_failures(_OUTPUT):
        stream = sys.stdout.buffer
        yield stream
        stream.flush()
