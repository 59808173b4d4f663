"""map_to_outcome_v1 as the starter's site node runs it: everything comes in the environment, and n, R and p go to OUT_JSON."""
import json
import os
import sys

import nibabel as nib
import numpy as np
import pandas as pd
from scipy import stats

DATA_DIR = os.environ["DATA_DIR"]
MAP_PATH = os.environ["MAP_PATH"]
OUT_JSON = os.environ["OUT_JSON"]
OUTCOME = os.environ["OUTCOME"]
MASK_NAME = os.environ.get("MASK_NAME", "")
STAT = os.environ.get("STAT", "pearson")
FILTERS = json.loads(os.environ.get("FILTERS") or "{}")

KEYS = ["subject_id", "visit"]


def table(name):
    text = {column: str for column in KEYS}
    return pd.read_csv(os.path.join(DATA_DIR, name), dtype=text)


def cohort():
    rows = table("subjects.csv").merge(table("outcomes.csv"), on=KEYS).merge(table("paths.csv"), on=KEYS)
    for name, wanted in FILTERS.items():
        if isinstance(wanted, dict):
            rows = rows[rows[name].between(wanted["min"], wanted["max"], inclusive="left")]
        else:
            rows = rows[rows[name].isin(wanted if isinstance(wanted, list) else [wanted])]
    # An absolute conn_path stays as it is.
    rows = rows.assign(conn_path=[os.path.join(DATA_DIR, path) for path in rows["conn_path"]])
    return rows[rows[OUTCOME].notna() & rows["conn_path"].map(os.path.exists)]


def load(path):
    return np.asarray(nib.load(path).dataobj, dtype=np.float64)


def main():
    weights = load(MAP_PATH)
    inside = np.isfinite(weights)
    if MASK_NAME:
        inside &= load(os.path.join(DATA_DIR, "masks", f"{MASK_NAME}.nii.gz")) > 0
    scores, outcomes = [], []
    for row in cohort().itertuples():
        connectivity = load(row.conn_path)
        both = inside & np.isfinite(connectivity)
        scores.append(float(np.sum(weights[both] * connectivity[both])))
        outcomes.append(float(getattr(row, OUTCOME)))
    if len(scores) < 3 or np.ptp(scores) == 0 or np.ptp(outcomes) == 0:
        answer = {"n": len(scores), "R": None, "p": None}
    else:
        r, p = (stats.spearmanr if STAT == "spearman" else stats.pearsonr)(scores, outcomes)
        answer = {"n": len(scores), "R": float(r), "p": float(p)}
    with open(OUT_JSON, "w") as file:
        json.dump(answer, file, allow_nan=False)


if __name__ == "__main__":
    sys.exit(main())
