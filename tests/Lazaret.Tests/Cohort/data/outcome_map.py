"""The R-map by numpy, scipy and nibabel, as means over parcels: sys.argv[1] is a data view, sys.argv[2] a parcellation; by cohort and statistic to stdout."""
import json
import sys

import nibabel
import numpy
import scipy.stats

folder, parcellation = sys.argv[1:]


def table(name):
    lines = [line.split(",") for line in open(f"{folder}/{name}").read().splitlines()]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def volume(path):
    image = nibabel.load(f"{folder}/{path}")
    data = numpy.asarray(image.dataobj, dtype=numpy.float64)
    return (data[::-1] if image.affine[0, 0] < 0 else data).ravel(order="F")


labels = volume(f"parcellations/{parcellation}.nii.gz")
volumes = numpy.array([volume(row["conn_path"]) for row in table("paths.csv")])
outcome = numpy.array([float(row["y"]) for row in table("outcomes.csv")])
group = numpy.array([row["dx"] for row in table("subjects.csv")])
finite = numpy.isfinite(volumes).all(axis=0)
answer = {}
for cohort, rows in (("", numpy.ones(len(outcome), bool)), ("A", group == "A")):
    for stat, correlate in (("pearson", scipy.stats.pearsonr), ("spearman", scipy.stats.spearmanr)):
        means = {}
        for row in table(f"parcellations/{parcellation}.csv"):
            inside = volumes[rows][:, finite & (labels == float(row["index"]))]
            r = [correlate(voxel, outcome[rows])[0] for voxel in inside.T if voxel.std() > 0]
            means[row["name"]] = float(numpy.mean(r)) if inside.shape[1] >= 10 else None
        answer[f"{cohort}/{stat}"] = means
print(json.dumps(answer))
