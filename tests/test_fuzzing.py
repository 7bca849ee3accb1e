"""Targets of the fuzzers, without atheris: valid inputs, and a few hundred changed ones."""

import random

import pytest

from tests.fuzzing.__main__ import main
from tests.fuzzing.mutations import Choices, mutated, with_changes
from tests.fuzzing.targets import TARGETS, Finding, Target

N_CHANGES = 60


@pytest.mark.parametrize("name", TARGETS)
def test_only_documented_errors_come_out(name):
    target, rng = TARGETS[name], random.Random(0)
    seeds = target.make_seeds()
    for seed in seeds:
        target.try_input(seed)
    for _ in range(N_CHANGES):
        target.try_input(mutated(rng.choice(seeds), rng))


def test_valid_inputs_are_read():
    # Recipes say what to change, and are nothing valid.
    others = {"model", "decision"}
    for name in sorted(set(TARGETS) - others):
        target = TARGETS[name]
        assert target.try_input(target.make_seeds()[0]), name


def test_anything_else_is_a_finding():
    def run(data):
        raise {b"k": KeyError("k"), b"v": ValueError("v"), b"2": ValueError("1\n2")}[
            data
        ]

    target = Target(run, (ValueError,), list)
    assert not target.try_input(b"v")
    with pytest.raises(KeyError):
        target.try_input(b"k")
    with pytest.raises(Finding, match="several lines"):
        target.try_input(b"2")


def test_bytes_are_choices():
    choices = Choices(b"\x07\x01\x02")
    assert [choices.below(5), choices.below(1000), choices.below(9)] == [2, 258, 0]


def test_changes_are_of_a_copy_and_need_no_more_bytes_than_there_are():
    content = {"a": [1, {"b": 2}], "c": "text"}
    rng = random.Random(0)
    found = [with_changes(content, Choices(rng.randbytes(n))) for n in range(200)]
    assert content == {"a": [1, {"b": 2}], "c": "text"}
    assert len({repr(each) for each in found}) > 50
    assert with_changes({}, Choices(b"")) is None


def test_an_input_that_was_kept_is_tried_again(tmp_path, capsys):
    path = tmp_path / "crash-1"
    path.write_bytes(b"4+20+NGG+3")
    assert main(["layout", "--input", str(path)]) is None
    assert capsys.readouterr().out == "no error\n"
    path.write_bytes(b"4+20")
    assert main(["layout", "--input", str(path)]) is None
    assert capsys.readouterr().out == "a documented error\n"
    told = main(["moon", "--input", str(path)])
    assert told.startswith("there is no target moon; there are text, compressed, ")
