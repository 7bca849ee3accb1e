"""The types of objects in a fitted pipeline: no other is written or read."""

# Where a class is, not what it is: this module loads nothing. Names stay as they are for
# as long as there are files that hold them.
_OWN = (
    "sgrna_estimator.baselines.fractional_logistic.FractionalLogisticRegression",
    "sgrna_estimator.baselines.gene_folds.GeneFolds",
    "sgrna_estimator.mixtures.genes.ScreenGenes",
    "sgrna_estimator.mixtures.predictions.FittedScreens",
    "sgrna_estimator.mixtures.guide_effect.GuideEffectMixture",
    "sgrna_estimator.mixtures.guides.Components",
    "sgrna_estimator.mixtures.kernels.Cells",
    "sgrna_estimator.mixtures.labels.Labels",
    "sgrna_estimator.mixtures.logistic.MixtureLogisticRegression",
    "sgrna_estimator.mixtures.target.MixtureTargetRegressor",
    "sgrna_estimator.network.architecture.Architecture",
    "sgrna_estimator.network.bounded_target.BoundedTargetRegressor",
    "sgrna_estimator.network.classifier.PositionwiseReLUClassifier",
    "sgrna_estimator.network.columns.Columns",
    "sgrna_estimator.network.fitted.Network",
    "sgrna_estimator.network.fitted.Standardisation",
    "sgrna_estimator.network.optimizers.OptimizerState",
    "sgrna_estimator.network.regressor.PositionwiseReLURegressor",
    "sgrna_estimator.network.rows.GuideRows",
    "sgrna_estimator.network.stream.Stream",
    "sgrna_estimator.network.training.Trainee",
    "sgrna_estimator.scoring.calibration.Calibration",
    "sgrna_estimator.sequences.adjacent_pairs.AdjacentPairsTransformer",
    "sgrna_estimator.sequences.alphabet.Alphabet",
    "sgrna_estimator.sequences.column_names.PositionColumns",
    "sgrna_estimator.sequences.encoding.Encoding",
    "sgrna_estimator.sequences.one_hot.SequenceOneHotTransformer",
)

# What the models of the catalogue hold of scikit-learn. Of those that are compiled, and
# so have no attributes to write, CyHalfSquaredError has no state either.
_SCIKIT_LEARN = (
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting."
    "HistGradientBoostingRegressor",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.linear_model._coordinate_descent.LassoCV",
    "sklearn.linear_model._ridge.RidgeCV",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.model_selection._search.GridSearchCV",
    "sklearn.model_selection._split.KFold",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._function_transformer.FunctionTransformer",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
)

# skops asks for numpy.dtype too, which is no object with attributes.
TRUSTED_TYPES = (*_OWN, *_SCIKIT_LEARN, "numpy.dtype")
