"""Bad targets, columns and validation guides are named."""

import numpy as np
import pandas as pd
import pytest

from tests.network.networks import classifier, quick, regressor


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        ([0, 1, np.nan, 0.5], {}, r"finite.*missing.*in row 3$"),
        ([0, np.inf, -np.inf, 0.5], {}, r"infinite.*in rows 2, 3$"),
        (pd.Series([0, "high", 1, 2]), {}, r"'high' is not one, in row 2$"),
        ([0, 1.5, 0.5, -1], {"output": "logistic"}, r"least 0, but it is -1 in row 4$"),
        ([0, 1.5, 0.5, 1], {"output": "logistic"}, r"most 1, but it is 1\.5 in row 2$"),
        ([0, 1, 0, 1], {"loss": "log_loss"}, "needs output='logistic'"),
        ([0, 1, 0], {}, "inconsistent numbers of samples"),
    ],
)
def test_bad_targets_are_named(y, options, message):
    with pytest.raises(ValueError, match=message):
        regressor(**options).fit(np.eye(4), y)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_columns_that_are_not_finite_are_refused(screen, value):
    X = screen.X.copy()
    X[7, 3] = value
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        regressor().fit(X, screen.y)
    network = quick().fit(screen.X, screen.y)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        network.predict(X)


def test_validation_guides_come_with_their_target(screen):
    with pytest.raises(ValueError, match="only X_val was given"):
        regressor().fit(screen.X, screen.y, X_val=screen.X)
    with pytest.raises(ValueError, match="only y_val was given"):
        regressor().fit(screen.X, screen.y, y_val=screen.y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        regressor().fit(screen.X, screen.y, X_val=screen.X, y_val=screen.y[:-1])
    with pytest.raises(ValueError, match="28 features"):
        regressor().fit(screen.X, screen.y, X_val=screen.X[:, 4:], y_val=screen.y)


def test_a_bad_validation_target_is_called_by_its_name(screen, labels):
    y_val = screen.y.copy()
    y_val[3] = np.nan
    with pytest.raises(ValueError, match=r"y_val must be finite.* in row 4$"):
        regressor().fit(screen.X, screen.y, X_val=screen.X, y_val=y_val)
    with pytest.raises(ValueError, match="y_val has labels"):
        classifier().fit(screen.X, labels, X_val=screen.X, y_val=screen.y)
