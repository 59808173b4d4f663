"""The plain way, one process a job: pandas joins, nibabel reads every volume, scipy correlates. Prints n, R, p."""
import os
import sys

import nibabel
import numpy
import pandas
from scipy import stats

view, map_path, outcome = sys.argv[1:]
rows = pandas.read_csv(f"{view}/subjects.csv")
for table in ("outcomes", "paths"):
    rows = rows.merge(pandas.read_csv(f"{view}/{table}.csv"), on=["subject_id", "visit"])
rows = rows[rows[outcome].notna()]
target = nibabel.load(map_path).get_fdata(dtype=numpy.float32)
scores = []
for path in rows["conn_path"]:
    volume = nibabel.load(os.path.join(view, path)).get_fdata(dtype=numpy.float32)
    both = numpy.isfinite(target) & numpy.isfinite(volume)
    scores.append(float((target[both] * volume[both]).sum()))
r, p = stats.pearsonr(scores, rows[outcome])
print(len(scores), repr(float(r)), repr(float(p)))
