"""The command line's models: what they learn from, and the files they are kept in."""

import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone

from sgrna_estimator import __version__
from sgrna_estimator.baselines.catalogue import (
    ACCURATE_SETTINGS,
    MANY_GUIDES_SETTINGS,
    MODELS,
    accurate_settings,
    compile_network,
    make_model,
)
from sgrna_estimator.sequences.codes import SequenceError
from sgrna_estimator.storage import model_file
from sgrna_estimator.storage.model_file import FittedModel, read_model

PROBABILITY_MODELS = ["fractional_logistic", "network_logistic"]
NETWORKS = [name for name, model in MODELS.items() if model.is_network]


@pytest.fixture(scope="module")
def guides():
    """60 guides: the target is the letter at position 3, and the distance."""
    rng = np.random.default_rng(0)
    letters = rng.choice(list("ACGT"), (60, 12))
    letters[:, 5] = "G"  # a position that never varies
    frame = pd.DataFrame(
        {"seq": ["".join(row) for row in letters], "dist": rng.uniform(0, 1000, 60)}
    )
    target = 0.5 * (letters[:, 3] == "A") + frame["dist"] / 2000
    return frame, target.rename("activity")


def quick(model):
    """Shorten the training of a network; the others are quick."""
    names = [name for name in model.get_params() if name.endswith("__max_iter")]
    is_network = any(name.startswith("positionwise") for name in names)
    return model.set_params(**dict.fromkeys(names, 3)) if is_network else model


def fit_model(guides, name="ridge", covariates=("dist",), **options):
    frame, target = guides
    model = make_model(
        name, sequence="seq", covariates=covariates, random_state=0, **options
    )
    return quick(model).fit(frame[["seq", *covariates]], target)


def fitted_model(guides, name="ridge", **changes):
    settings = {
        "name": name,
        "pipeline": fit_model(guides, name),
        "sequence": "seq",
        "target": "activity",
        "covariates": ["dist"],
        "unknown": "error",
        "align": None,
        "random_state": 0,
        "tables": ["screen.tsv"],
        "n_guides": 60,
    }
    return FittedModel(**settings | changes)


# Models -------------------------------------------------------------------------------


@pytest.mark.parametrize("covariates", [(), ("dist",)])
@pytest.mark.parametrize("name", MODELS)
def test_every_model_starts_from_a_table(guides, name, covariates):
    frame, target = guides
    columns = ["seq", *covariates]
    model = quick(make_model(name, sequence="seq", covariates=covariates))
    model.set_params(
        **{key: 0 for key in model.get_params() if key.endswith("random_state")}
    )
    predictions = clone(model).fit(frame[columns], target).predict(frame[columns])
    assert predictions.shape == (60,)
    assert np.isfinite(predictions).all()
    again = model.fit(frame[columns], target).predict(frame[columns])
    np.testing.assert_array_equal(again, predictions)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_uses_the_covariate_and_the_sequence(guides, name):
    frame, _ = guides
    model = fit_model(guides, name)
    predictions = model.predict(frame)
    farther = model.predict(frame.assign(dist=frame["dist"] + 500))
    other = model.predict(frame.assign(seq=frame["seq"][::-1].to_numpy()))
    assert (farther != predictions).any()
    assert (other != predictions).any()


@pytest.mark.parametrize("name", PROBABILITY_MODELS)
def test_models_for_probabilities_predict_probabilities(guides, name):
    frame, _ = guides
    for dist in (-1e6, 1e6):
        predictions = fit_model(guides, name).predict(frame.assign(dist=dist))
        assert 0 <= predictions.min() <= predictions.max() <= 1
        # the line that ridge regression draws leaves the range there
        line = fit_model(guides, "ridge").predict(frame.assign(dist=dist))
        assert (line < 0).all() or (line > 1).all()


def test_the_models_for_probabilities_are_marked():
    marked = [name for name, model in MODELS.items() if model.needs_probabilities]
    assert marked == PROBABILITY_MODELS


def test_pairs_of_letters_are_neighbours_in_the_sequence(guides):
    model = fit_model(guides, "ridge_dinucleotides")
    columns = model[1].named_transformers_
    neighbours = [[position, position + 1] for position in range(11)]
    assert columns["sequence"].pairs_.tolist() == neighbours
    # 12 positions of 4 letters, 11 pairs of 16, and the covariate
    assert model[-1].n_features_in_ == 48 + 176 + 1


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"ridge_dinucleotides"}))
def test_the_other_models_leave_out_what_never_varies(guides, name):
    assert fit_model(guides, name)[-1].n_features_in_ == 44 + 1


def test_unknown_letters_and_lengths_are_read_as_asked(guides):
    frame, target = guides
    sequences = frame["seq"].str[1:].where(frame.index == 3, frame["seq"])
    sequences[5] = "N" + sequences[5][1:]
    frame = frame.assign(seq=sequences)
    with pytest.raises(SequenceError, match="row 3"):
        fit_model((frame, target))
    with pytest.raises(SequenceError, match="'N'"):
        fit_model((frame, target), align="right")
    model = fit_model((frame, target), align="right", unknown="spread")
    encoded = model[0].transform(frame)
    assert encoded[3, :4].tolist() == [0, 0, 0, 0]
    assert encoded[5, :4].tolist() == [0.25, 0.25, 0.25, 0.25]


@pytest.mark.parametrize(
    ("n_guides", "expected"),
    [
        (None, ACCURATE_SETTINGS),
        (19_999, ACCURATE_SETTINGS),
        (20_000, MANY_GUIDES_SETTINGS),
    ],
)
def test_many_guides_get_a_larger_network(n_guides, expected):
    settings = accurate_settings(n_guides)
    assert settings == expected
    model = make_model("network_windows", sequence="seq", n_guides=n_guides)
    assert settings.items() <= model[-1].get_params().items()
    settings["window_size"] = 9  # what is returned is the caller's
    assert accurate_settings(n_guides) == expected


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"network_windows"}))
def test_the_other_models_do_not_follow_from_the_number_of_guides(name):
    few, many = (
        make_model(name, sequence="seq", n_guides=n_guides)
        for n_guides in (None, 1_000_000)
    )
    assert repr(few.get_params()) == repr(many.get_params())


def test_compile_network_compiles_all_that_the_networks_need(guides):
    from sgrna_estimator.network import kernels as _network_kernels

    def compiled():
        return {
            name: kernel.signatures
            for name, kernel in vars(_network_kernels).items()
            if hasattr(kernel, "signatures")
        }

    compile_network()
    before = {name: list(signatures) for name, signatures in compiled().items()}
    if not before:
        pytest.skip("numba does not compile: NUMBA_DISABLE_JIT is set")
    for name in NETWORKS:
        for covariates in ((), ("dist",)):
            fit_model(guides, name, covariates)
    assert compiled() == before


# Files --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ridge", "network_windows"])
def test_a_model_is_read_as_it_was_written(guides, tmp_path, name):
    frame, _ = guides
    model = fitted_model(guides, name)
    path = tmp_path / "model"
    model.write(path)
    read = read_model(path)
    np.testing.assert_array_equal(read.predict(frame), model.predict(frame))
    assert {**vars(read), "pipeline": None} == {**vars(model), "pipeline": None}
    assert read.versions == {
        "sgrna_estimator": __version__,
        "scikit-learn": sklearn.__version__,
    }


def test_a_file_does_not_need_the_command_line_to_be_read(guides, tmp_path):
    frame, _ = guides
    model = fitted_model(guides)
    model.write(tmp_path / "model")
    pipeline = joblib.load(tmp_path / "model")["pipeline"]
    np.testing.assert_array_equal(
        pipeline.predict(frame), model.predict(frame)["prediction"]
    )
    content = pickle.dumps(joblib.load(tmp_path / "model"))
    assert b"sgrna_estimator.sequences.one_hot" in content
    assert b"sgrna_estimator.cli" not in content
    assert b"sgrna_estimator.storage" not in content


def test_predictions_do_not_depend_on_how_many_are_made_at_once(guides, monkeypatch):
    frame, _ = guides
    model = fitted_model(guides)
    whole = model.predict(frame)
    np.testing.assert_array_equal(whole["prediction"], model.pipeline.predict(frame))
    monkeypatch.setattr(model_file, "_GUIDES_AT_ONCE", 25)
    told = []
    renamed = frame.set_axis(["spacer", "tss"], axis="columns")
    parts = model.predict(renamed, lambda done, total: told.append((done, total)))
    np.testing.assert_allclose(parts, whole, rtol=1e-12)
    assert told == [(25, 60), (50, 60), (60, 60)]


def test_rows_at_fault_are_those_of_the_whole_table(guides, monkeypatch):
    monkeypatch.setattr(model_file, "_GUIDES_AT_ONCE", 25)
    frame, _ = guides
    wrong = frame["seq"].where(~frame.index.isin([27, 40]), "ACGT")
    with pytest.raises(SequenceError) as error:
        fitted_model(guides).predict(frame.assign(seq=wrong))
    assert error.value.rows == [27, 40]


def test_a_kind_of_warning_is_given_once_and_says_where_rows_count_from(
    guides, monkeypatch
):
    frame, _ = guides
    model = fitted_model(guides)
    changed = frame["seq"].str[:5] + "T" + frame["seq"].str[6:]
    late = frame.assign(seq=frame["seq"].where(frame.index < 30, changed))
    with pytest.warns(UserWarning, match="was dropped") as caught:
        model.predict(late)
    [warning] = caught
    assert "row 30 has 'T'" in str(warning.message)
    assert str(warning.message).endswith("(row 0 is guide 1)")

    monkeypatch.setattr(model_file, "_GUIDES_AT_ONCE", 20)
    with pytest.warns(UserWarning, match="was dropped") as caught:
        model.predict(late)
    [warning] = caught
    assert "row 10 has 'T'" in str(warning.message)
    assert "row 0 is guide 21; there are more among later" in str(warning.message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"cannot be read as a model, .*\(EOFError\)"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "cannot be read as a model"),
        (b"seq\tactivity\nACGT\t1\n", "cannot be read as a model"),
        (pickle.dumps([1, 2]), "is not a model that"),
        (pickle.dumps({"pipeline": None}), "is not a model that"),
        (pickle.dumps({"format": "sgrna_estimator model 0"}), "is not a model that"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = tmp_path / "model"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        read_model(path)
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_truncated_model_is_refused(guides, tmp_path, share):
    path = tmp_path / "model"
    fitted_model(guides).write(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match="cannot be read as a model"):
        read_model(path)


def test_what_is_not_a_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        read_model(tmp_path)
    with pytest.raises(ValueError, match="there is no such file"):
        read_model(tmp_path / "model")


def test_a_model_of_other_versions_warns_once_for_each(guides, tmp_path, monkeypatch):
    path = tmp_path / "model"
    with monkeypatch.context() as other:
        # scikit-learn keeps its version in each estimator's pickle, and would warn of
        # each when it is read
        other.setattr(sklearn.base, "__version__", "1.8.0")
        fitted_model(
            guides, versions={"sgrna_estimator": "0.0.9", "scikit-learn": "1.8.0"}
        ).write(path)
    with pytest.warns(UserWarning, match="fitted with") as caught:
        read_model(path)
    assert [str(warning.message).split(":")[1] for warning in caught] == [
        f" was fitted with sgrna_estimator 0.0.9, but this is {__version__}",
        f" was fitted with scikit-learn 1.8.0, but this is {sklearn.__version__}",
    ]


def test_a_model_of_an_interrupted_fit_warns(guides, tmp_path):
    path = tmp_path / "model"
    fitted_model(guides, interrupted="3 epochs only").write(path)
    with pytest.warns(UserWarning, match="not fitted to the end: 3 epochs only"):
        read_model(path)


def test_a_model_of_this_version_does_not_warn(guides, tmp_path):
    fitted_model(guides).write(tmp_path / "model")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_model(tmp_path / "model")
