"""map_to_outcome_v1 as a visiting analysis: the question comes in the environment, and n, R and p go to OUT_JSON.

The node has brought the map (MAP_PATH) and the mask (MASK_PATH) onto the site's grid, has selected the rows, and has read outcome and covariates out of
the tables (VALUES). So nothing here resamples, filters or guesses what a cell means: an analysis that counts differently than the node is blocked.
"""
import json
import os
import sys

import nibabel as nib
import numpy as np
import pandas as pd
from scipy import stats


def variable(name, default=""):
    return os.environ.get(name) or default


def values():
    """For each row the volume, the outcome, and the columns of the covariates: a category of k levels is k - 1 columns of zeros and ones."""
    # As text: pandas would take 007 for 7, and NA for missing.
    rows = pd.read_csv(variable("VALUES"), dtype=str, keep_default_na=False)
    numbers = rows.iloc[:, 3:].astype(np.float64).to_numpy()
    # An absolute path stays as it is.
    return [os.path.join(variable("DATA_DIR"), path) for path in rows["conn_path"]], numbers[:, 0], list(numbers[:, 1:].T)


def volume(path, grid):
    """The values in the order of the grid's axes: a site may store volumes with axes flipped or swapped, or with a fourth of length 1."""
    image = nib.load(path)
    values = np.asarray(image.dataobj, dtype=np.float64)
    turn = nib.orientations.ornt_transform(nib.io_orientation(image.affine), nib.io_orientation(grid))
    return nib.orientations.apply_orientation(values.reshape(values.shape[:3]), turn)


def score(name, m, c):
    """How the map m compares with the volume c, over the voxels that count; NaN where that is not defined."""
    if name == "dot":
        return np.sum(m * c)
    if name == "weighted_mean":
        return divide(np.sum(m * c), np.sum(np.abs(m)))
    if name == "mean_inside":
        return divide(np.sum(c[m > 0]), np.count_nonzero(m > 0))
    if name == "cosine":
        return divide(np.sum(m * c), np.linalg.norm(m) * np.linalg.norm(c))
    if m.size < 3 or np.ptp(m) == 0 or np.ptp(c) == 0:
        return np.nan
    if name == "spatial_spearman":
        m, c = stats.rankdata(m), stats.rankdata(c)
    return np.corrcoef(m, c)[0, 1]


def divide(a, b):
    return a / b if b > 0 else np.nan


def correlate(stat, x, y, covariates):
    """R and two-sided p; None where they are not defined."""
    if stat == "spearman":
        x, y, covariates = stats.rankdata(x), stats.rankdata(y), [stats.rankdata(z) for z in covariates]
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None, None
    if stat == "kendall":
        return stats.kendalltau(x, y)
    if not covariates:
        return stats.pearsonr(x, y)
    design = np.column_stack([np.ones(len(x)), *covariates])
    x, y = (v - design @ np.linalg.lstsq(design, v, rcond=None)[0] for v in (x, y))
    df = len(x) - 1 - np.linalg.matrix_rank(design)
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    return r, 2 * stats.t.sf(abs(r) * np.sqrt(df / max(1 - r * r, 1e-300)), df)


def main():
    image = nib.load(variable("MAP_PATH"))
    weights = np.asarray(image.dataobj, dtype=np.float64)
    inside = True
    if variable("MASK_PATH"):
        inside = np.asarray(nib.load(variable("MASK_PATH")).dataobj) > 0
    volumes, outcome, covariates = values()
    scores = np.full(len(outcome), np.nan)
    for i, path in enumerate(volumes):
        connectivity = volume(path, image.affine)
        both = np.isfinite(weights) & np.isfinite(connectivity)
        # A subject that shares nothing with the map has no score, and one whose share lies outside the mask has a sum of 0.
        if both.any():
            scores[i] = score(variable("SCORE", "dot"), weights[both & inside], connectivity[both & inside])
    scored = np.isfinite(scores)
    r, p = correlate(variable("STAT", "pearson"), scores[scored], outcome[scored], [z[scored] for z in covariates])
    answer = {"n": int(scored.sum()), "R": None if r is None else float(r), "p": None if p is None else float(p)}
    with open(variable("OUT_JSON"), "w") as file:
        json.dump(answer, file, allow_nan=False)


if __name__ == "__main__":
    sys.exit(main())
