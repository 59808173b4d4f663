"""What numpy, scipy and nibabel say: sys.argv[1] is a folder with a data view, maps and queries.json; the answers go to stdout."""
import json
import sys

import nibabel
import numpy
import scipy.stats

folder = sys.argv[1]


def table(name):
    lines = [line.split(",") for line in open(f"{folder}/{name}").read().splitlines()]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def volume(name):
    return numpy.asarray(nibabel.load(f"{folder}/{name}").dataobj, dtype=numpy.float64).ravel(order="F")


def score_of(name, m, c):
    if len(m) == 0:
        return numpy.nan
    if name == "dot":
        return (m * c).sum()
    if name == "weighted_mean":
        return (m * c).sum() / numpy.abs(m).sum() if numpy.abs(m).sum() > 0 else numpy.nan
    if name == "mean_inside":
        return c[m > 0].mean() if (m > 0).any() else numpy.nan
    if name == "cosine":
        norms = numpy.linalg.norm(m) * numpy.linalg.norm(c)
        return (m * c).sum() / norms if norms > 0 else numpy.nan
    if len(m) < 3 or m.std() == 0 or c.std() == 0:
        return numpy.nan
    return (scipy.stats.pearsonr if name == "spatial_pearson" else scipy.stats.spearmanr)(m, c)[0]


def partial(x, y, covariates):
    z = numpy.column_stack([numpy.ones(len(x)), *covariates])
    rank = numpy.linalg.matrix_rank(z) - 1
    x, y = (v - z @ numpy.linalg.lstsq(z, v, rcond=None)[0] for v in (x, y))
    r, df = numpy.corrcoef(x, y)[0, 1], len(x) - 2 - rank
    return r, df


outcomes = {row["subject_id"]: row for row in table("outcomes.csv")}
subjects = {row["subject_id"]: row for row in table("subjects.csv")}
paths = {row["subject_id"]: row["conn_path"] for row in table("paths.csv")}
volumes = {name: volume(path) for name, path in paths.items()}
answers = []
for query in json.load(open(f"{folder}/queries.json")):
    m = volume(query["map"])
    inside = volume(f"masks/{query['mask']}.nii.gz") > 0 if query["mask"] else numpy.ones(len(m), bool)
    scores, y, z = [], [], []
    for name in subjects:
        both = inside & numpy.isfinite(m) & numpy.isfinite(volumes[name])
        value = score_of(query["score"], m[both], volumes[name][both])
        if numpy.isfinite(value):
            scores.append(value)
            y.append(float(outcomes[name][query["outcome"]]))
            z.append([float(subjects[name]["age"]), subjects[name]["dx"] == "B"])
    x, y, z = numpy.array(scores), numpy.array(y), numpy.array(z, dtype=float).T
    answer = {"n": len(x)}
    covariates = [z[0], z[1]] if query["covariates"] else []
    alternative = query["alternative"]
    if query["stat"] == "kendall":
        answer["r"], answer["p"] = scipy.stats.kendalltau(x, y, alternative=alternative)
    else:
        if query["stat"] == "spearman":
            x, y, covariates = scipy.stats.rankdata(x), scipy.stats.rankdata(y), [scipy.stats.rankdata(v) for v in covariates]
        r, df = partial(x, y, covariates)
        t = r * numpy.sqrt(df / (1 - r * r))
        p = {"greater": scipy.stats.t.sf(t, df), "less": scipy.stats.t.cdf(t, df), "two-sided": 2 * scipy.stats.t.sf(abs(t), df)}[alternative]
        half = scipy.stats.norm.ppf(0.975) / numpy.sqrt(df - 1)
        answer |= {"r": r, "p": p, "df": int(df), "low": numpy.tanh(numpy.arctanh(r) - half), "high": numpy.tanh(numpy.arctanh(r) + half)}
    if len(set(y)) == 2:
        x = numpy.array(scores)
        u, p = scipy.stats.mannwhitneyu(x[y == y.max()], x[y == y.min()], alternative=alternative, method="asymptotic", use_continuity=True)
        ones = int((y == y.max()).sum())
        answer |= {"auc": u / (ones * (len(y) - ones)), "auc_p": p}
    answers.append({key: float(value) for key, value in answer.items()})
print(json.dumps(answers))
