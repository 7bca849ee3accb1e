"""Where worker processes find what they share, and what killed ones have left of it."""

import atexit
import os
import tempfile
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

from sgrna_estimator.storage.whole_files import temporary_folder

_VARIABLE = "JOBLIB_TEMP_FOLDER"


@cache
def prepare_workers() -> str | None:
    """Let joblib keep what workers share in a folder that is known to be nobody's later.

    joblib removes its files, unless it is killed together with its workers. What is left
    then is removed by the next command that starts workers.

    Returns
    -------
    str or None
        The folder, which is there until the process ends; None if there can be none.
    """
    place = Path(os.environ.get(_VARIABLE) or tempfile.gettempdir())
    folders = ExitStack()
    with suppress(OSError):  # joblib looks for another place itself
        folder = str(folders.enter_context(temporary_folder(place)))
        os.environ[_VARIABLE] = folder
        atexit.register(folders.close)  # workers live from one comparison to the next
        return folder
    return None
