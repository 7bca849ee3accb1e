"""The whole of which `partial_fit` sees parts: how many guides, and how often each."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator._typing import Floats
from sgrna_estimator.network.defaults import n_batches
from sgrna_estimator.network.optimizers import Annealing
from sgrna_estimator.network.rows import GuideRows, chunks
from sgrna_estimator.network.training import Settings


@dataclass(frozen=True, eq=False)
class Stream:
    """The guides that a network has been given so far, in however many passes.

    Attributes
    ----------
    known : ndarray of uint64
        Fingerprints of the guides, sorted, by which a later pass is told from new
        guides.
    n_guides : int
        How many guides these are.
    total_weight : float
        The sum of their sample weights.
    n_taken : int
        Guides given since annealing began; each counts once a pass.
    """

    known: NDArray[np.uint64]
    n_guides: int = 0
    total_weight: float = 0.0
    n_taken: int = 0

    @classmethod
    def empty(cls) -> "Stream":
        """Return the stream before its first guide."""
        return cls(np.empty(0, dtype=np.uint64))

    def knowing(self, rows: GuideRows, y: Floats, weight: Floats) -> "Stream":
        """Return the stream with guides that it may or may not have had before.

        Parameters
        ----------
        rows : GuideRows
        y, weight : ndarray of shape (n_guides,)
            Targets and sample weights.

        Returns
        -------
        Stream
        """
        found = fingerprints(rows, y)
        at = np.searchsorted(self.known, found)
        is_new = np.ones(len(found), dtype=bool)
        inside = at < len(self.known)
        is_new[inside] = self.known[at[inside]] != found[inside]
        if not is_new.any():
            return self
        new = np.sort(found[is_new])
        return replace(
            self,
            known=np.insert(self.known, np.searchsorted(self.known, new), new),
            n_guides=self.n_guides + int(is_new.sum()),
            total_weight=self.total_weight + float(weight[is_new].sum()),
        )

    def restarted(self) -> "Stream":
        """Return the stream with its guides, of which no pass has been taken."""
        return replace(self, n_taken=0)

    def having_taken(self, n_guides: int, n_passes: int) -> "Stream":
        """Return the stream after guides have been trained on.

        Parameters
        ----------
        n_guides : int
        n_passes : int
            Passes until the step size is zero, where annealing begins again.

        Returns
        -------
        Stream
        """
        n_taken = self.n_taken + n_guides
        return replace(
            self, n_taken=n_taken if n_taken < n_passes * self.n_guides else 0
        )

    def annealing(
        self, n_guides: int, n_passes: int, clock: int, n_steps: int
    ) -> Annealing:
        """Return how the step size falls while the next guides are trained on.

        The length of the first pass is not known before its end: it is taken at the full
        step. Over the other passes the step falls with the number of guides taken.

        Parameters
        ----------
        n_guides : int
            How many guides come next. The stream knows them.
        n_passes : int
            Passes until the step size is zero.
        clock, n_steps : int
            Steps taken before, and for these guides.

        Returns
        -------
        Annealing
        """
        before, after = (
            max(n_taken / self.n_guides - 1, 0.0) / max(n_passes - 1, 1)
            for n_taken in (self.n_taken, self.n_taken + n_guides)
        )
        if n_passes < 2 or after == 0:
            return Annealing(0.0, np.inf)
        length = n_steps / (after - before)
        return Annealing(clock - before * length, length)


def in_even_batches(settings: Settings, n_guides: int) -> Settings:
    """Return the settings for a part, in which every guide counts alike.

    A part is rarely a whole number of batches. A short batch with a full step would give
    its guides more say than others have, and the last part of a table is the same in
    every pass. So all batches of a part are as large as each other, and their steps as
    much smaller as they are.

    Parameters
    ----------
    settings : Settings
    n_guides : int
        Guides of the part.

    Returns
    -------
    Settings
    """
    n_steps = n_batches(n_guides, settings.batch_size)
    return replace(
        settings,
        batch_size=-(-n_guides // n_steps),
        step_share=n_guides / (n_steps * settings.batch_size),
    )


def fingerprints(rows: GuideRows, y: Floats) -> NDArray[np.uint64]:
    """Return a number for each guide and its target, the same in every pass.

    Parameters
    ----------
    rows : GuideRows
    y : ndarray of shape (n_guides,)
        Targets.

    Returns
    -------
    ndarray of shape (n_guides,), uint64
        A multilinear hash (Carter & Wegman 1979) of the bytes, in words of 32 bits: two
        guides in some billions share a number, and then count as one.
    """
    found = np.empty(len(y), dtype=np.uint64)
    for chunk in chunks(len(y)):
        taken = rows.take(chunk)
        parts = [
            np.ascontiguousarray(part).view(np.uint8)
            for part in (taken.letters, taken.values, taken.covariates, y[chunk, None])
            if part.size
        ]
        width = sum(part.shape[1] for part in parts)
        padding = np.zeros((len(parts[0]), -width % 4), dtype=np.uint8)
        words = np.hstack([*parts, padding]).view(np.uint32)
        multipliers = np.random.default_rng(0).integers(
            2**64, size=words.shape[1], dtype=np.uint64
        )
        found[chunk] = (words * multipliers).sum(axis=1, dtype=np.uint64)
    return found
