"""Search the settings of a network with Optuna, judged on genes that were held out."""

import optuna
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score


def search(model, sequences, y, genes, n_trials=20):
    """Return a study of a pipeline that ends in a PositionwiseReLURegressor."""

    def score(trial):
        settings = {
            "window_size": trial.suggest_int("window_size", 1, 3),
            "alpha": trial.suggest_float("alpha", 0.1, 100, log=True),
        }
        candidate = clone(model)
        candidate[-1].set_params(**settings)
        folds = GroupKFold(5)
        return cross_val_score(candidate, sequences, y, groups=genes, cv=folds).mean()

    sampler = optuna.samplers.TPESampler(seed=0)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(score, n_trials=n_trials)
    return study
