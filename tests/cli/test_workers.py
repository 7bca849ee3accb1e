"""A folder for what workers share, where there can be one."""

import subprocess
import sys

import pytest

CODE = """
import os
from sgrna_estimator.cli.workers import prepare_workers
for _ in range(2):
    prepare_workers()
    print(os.environ.get("JOBLIB_TEMP_FOLDER"))
"""


@pytest.mark.parametrize("variable", ["TMPDIR", "JOBLIB_TEMP_FOLDER"])
def test_the_folder_is_one_for_a_process_and_goes_with_it(
    tmp_path, monkeypatch, variable
):
    monkeypatch.delenv("JOBLIB_TEMP_FOLDER", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )
    first, second = done.stdout.split()
    assert first == second
    assert first.startswith(f"{tmp_path}/.sgrna-estimator-")
    assert list(tmp_path.iterdir()) == []


def test_where_no_folder_can_be_made_joblib_finds_a_place(tmp_path, monkeypatch):
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(tmp_path / "none"))
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == {str(tmp_path / "none")}
