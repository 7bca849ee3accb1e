"""What tests of the command line share."""

from pathlib import Path


def files(folder="."):
    return sorted(path.name for path in Path(folder).iterdir())


def assert_refused(result, *parts):
    """Bad input: one line that has these parts, status 2, nothing printed."""
    status, out, err = result
    assert status == 2, err
    assert out == ""
    assert err.startswith("sgrna-estimator: error: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    for part in parts:
        assert part in err


def assert_interrupted(result, *parts):
    status, out, err = result
    assert status == 130, err
    assert out == ""
    assert err.splitlines()[-1].startswith("sgrna-estimator: ")
    assert "Traceback" not in err
    for part in parts:
        assert part in err
