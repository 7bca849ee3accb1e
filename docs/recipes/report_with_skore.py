"""A skore report, from splits that keep genes whole."""

from sklearn.model_selection import GroupKFold
from skore import CrossValidationReport


def report_by_gene(model, sequences, y, genes):
    splits = list(GroupKFold(5).split(sequences, y, groups=genes))
    return CrossValidationReport(model, X=sequences, y=y, splitter=splits)
