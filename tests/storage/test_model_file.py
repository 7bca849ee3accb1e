"""A model is read as it was written, and says what it is."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from sgrna_estimator import __version__, letter_effects
from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.sequences.codes import SequenceError
from sgrna_estimator.storage import ModelFileError, model_file, read_model
from tests.baselines.small_models import fit_model
from tests.storage.models import described, fitted_model, forge


def written_and_read(model, tmp_path):
    model.write(tmp_path / "model.sgrna")
    return read_model(tmp_path / "model.sgrna")


# Round trips --------------------------------------------------------------------------


@pytest.mark.parametrize("through_mixture", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_read_as_it_was_written(guides, tmp_path, name, through_mixture):
    frame, _ = guides
    pipeline = fit_model(guides, name, through_mixture=through_mixture)
    model = fitted_model(guides, name, pipeline=pipeline)
    read = written_and_read(model, tmp_path)
    assert_array_equal(read.predict(frame), model.predict(frame))
    # and all else: written again, it gives the same bytes
    read.write(tmp_path / "again.sgrna")
    first, again = (tmp_path / name for name in ("model.sgrna", "again.sgrna"))
    assert again.read_bytes() == first.read_bytes()


def test_what_is_known_of_a_model_is_read_as_it_was_written(guides, tmp_path):
    known = {
        "layout": "4+20+3+3",
        "training_guides": np.array([3, 2**64 - 1], dtype=np.uint64),
        "scores": {"spearman": {"mean": 0.5, "sd": float("nan")}},
    }
    model = fitted_model(guides, **known)
    read = written_and_read(model, tmp_path)
    assert_array_equal(read.training_guides, known["training_guides"])
    assert read.training_guides.dtype == np.uint64
    assert repr(read.scores) == repr(known["scores"])
    different = {"pipeline", "training_guides", "scores", "predictor"}
    assert {k: v for k, v in vars(read).items() if k not in different} == {
        k: v for k, v in vars(model).items() if k not in different
    }
    assert read.n_guides == 60
    assert read.versions == {
        "sgrna_estimator": __version__,
        "scikit-learn": sklearn.__version__,
    }


def test_what_a_file_says_of_itself_can_be_read_by_eye(guides, tmp_path):
    fitted_model(guides, layout="4+20+3+3").write(tmp_path / "model.sgrna")
    model = described(tmp_path / "model.sgrna")[0]["model"]
    assert model["layout"] == "4+20+3+3"
    assert model["summary"]["letters"] == "ACGT"
    assert model["versions"]["sgrna_estimator"] == __version__


def test_a_background_that_is_not_one_hot_is_kept(guides, tmp_path):
    frame, target = guides
    unsure = "R" + frame["seq"].str[1:]
    frame = frame.assign(seq=frame["seq"].where(frame.index % 2 == 0, unsure))
    pipeline = fit_model((frame, target), "network_windows", unknown="spread")
    assert pipeline[-1].networks_[0].background.letters is None
    model = fitted_model(guides, "network_windows", pipeline=pipeline)
    read = written_and_read(model, tmp_path)
    assert_array_equal(read.predict(frame), model.predict(frame))
    assert_array_equal(
        read.pipeline[-1].base_effects_, model.pipeline[-1].base_effects_
    )


@pytest.mark.parametrize("through_mixture", [False, True])
def test_several_networks(guides, tmp_path, through_mixture):
    frame, target = guides
    pipeline = fit_model(guides, "network_windows", through_mixture=through_mixture)
    prefix = "regressor__" * through_mixture + "positionwisereluregressor__"
    pipeline.set_params(**{prefix + "n_networks": 3}).fit(frame, target)
    model = fitted_model(guides, "network_windows", pipeline=pipeline)
    read = written_and_read(model, tmp_path)
    network = (read.pipeline.regressor_ if through_mixture else read.pipeline)[-1]
    assert len(network.networks_) == 3
    assert_array_equal(read.predict(frame), model.predict(frame))


def test_a_read_model_shows_what_it_learnt(guides, tmp_path):
    model = fitted_model(guides, "network")
    read = written_and_read(model, tmp_path)
    network = read.pipeline[-1]
    assert network.loss_curve_ == model.pipeline[-1].loss_curve_
    pd.testing.assert_frame_equal(
        letter_effects(read.pipeline).to_frame(),
        letter_effects(model.pipeline).to_frame(),
        check_exact=True,
    )


def test_a_fit_can_be_repeated_with_metadata(guides, tmp_path):
    frame, target = guides
    genes = np.repeat(np.arange(6), 10)
    pipeline = fit_model(guides, through_mixture=True)
    with sklearn.config_context(enable_metadata_routing=True):
        read = written_and_read(fitted_model(guides, pipeline=pipeline), tmp_path)
        router = read.pipeline.get_metadata_routing()
        consumed = router.consumes("fit", ["groups", "screens", "controls"])
        assert consumed == {"groups", "screens", "controls"}
        again = clone(read.pipeline).fit(frame, target, groups=genes)
    expected = clone(pipeline).fit(frame, target, groups=genes)
    assert_array_equal(again.predict(frame), expected.predict(frame))


# What is left out ---------------------------------------------------------------------


def test_the_state_of_the_training_is_left_out_and_said_to_be(guides, tmp_path):
    frame, target = guides
    model = fitted_model(guides, "network")
    read = written_and_read(model, tmp_path)
    assert b"rainee" not in (tmp_path / "model.sgrna").read_bytes()
    encoder, network = read.pipeline[0], read.pipeline[-1]
    with pytest.raises(ValueError, match="was read from a model file, which keeps"):
        network.partial_fit(encoder.transform(frame), target)
    read.pipeline.set_params(positionwisereluregressor__warm_start=True)
    with pytest.raises(ValueError, match="was read from a model file, which keeps"):
        read.pipeline.fit(frame, target)
    read.pipeline.set_params(positionwisereluregressor__warm_start=False)
    assert_array_equal(
        read.pipeline.fit(frame, target).predict(frame), model.pipeline.predict(frame)
    )


def test_pickling_keeps_the_state_of_the_training(guides):
    network = pickle.loads(pickle.dumps(fit_model(guides, "network")[-1]))
    assert hasattr(network, "_trainees")


def test_the_prior_of_a_network_is_not_in_its_file(guides, tmp_path):
    frame, target = guides
    plain = fit_model(guides, "network_windows", covariates=())
    plain.set_output(transform="pandas").fit(frame[["seq"]], target)
    network = clone(plain).set_params(
        positionwisereluregressor__prior=FrozenEstimator(plain)
    )
    network.fit(frame[["seq"]], target)
    files = {}
    for name, pipeline in (("with", network), ("without", plain)):
        model = fitted_model(
            guides, "network_windows", pipeline=pipeline, covariates=[]
        )
        files[name] = tmp_path / name
        model.write(files[name])
    read = read_model(files["with"])
    assert read.pipeline[-1].prior is None
    assert_array_equal(read.pipeline[-1].prior_scale_, network[-1].prior_scale_)
    assert_array_equal(
        read.pipeline.predict(frame[["seq"]]), network.predict(frame[["seq"]])
    )
    larger = files["with"].stat().st_size - files["without"].stat().st_size
    assert larger < 1000


def test_what_a_file_cannot_hold_is_named(guides, tmp_path):
    pipeline = fit_model(guides).set_params(columntransformer__verbose=print)
    with pytest.raises(TypeError, match=r"^pipeline\.steps.*verbose is a builtins\."):
        fitted_model(guides, pipeline=pipeline).write(tmp_path / "model.sgrna")
    assert not list(tmp_path.iterdir())


# Predicting ---------------------------------------------------------------------------


def test_predictions_do_not_depend_on_how_many_are_made_at_once(guides, monkeypatch):
    frame, _ = guides
    model = fitted_model(guides)
    whole = model.predict(frame)
    expected = model.pipeline.predict(frame)
    np.testing.assert_allclose(whole["prediction"], expected, atol=1e-6)
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
    assert "row 31 has 'T'" in str(warning.message)
    assert str(warning.message).endswith("(row 1 is guide 1)")

    monkeypatch.setattr(model_file, "_GUIDES_AT_ONCE", 20)
    with pytest.warns(UserWarning, match="was dropped") as caught:
        model.predict(late)
    [warning] = caught
    assert "row 11 has 'T'" in str(warning.message)
    assert "row 1 is guide 21; there are more among later" in str(warning.message)


def test_letters_that_the_model_reads_but_never_saw_are_told_as_well(
    guides, monkeypatch
):
    frame, _ = guides
    kept = "ridge_dinucleotides"
    model = fitted_model(guides, kept, pipeline=fit_model(guides, kept))
    changed = frame["seq"].str[:5] + "T" + frame["seq"].str[6:]
    monkeypatch.setattr(model_file, "_GUIDES_AT_ONCE", 20)
    for first, told in [
        (30, "row 11 has 'T' at position 6"),
        (0, "none of the guides"),
    ]:
        late = frame.assign(seq=frame["seq"].where(frame.index < first, changed))
        with pytest.warns(UserWarning, match=told) as caught:
            model.predict(late)
        [warning] = caught
    assert "all guides of training had, G at position 6" in str(warning.message)


# Versions and interrupted fits --------------------------------------------------------


def test_a_model_of_other_versions_warns_once_for_each(guides, tmp_path):
    path = tmp_path / "model.sgrna"
    versions = {"sgrna_estimator": "0.0.9", "scikit-learn": "1.8.0"}
    fitted_model(guides, versions=versions).write(path)
    with pytest.warns(UserWarning, match="fitted with") as caught:
        read_model(path)
    assert [str(warning.message).split(":")[1] for warning in caught] == [
        f" was fitted with sgrna_estimator 0.0.9, but this is {__version__}",
        f" was fitted with scikit-learn 1.8.0, but this is {sklearn.__version__}",
    ]


def test_a_model_of_an_interrupted_fit_warns(guides, tmp_path):
    path = tmp_path / "model.sgrna"
    fitted_model(guides, interrupted="3 epochs only").write(path)
    with pytest.warns(UserWarning, match="not fitted to the end: 3 epochs only"):
        read_model(path)


def test_a_model_of_this_version_does_not_warn(guides, tmp_path):
    fitted_model(guides).write(tmp_path / "model.sgrna")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_model(tmp_path / "model.sgrna")


# Files that were made up --------------------------------------------------------------


def change_type(description):
    description["objects"][0]["type"] = "os.system"


def change_name(description):
    description["model"]["name"] = "network_of_tomorrow"


def leave_out_a_field(description):
    del description["model"]["target"]


def add_a_field(description):
    description["model"]["invented"] = 1


def change_versions(description):
    description["model"]["versions"] = "1.0"


def point_nowhere(description):
    description["model"]["pipeline"] = {"@object": 10_000}


def predict_by_nothing(description):
    description["model"]["pipeline"] = "ridge"


def know_little_of_the_guides(description):
    del description["model"]["summary"]["longest"]


def calibrate_by_a_number(description):
    description["model"]["calibration"] = 3


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (predict_by_nothing, "TypeError: a pipeline that does not predict"),
        (know_little_of_the_guides, "TypeError: a summary without longest"),
        (calibrate_by_a_number, "TypeError: calibration of another type"),
        (change_type, "ValueError: a os.system, which is not read"),
        (change_name, "ValueError: the model 'network_of_tomorrow'"),
        (leave_out_a_field, "TypeError: .*target"),
        (add_a_field, "TypeError: .*invented"),
        (change_versions, "TypeError: versions"),
        (point_nowhere, "IndexError"),
    ],
)
def test_a_file_that_no_version_wrote_is_refused_in_one_line(
    guides, tmp_path, change, problem
):
    path = tmp_path / "model.sgrna"
    fitted_model(guides).write(path)
    description, arrays = described(path)
    change(description)
    forge(path, description, arrays)
    with pytest.raises(ModelFileError, match=problem) as error:
        read_model(path)
    assert str(error.value).startswith(
        f"{path}: is a model file that sgrna_estimator {__version__} cannot read: a later "
    )
    assert "\n" not in str(error.value)


def test_a_file_nested_without_end_is_refused(tmp_path):
    path = tmp_path / "model.sgrna"
    deep = b"[" * 10_000 + b"]" * 10_000 + b"\n"
    path.write_bytes(model_file.pack(deep, b""))
    with pytest.raises(ModelFileError, match="RecursionError"):
        read_model(path)


# Bounds -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fractional_logistic", "network_logistic"])
def test_bounds_are_read_as_they_were_written(guides, tmp_path, name):
    frame, target = guides
    pipeline = fit_model((frame, 10 * target), name, bounds=(-1, 11.5))
    model = fitted_model(guides, name, pipeline=pipeline)
    read = written_and_read(model, tmp_path)
    assert read.bounds == (-1.0, 11.5)
    assert_array_equal(read.predict(frame), model.predict(frame))
    assert fitted_model(guides).bounds is None


def test_bounds_that_are_none_are_refused(guides, tmp_path):
    frame, target = guides
    pipeline = fit_model((frame, target), "fractional_logistic", bounds=(0, 1))
    pipeline.bounds_ = (1.0, 0.0)
    model = fitted_model(guides, "fractional_logistic", pipeline=pipeline)
    with pytest.raises(ModelFileError, match="bounds must be two finite numbers"):
        written_and_read(model, tmp_path)
