"""What numpy and scipy say: sys.argv[1] is a folder with a data view and folds.json; predictions by scheme and statistic go to stdout."""
import json
import sys

import nibabel
import numpy
import scipy.stats

folder = sys.argv[1]


def table(name):
    lines = [line.split(",") for line in open(f"{folder}/{name}").read().splitlines()]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


volumes = numpy.array([numpy.asarray(nibabel.load(f"{folder}/{row['conn_path']}").dataobj, dtype=numpy.float64).ravel(order="F") for row in table("paths.csv")])
volumes[~numpy.isfinite(volumes)] = numpy.nan
y = numpy.array([float(row["y"]) for row in table("outcomes.csv")])


def correlate(stat, a, b):
    both = numpy.isfinite(a) & numpy.isfinite(b)
    a, b = a[both], b[both]
    if len(a) < 3 or (a == a[0]).all() or (b == b[0]).all():
        return numpy.nan
    if stat == "spearman":
        a, b = scipy.stats.rankdata(a), scipy.stats.rankdata(b)
    # The same fraction of other rows is the same number but for rounding, and a tie.
    return numpy.round(numpy.corrcoef(a, b)[0, 1], 13)


answers = {}
for scheme, folds in json.load(open(f"{folder}/folds.json")).items():
    folds = numpy.array(folds)
    for stat in ("pearson", "spearman"):
        predicted = numpy.empty(len(y))
        for fold in set(folds):
            others = folds != fold
            rmap = numpy.array([correlate(stat, column, y[others]) for column in volumes[others].T])
            for row in numpy.flatnonzero(~others):
                predicted[row] = correlate(stat, rmap, volumes[row])
        answers[f"{scheme}/{stat}"] = [*predicted, scipy.stats.pearsonr(predicted, y)[0] if stat == "pearson" else scipy.stats.spearmanr(predicted, y)[0]]
print(json.dumps(answers))
