"""One ranking from two legs: the sum of their z-scores, with .6 for the dense one.

Best mean nDCG@10 of what was compared, reciprocal rank fusion included. A few candidates have no meaningful spread:
for them each leg is divided by its maximum instead.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

DENSE_WEIGHT = 0.6
FEW = 20


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float]) -> dict[int, float]:
    """A score 0..1 for every chunk of either leg: its place between the worst and the best, times the best cosine.

    `dense` holds cosines, `lexical` BM25. A chunk that a leg did not find counts there as its lowest.
    """
    chunks = list(dense.keys() | lexical.keys())
    if not chunks:
        return {}
    if len(chunks) < FEW:
        # The floor is 0, not the lowest: of two good candidates the second must not come out worthless.
        place = _sum(_share(_values(dense, chunks, 0.0)), _share(_values(lexical, chunks, 0.0)))
        place /= place.max() or 1.0
    else:
        place = _sum(_z(_values(dense, chunks)), _z(_values(lexical, chunks)))
        spread = np.ptp(place)
        place = (place - place.min()) / spread if spread else np.ones_like(place)
    # Without vectors nothing says how well the best fits.
    best_cosine = max(dense.values()) if dense else 0.5
    return dict(zip(chunks, (place * np.clip(best_cosine, 0.0, 1.0)).tolist(), strict=True))


def _values(leg: Mapping[int, float], chunks: list[int], missing: float | None = None) -> NDArray[np.float64]:
    lowest = min(leg.values(), default=0.0) if missing is None else missing
    return np.array([leg.get(chunk, lowest) for chunk in chunks], np.float64)


def _sum(dense: NDArray[np.float64], lexical: NDArray[np.float64]) -> NDArray[np.float64]:
    return DENSE_WEIGHT * dense + (1 - DENSE_WEIGHT) * lexical


def _share(values: NDArray[np.float64]) -> NDArray[np.float64]:
    best = values.max()
    return np.maximum(values, 0.0) / best if best > 0 else np.zeros_like(values)


def _z(values: NDArray[np.float64]) -> NDArray[np.float64]:
    deviation = values.std()
    return (values - values.mean()) / deviation if deviation else np.zeros_like(values)
