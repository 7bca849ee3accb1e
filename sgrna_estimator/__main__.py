"""The program: ``sgrna-estimator``, or ``python -m sgrna_estimator``."""

import os
import signal
from contextlib import suppress
from typing import NoReturn


def run() -> NoReturn:
    """Run the command line and exit, without a traceback whenever Ctrl-C comes.

    The command line itself ends in order. What is left are the moments before, in which
    Python imports it, and after, in which nothing is left to be stopped.
    """
    try:
        from sgrna_estimator.cli.app import main

        main()
    except KeyboardInterrupt:
        with suppress(OSError):
            os.write(2, b"sgrna-estimator: interrupted\n")
        raise SystemExit(130) from None
    finally:
        # Python would print what it broke into, or end by the signal instead of with
        # the status of what was done.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    run()
