"""Whether Ctrl-C ends one fit, or all that it is a part of."""

import traceback

# Packages whose callers of a fit are looked at.
_KNOWN = ("sklearn", "joblib", "sgrna_estimator")

# What of them hands a fit on and fits nothing else before or after it.
_FIT_ONCE = (
    "sklearn.base",
    "sklearn.callback",
    "sklearn.pipeline",
    "sklearn.compose._target",
    "sgrna_estimator._inner_regressor",
    "sgrna_estimator.network",
    "sgrna_estimator.mixtures.target",
    "sgrna_estimator.cli",
)


def is_part_of_more() -> bool:
    """Tell whether the fit that calls this is one of several, as those of a search are.

    A search that went on with a model of fewer epochs than the others would choose by
    that. So Ctrl-C must end it, and not one of its fits; which it is, those tell that
    called the fit.

    Returns
    -------
    bool
        False if the user called it, perhaps as the last step of a pipeline or within
        another model that fits it once.
    """
    callers = (
        frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_stack(None)
    )
    return any(_is_in(name, _KNOWN) and not _is_in(name, _FIT_ONCE) for name in callers)


def _is_in(module: str, packages: tuple[str, ...]) -> bool:
    return any(
        module == package or module.startswith(f"{package}.") for package in packages
    )
