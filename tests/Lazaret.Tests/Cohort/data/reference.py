"""What numpy, scipy and nibabel say: sys.argv[1] is a folder with a data view, maps and queries.json; the answers go to stdout."""
import functools
import hashlib
import json
import math
import struct
import sys

import nibabel
import numpy
import scipy.optimize
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


def quick(seed, stream):
    """xoshiro256**, seeded by SplitMix64."""
    last = (1 << 64) - 1
    state = []
    for word, part in enumerate(struct.unpack("<4Q", seed)):
        z = (part + 0x9E3779B97F4A7C15 * (4 * stream + word + 1)) & last
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & last
        z = (z ^ z >> 27) * 0x94D049BB133111EB & last
        state.append(z ^ z >> 31)
    state[3] |= 1
    turn = lambda value, by: (value << by | value >> (64 - by)) & last
    while True:
        yield turn(state[1] * 5 & last, 7) * 9 & last
        shifted = state[1] << 17 & last
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = turn(state[3], 45)


def below(stream, count):
    return next(stream) * count >> 64


def normal(stream):
    first, second = ((next(stream) >> 11) for _ in range(2))
    return numpy.sqrt(-2 * numpy.log((first + 1) / 2**53)) * numpy.cos(2 * numpy.pi * second / 2**53)


def smooth(points, values, radius):
    """Means of three running sums along each axis, within the points' box."""
    box = numpy.zeros((2, *(points.max(axis=0) + 1)))
    box[0][tuple(points.T)], box[1][tuple(points.T)] = values, 1
    for axis in [1, 2, 3] * 3:
        places = numpy.arange(box.shape[axis])
        near = (abs(places[:, None] - places) <= radius).astype(float)
        box = numpy.moveaxis(numpy.tensordot(near, box, (1, axis)), 0, axis)
    return (box[0] / box[1])[tuple(points.T)] if radius else values


def surrogates(values, points, seed, count):
    """Values of other maps as smooth as this one, at the same points (Burt et al. 2020)."""
    side = int(points.max() + 1)
    reach = min(max(side // 4, 3), 12)
    where = points.tolist()
    at = {tuple(point): place for place, point in enumerate(where)}
    stream = quick(seed, 0)
    bins = [[] for _ in range(reach)]
    for _ in range(60_000):
        a = below(stream, len(points))
        offset = [below(stream, 2 * reach + 1) - reach for _ in range(3)]
        far = round(math.hypot(*offset)) - 1
        b = at.get(tuple(from_a + by for from_a, by in zip(where[a], offset)))
        if 0 <= far < reach and b is not None:
            bins[far].append((a, b))
    bins = [numpy.array(pairs).T for pairs in bins if len(pairs) >= 50]

    def variogram(field):
        return numpy.array([((field[a] - field[b]) ** 2).mean() / 2 for a, b in bins])

    target = variogram(values)

    def shuffled(stream, radius):
        field = values.copy()
        for last in range(len(field) - 1, 0, -1):
            other = below(stream, last + 1)
            field[last], field[other] = field[other], field[last]
        return smooth(points, field, radius)

    def fit(field):
        """Least squares of the target by alpha + beta * gamma, neither below 0."""
        gamma = variogram(field)
        if len(gamma) == 0:
            return 0, 1, 0
        weights, _ = scipy.optimize.nnls(numpy.column_stack([numpy.ones(len(gamma)), gamma]), target)
        return *weights, ((target - weights[0] - weights[1] * gamma) ** 2).sum()

    wide = [radius for radius in (0, 1, 2, 3, 4, 6, 8, 12) if radius <= side]
    radius = min(wide, key=lambda radius: sum(fit(shuffled(quick(seed, pilot), radius))[2] for pilot in (1, 2, 3)))
    for number in range(count):
        stream = quick(seed, 4 + number)
        field = shuffled(stream, radius)
        alpha, beta, _ = fit(field)
        field = numpy.sqrt(beta) * field + numpy.sqrt(alpha) * numpy.array([normal(stream) for _ in field])
        other = numpy.empty(len(values))
        other[numpy.argsort(field)] = numpy.sort(values)
        yield other


outcomes = {row["subject_id"]: row for row in table("outcomes.csv")}
subjects = {row["subject_id"]: row for row in table("subjects.csv")}
paths = {row["subject_id"]: row["conn_path"] for row in table("paths.csv")}
volumes = {name: volume(path) for name, path in paths.items()}


@functools.cache
def scores_of(score, path, mask):
    return scores_by(score, volume(path), mask)


def scores_by(score, m, mask):
    inside = volume(f"masks/{mask}.nii.gz") > 0 if mask else numpy.ones(len(m), bool)
    found = {}
    for name in subjects:
        both = inside & numpy.isfinite(m) & numpy.isfinite(volumes[name])
        value = score_of(score, m[both], volumes[name][both])
        if numpy.isfinite(value):
            found[name] = value
    return found


@functools.cache
def surrogates_of(path, mask, count):
    m = volume(path)
    inside = volume(f"masks/{mask}.nii.gz") > 0 if mask else numpy.array([values != 0 for values in volumes.values()]).any(axis=0)
    changed = numpy.flatnonzero(inside & numpy.isfinite(m))
    shape = nibabel.load(f"{folder}/{path}").shape
    points = numpy.array(numpy.unravel_index(changed, shape, order="F")).T
    maps = []
    for values in surrogates(m[changed], points - points.min(axis=0), bytes(range(1, 33)), count):
        maps.append(m.copy())
        maps[-1][changed] = values
    return maps


@functools.cache
def surrogate_scores(score, path, mask, count):
    return [scores_by(score, m, mask) for m in surrogates_of(path, mask, count)]


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
    far = {"greater": lambda v: v, "less": lambda v: -v, "two-sided": abs}[alternative]
    if query["null"] == "spatial":
        others = [numpy.array([found[name] for name in scores]) for found in surrogate_scores(query["score"], query["map"], query["mask"], query["surrogates"])]
        if query["stat"] == "kendall":
            draws = numpy.array([scipy.stats.kendalltau(other, y)[0] for other in others])
        else:
            draws = numpy.array([partial(scipy.stats.rankdata(other) if query["stat"] == "spearman" else other, y, covariates)[0] for other in others])
        answer["p"] = (1 + (far(draws) >= far(answer["r"]) - 1e-12).sum()) / (1 + len(draws))
    if query["null"] == "permutation":
        blocks = tuple(subjects[name]["dx"] for name in scores) if query["isWithin"] else ("",) * len(x)
        draws = permuted(query["stat"], x, y, covariates, orders(blocks, query["draws"]))
        answer["p"] = (1 + (far(draws) >= far(answer["r"]) - 1e-12).sum()) / (1 + len(draws))
    if len(set(y)) == 2:
        x = numpy.array(list(scores.values()))
        u, p = scipy.stats.mannwhitneyu(x[y == y.max()], x[y == y.min()], alternative=alternative, method="asymptotic", use_continuity=True)
        ones = int((y == y.max()).sum())
        answer |= {"auc": u / (ones * (len(y) - ones)), "auc_p": p}
    answers.append({key: float(value) for key, value in answer.items()})
print(json.dumps(answers))
