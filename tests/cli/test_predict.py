"""`predict`: what it adds to tables, and what it refuses."""

import gzip
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator import __version__
from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import (
    COLUMNS,
    PNG,
    WROTE,
    assert_refused,
    change,
    files,
)


def test_fit_then_predict_gives_what_the_pipeline_gives(run, table, screen):
    args = [
        "--covariates",
        "distance2TSS",
        "--seed",
        3,
        "--model",
        "network",
        "--cv",
        0,
    ]
    status, out, err = run("fit", table, *COLUMNS, *args, "-o", "model")
    assert (status, out) == (0, "")
    offer, said = err.split("\n", 1)
    assert offer.endswith("--bounds 0 1 keeps predictions within")
    assert said == f"screen.tsv: 240 guides; fitting network\n{WROTE}"
    status, out, err = run("predict", "model", table, "-o", "predictions.tsv")
    assert (status, out) == (0, "")
    assert err == "wrote 240 predictions to predictions.tsv\n"

    columns = ["seq", "distance2TSS"]
    expected = make_model(
        "network", sequence="seq", covariates=columns[1:], random_state=3, n_networks=5
    ).fit(screen[columns], screen["y"])
    written = pd.read_csv("predictions.tsv", sep="\t")
    np.testing.assert_allclose(
        written["prediction"], expected.predict(screen[columns]), atol=1e-6
    )
    pd.testing.assert_frame_equal(written.drop(columns=["prediction", "std"]), screen)
    model = read_model(Path("model"))
    assert model.name == "network"
    assert model.tables == ["screen.tsv"]
    assert model.n_guides == 240
    assert "_skl_callbacks" not in vars(model.pipeline[-1])


def test_predict_keeps_the_other_columns_as_they_are_written(run, model, screen):
    new = pd.DataFrame(
        {
            "id": ["007", "1.50", "NA", "", "1e3"],
            "spacer": screen["seq"][:5].str.lower(),
            "distance2TSS": ["12", "13.0", " 14", "1e2", "0"],
        }
    )
    new.to_csv("new.csv", index=False)
    options = ["--sequence", "spacer", "-o", "out.csv.gz"]
    assert run("predict", model, "new.csv", *options)[0] == 0
    with gzip.open("out.csv.gz", "rt") as file:
        written = pd.read_csv(file, dtype=str, keep_default_na=False)
    assert written.columns.tolist() == [*new.columns, "prediction"]
    pd.testing.assert_frame_equal(written[new.columns], new, check_dtype=False)
    features = pd.DataFrame(
        {"seq": new["spacer"], "distance2TSS": [12.0, 13.0, 14.0, 100.0, 0.0]}
    )
    np.testing.assert_allclose(
        written["prediction"].astype(float),
        read_model(Path(model)).pipeline.predict(features),
        atol=1e-6,
    )


def test_predict_reads_several_tables(run, model, screen):
    screen[:10].to_csv("a.csv", index=False)
    screen[10:].drop(columns="y").to_csv("b.tsv", sep="\t", index=False)
    assert run("predict", model, "a.csv", "b.tsv", "-o", "out.csv")[0] == 0
    assert run("predict", model, "screen.tsv", "-o", "whole.csv")[0] == 0
    parts, whole = pd.read_csv("out.csv"), pd.read_csv("whole.csv")
    assert parts.columns.tolist() == [
        *("seq", "gene", "distance2TSS", "log2fc", "prediction")
    ]
    pd.testing.assert_frame_equal(parts, whole[parts.columns])


def test_predict_refuses_what_the_model_cannot_take(run, model, screen):
    def refused(frame, *parts):
        frame.to_csv("new.csv", index=False)
        assert_refused(run("predict", model, "new.csv", "-o", "out.csv"), *parts)
        assert files() == ["model", "new.csv", "screen.tsv"]

    refused(
        screen.assign(seq=screen["seq"].str[:30]),
        "new.csv, data rows 1, 2, 3, 4, 5 and 235 more: in the sequence column 'seq' "
        "every sequence must have the length seen in fit, 43, but there is one of "
        "length 30",
    )
    refused(
        screen.drop(columns="distance2TSS"),
        "new.csv: there is no column 'distance2TSS' for the covariate",
    )
    refused(
        change(screen, [2], "distance2TSS", "far"),
        "new.csv, data row 3: the covariate in column 'distance2TSS' must be a finite "
        "number, but it is 'far'",
    )
    refused(screen.drop(columns="seq"), "new.csv: there is no column 'seq'")
    refused(change(screen, [1], "seq", "N" * 43), "new.csv, data row 2: ", "'N'")
    refused(
        screen.assign(prediction=0), "new.csv: there is a column 'prediction' already"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "none: there is no such file"),
        ("folder", "folder: is a folder"),
        ("screen.tsv", "screen.tsv: is not a model file"),
        ("picture", "picture: is not a model file"),
        ("truncated", "truncated: is a model file that is not whole"),
    ],
)
def test_predict_refuses_files_that_are_not_models(run, model, name, message):
    Path("folder").mkdir()
    Path("picture").write_bytes(PNG)
    content = Path(model).read_bytes()
    Path("truncated").write_bytes(content[: len(content) // 2])
    assert_refused(run("predict", name, "screen.tsv", "-o", "out.csv"), message)
    assert "out.csv" not in files()


@pytest.mark.filterwarnings("default")
def test_warnings_are_lines_without_source_code(run, model, monkeypatch):
    monkeypatch.setattr("sgrna_estimator.storage.model_file.__version__", "9.9")
    status, _, err = run("predict", model, "screen.tsv", "-o", "out.csv")
    assert status == 0
    assert err.splitlines() == [
        f"warning: model: was fitted with sgrna_estimator {__version__}, but this is "
        "9.9: predictions may differ; fit the model again to be sure",
        "wrote 240 predictions to out.csv",
    ]


def test_candidates_of_the_other_strand_or_offset_are_told(run, screen, model):
    complement = str.maketrans("ACGT", "TGCA")
    other = [text.translate(complement)[::-1] for text in screen["seq"]]
    lacked = "what all guides of training had, G at position 11, G at position 32"
    cases = {
        "other.csv": (other, "all have on the other strand"),
        "late.csv": (screen["seq"].str[1:] + "A", "all have 1 letter before: was"),
    }
    for name, (sequences, how) in cases.items():
        screen.assign(seq=sequences).to_csv(name, index=False)
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            status, _, told = run("predict", model, name, "-o", "out.csv")
        assert status == 0
        assert lacked in told
        assert how in told
        assert "was dropped" not in told  # that is said better already


def test_a_few_candidates_without_the_pam_are_told_with_their_rows(run, screen):
    screen.to_csv("all.csv", index=False)
    for file, name in [("keeps", "ridge_dinucleotides"), ("drops", "ridge")]:
        fit = ["fit", "all.csv", *COLUMNS, "--cv", 0, "--model", name, "-o", file]
        assert run(*fit)[0] == 0
    texts = screen["seq"].tolist()
    texts[6] = texts[6][:31] + "A" + texts[6][32:]
    screen.assign(seq=texts).to_csv("few.csv", index=False)
    for model, told in [
        ("keeps", "row 7 has 'A' at position 32, where all guides of training had 'G'"),
        (
            "drops",
            "position 32 held 'G' in all training sequences and was dropped, but",
        ),
    ]:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            status, _, err = run("predict", model, "few.csv", "-o", "out.csv")
        assert status == 0
        assert told in err
        assert err.count("warning") == 1


def test_sequences_shorter_than_any_in_training_are_refused(run, screen):
    lengths = np.resize([18, 19, 20], len(screen))
    texts = [text[-n:] for text, n in zip(screen["seq"], lengths, strict=True)]
    screen.assign(seq=texts).to_csv("cut.csv", index=False)
    args = [*COLUMNS, "--align", "right", "--model", "ridge", "--cv", 0, "-o", "model"]
    assert run("fit", "cut.csv", *args)[0] == 0
    pd.DataFrame({"seq": [texts[0], "TT", texts[1]]}).to_csv("new.csv", index=False)
    assert_refused(
        run("predict", "model", "new.csv", "-o", "out.csv"),
        "new.csv, data row 2: in the sequence column 'seq' no sequence may be shorter "
        "than the shortest in training, 18, but there is one of length 2",
    )
    options = ["-o", "out.csv", "--on-error", "report"]
    assert run("predict", "model", "new.csv", *options)[0] == 0
    assert len(pd.read_csv("out.csv")) == 2
    rejected = pd.read_csv("out.csv.rejected.tsv", sep="\t")
    assert rejected["row"].tolist() == [2]
    assert rejected["reason"][0].endswith("in training, 18, but it has 2")


def test_intervals_are_those_of_the_model(run, screen, table):
    args = [*COLUMNS, "--groups", "gene", "--model", "ridge", "-o", "model"]
    assert run("fit", table, *args)[0] == 0
    assert run("predict", "model", table, "-o", "out.csv")[0] == 0
    written = pd.read_csv("out.csv")
    assert written.columns.tolist() == [*screen, "prediction", "lower", "upper"]
    bounds = read_model("model").calibration.interval(written["prediction"])
    np.testing.assert_allclose(written[["lower", "upper"]].T, bounds, rtol=1e-6)
    within = written["y"].between(written["lower"], written["upper"])
    assert 0.75 < within.mean() < 0.95  # these guides were in training
