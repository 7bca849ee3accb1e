"""A model, sequences, and how a patient person would find and rank guides by hand."""

import numpy as np
import pandas as pd

from sgrna_estimator import GuideLayout
from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.sequences.alphabet import IUPAC_NUCLEOTIDES
from sgrna_estimator.storage.model_file import FittedModel
from sgrna_estimator.storage.summary import summarise_guides

LAYOUT = GuideLayout.parse("4+20+NGG+3")
COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A", "N": "N"}


def fit(
    name="ridge", *, score=False, layout="4+20+NGG+3", begins_with_g=False, **options
):
    """Fit a model to a simulated screen of 30 nt."""
    screen = make_guide_screen(
        200, 10, upstream_length=4, downstream_length=3, random_state=0
    ).data
    if not begins_with_g:  # as the spacers of simulated screens do
        letters = np.random.default_rng(0).choice(list("ACGT"), len(screen))
        screen["seq"] = screen["seq"].str[:4] + letters + screen["seq"].str[5:]
    target = "log2fc" if score else "activity"
    model = make_model(
        name, sequence="seq", through_mixture=score, random_state=0, **options
    )
    frame = screen[["seq"]]
    network = getattr(model, "regressor", model)[-1]
    if hasattr(network, "max_iter") and "network" in name:
        network.set_params(max_iter=3)
    model.fit(frame, screen[target])
    return FittedModel(
        name=name,
        pipeline=model,
        sequence="seq",
        target=target,
        covariates=[],
        unknown="error",
        align=None,
        random_state=0,
        tables=["screen.tsv"],
        summary=summarise_guides(screen["seq"], screen[target]),
        layout=layout,
    )


def random_sequences(n=10, length=2000, letters="ACGT", seed=0):
    rng = np.random.default_rng(seed)
    return {
        f"region{number}": "".join(rng.choice(list(letters), length))
        for number in range(1, n + 1)
    }


def reverse_complement(text):
    return "".join(COMPLEMENT[letter] for letter in reversed(text))


def matches(text, pattern):
    return all(
        letter in IUPAC_NUCLEOTIDES.get(symbol, symbol)
        for letter, symbol in zip(text, pattern, strict=True)
    )


def find_by_hand(sequences, layout=LAYOUT, start=None, end=None):
    """Look at every position of both strands; sites whole in start to end."""
    rows = []
    for name, sequence in sequences.items():
        sequence = sequence.upper()
        size = len(sequence)
        for strand in "+-":
            read = sequence if strand == "+" else reverse_complement(sequence)
            for place in range(size - layout.length + 1):
                context = read[place : place + layout.length]
                if "N" in context or not matches(
                    context[layout.pam], layout.pam_pattern
                ):
                    continue
                first = place + layout.spacer.start
                last, cut = first + layout.spacer_length, first + layout.cut
                if strand == "-":
                    first, last, cut = size - last, size - first, size - cut
                if first < (start or 0) or last > (size if end is None else end):
                    continue
                spacer, pam = context[layout.spacer], context[layout.pam]
                rows.append((name, first, last, strand, cut, spacer, pam, context))
    names = ["chromosome", "start", "end", "strand", "cut_position", "spacer", "pam"]
    return pd.DataFrame(rows, columns=[*names, "context"])
