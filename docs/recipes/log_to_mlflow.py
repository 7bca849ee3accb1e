"""Log a fitted pipeline to MLflow, with its scores."""

import mlflow

from sgrna_estimator.storage import TRUSTED_TYPES


def log_to_mlflow(model, **scores):
    """Return the address of the model, for mlflow.pyfunc.load_model and its like."""
    with mlflow.start_run():
        mlflow.log_metrics(scores)
        logged = mlflow.sklearn.log_model(
            model,
            name="guides",
            serialization_format="skops",
            skops_trusted_types=list(TRUSTED_TYPES),
            pip_requirements=["sgrna-estimator", "skops"],
        )
    return logged.model_uri
