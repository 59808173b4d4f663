"""What numpy, scipy and nibabel say: sys.argv[1] is a folder with a data view, maps and queries.json; the answers go to stdout."""
import functools
import hashlib
import json
import struct
import sys

import nibabel
import numpy
import scipy.stats

folder = sys.argv[1]


def table(name):
    lines = [line.split(",") for line in open(f"{folder}/{name}").read().splitlines()]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


@functools.cache
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


def numbers(seed):
    """Eight numbers of 32 bits out of each SHA-256 of the seed and a counter."""
    counter = 0
    while True:
        yield from struct.unpack(">8I", hashlib.sha256(seed + counter.to_bytes(8, "big")).digest())
        counter += 1


@functools.cache
def orders(blocks, draws):
    """Durstenfeld's shuffle, each of the one before it, block by block."""
    stream = numbers(hashlib.sha256(b"18").digest())
    order = list(range(len(blocks)))
    drawn = []
    for _ in range(draws):
        for block in sorted(set(blocks)):
            rows = [row for row, other in enumerate(blocks) if other == block]
            for last in range(len(rows) - 1, 0, -1):
                number = next(stream)
                while number >= (1 << 32) - (1 << 32) % (last + 1):
                    number = next(stream)
                other = number % (last + 1)
                order[rows[last]], order[rows[other]] = order[rows[other]], order[rows[last]]
        drawn.append(list(order))
    return numpy.array(drawn)


def permuted(stat, x, y, covariates, drawn):
    """R in each order. With covariates by the definition of Freedman and Lane: what they explain, and what they leave in another order."""
    if stat == "kendall":
        signs = [numpy.sign(v[:, None] - v[None, :]) for v in (x, y)]
        length = numpy.sqrt((signs[0] ** 2).sum()) * numpy.sqrt((signs[1] ** 2).sum())
        return numpy.array([(signs[0] * signs[1][order][:, order]).sum() for order in drawn]) / length
    z = numpy.column_stack([numpy.ones(len(x)), *covariates])
    hat = z @ numpy.linalg.pinv(z)
    fit = hat @ y
    given = fit + (y - fit)[drawn]
    rest = given - given @ hat.T
    x = x - hat @ x
    return rest @ x / numpy.sqrt((rest ** 2).sum(axis=1)) / numpy.linalg.norm(x)


outcomes = {row["subject_id"]: row for row in table("outcomes.csv")}
subjects = {row["subject_id"]: row for row in table("subjects.csv")}
paths = {row["subject_id"]: row["conn_path"] for row in table("paths.csv")}
volumes = {name: volume(path) for name, path in paths.items()}


@functools.cache
def scores_of(score, path, mask):
    m = volume(path)
    inside = volume(f"masks/{mask}.nii.gz") > 0 if mask else numpy.ones(len(m), bool)
    found = {}
    for name in subjects:
        both = inside & numpy.isfinite(m) & numpy.isfinite(volumes[name])
        value = score_of(score, m[both], volumes[name][both])
        if numpy.isfinite(value):
            found[name] = value
    return found


@functools.cache
def mean_of(names):
    # Single precision, as a map on disk would have.
    return numpy.nanmean(numpy.array([numpy.where(numpy.isfinite(volumes[name]), volumes[name], numpy.nan) for name in names]), axis=0).astype(numpy.float32).astype(numpy.float64)


@functools.cache
def degrees_of(score, mask, names):
    degree = mean_of(names)
    inside = volume(f"masks/{mask}.nii.gz") > 0 if mask else numpy.ones(len(degree), bool)
    both = {name: inside & numpy.isfinite(degree) & numpy.isfinite(volumes[name]) for name in names}
    return {name: score_of(score, degree[at], volumes[name][at]) for name, at in both.items()}


def is_asked(query, name):
    who = subjects[name]
    if outcomes[name][query["outcome"]] == "n/a" or (query["covariates"] and who["age"] == "n/a"):
        return False
    if query["filter"] == "dx":
        return who["dx"] == "B"
    return query["filter"] != "age" or (who["age"] != "n/a" and 30 <= float(who["age"]) < 70)


answers = []
for query in json.load(open(f"{folder}/queries.json")):
    asked = tuple(name for name in subjects if is_asked(query, name))
    scores = {name: value for name, value in scores_of(query["score"], query["map"], query["mask"]).items() if name in asked}
    if query["null"] == "degree":
        degrees = degrees_of(query["score"], query["mask"], asked)
        scores = {name: value for name, value in scores.items() if numpy.isfinite(degrees[name])}
    x = numpy.array(list(scores.values()))
    y = numpy.array([float(outcomes[name][query["outcome"]]) for name in scores])
    answer = {"n": len(x)}
    covariates = [numpy.array([float(subjects[name]["age"]) for name in scores]), numpy.array([float(subjects[name]["dx"] == "B") for name in scores])] if query["covariates"] else []
    alternative = query["alternative"]
    if query["stat"] == "kendall":
        answer["r"], answer["p"] = scipy.stats.kendalltau(x, y, alternative=alternative)
    else:
        if query["stat"] == "spearman":
            x, y, covariates = scipy.stats.rankdata(x), scipy.stats.rankdata(y), [scipy.stats.rankdata(v) for v in covariates]
        r, df = partial(x, y, covariates)
        t = r * numpy.sqrt(df / (1 - r * r))
        p = {"greater": scipy.stats.t.sf(t, df), "less": scipy.stats.t.cdf(t, df), "two-sided": 2 * scipy.stats.t.sf(abs(t), df)}[alternative]
        if query["null"] == "degree":
            d = numpy.array([degrees[name] for name in scores])
            beside, rest = partial(x, y, [*covariates, scipy.stats.rankdata(d) if query["stat"] == "spearman" else d])
            statistic = beside * numpy.sqrt(rest / (1 - beside * beside))
            answer["r_degree"] = beside
            answer["p_degree"] = {"greater": scipy.stats.t.sf(statistic, rest), "less": scipy.stats.t.cdf(statistic, rest), "two-sided": 2 * scipy.stats.t.sf(abs(statistic), rest)}[alternative]
        half = scipy.stats.norm.ppf(0.975) / numpy.sqrt(df - 1)
        answer |= {"r": r, "p": p, "df": int(df), "low": numpy.tanh(numpy.arctanh(r) - half), "high": numpy.tanh(numpy.arctanh(r) + half)}
    if query["null"] == "permutation":
        blocks = tuple(subjects[name]["dx"] for name in scores) if query["isWithin"] else ("",) * len(x)
        draws = permuted(query["stat"], x, y, covariates, orders(blocks, query["draws"]))
        far = {"greater": lambda v: v, "less": lambda v: -v, "two-sided": abs}[alternative]
        answer["p"] = (1 + (far(draws) >= far(answer["r"]) - 1e-12).sum()) / (1 + len(draws))
    if len(set(y)) == 2:
        x = numpy.array(list(scores.values()))
        u, p = scipy.stats.mannwhitneyu(x[y == y.max()], x[y == y.min()], alternative=alternative, method="asymptotic", use_continuity=True)
        ones = int((y == y.max()).sum())
        answer |= {"auc": u / (ones * (len(y) - ones)), "auc_p": p}
    answers.append({key: float(value) for key, value in answer.items()})
print(json.dumps(answers))
