#!/usr/bin/env python3
"""Golden values of the study's statistics, with 40 digits, from the definitions alone (mpmath).

Student's t by the incomplete beta function and a root search; the power by integrating the noncentral t's density
(in closed form: Johnson, Kotz and Balakrishnan 1995, chapter 31) between the critical values, which is not the route
of Statistics.java; Holm's adjustment from its step-down definition, as the smallest level that rejects. Writes
../resources/dev/retort/study/statistics.json.
"""
import itertools
import json
import pathlib

from mpmath import mp, mpf

mp.dps = 40


def t_cdf(x, nu):
    tail = mp.betainc(mpf(nu) / 2, mpf(1) / 2, 0, nu / (nu + x * x), regularized=True) / 2
    return 1 - tail if x > 0 else tail


def t_quantile(p, nu):
    return mp.findroot(lambda x: t_cdf(x, nu) - p, (mpf(1), mpf(20)), solver="anderson", tol=1e-30)


def paired(differences):
    d = [mpf(x) for x in differences]
    n = len(d)
    mean = mp.fsum(d) / n
    sd = mp.sqrt(mp.fsum((x - mean) ** 2 for x in d) / (n - 1))
    error = sd / mp.sqrt(n)
    half = t_quantile(mpf("0.975"), n - 1) * error
    return {
        "differences": [float(x) for x in d],
        "mean": float(mean),
        "sd": float(sd),
        "low": float(mean - half),
        "high": float(mean + half),
        "p": float(2 * t_cdf(-abs(mean) / error, n - 1)),
    }


def power(n, effect):
    """P(|T| > c) as 1 - the integral of the noncentral t's density between -c and c, in closed
    form through the confluent hypergeometric function 1F1."""
    nu = mpf(n - 1)
    delta = mpf(effect) * mp.sqrt(n)
    c = t_quantile(mpf("0.975"), n - 1)

    def density(t):
        x = delta**2 * t**2 / (2 * (nu + t**2))
        front = (
            mp.gamma(nu + 1)
            * nu ** (nu / 2)
            * mp.exp(-(delta**2) / 2)
            / (mpf(2) ** nu * (nu + t**2) ** (nu / 2) * mp.gamma(nu / 2))
        )
        first = mp.sqrt(2) * delta * t * mp.hyp1f1(nu / 2 + 1, mpf(3) / 2, x)
        first /= (nu + t**2) * mp.gamma((nu + 1) / 2)
        second = mp.hyp1f1((nu + 1) / 2, mpf(1) / 2, x) / (mp.sqrt(nu + t**2) * mp.gamma(nu / 2 + 1))
        return front * (first + second)

    mp.dps = 25
    accepted = mp.quad(density, mp.linspace(-c, c, 9))
    mp.dps = 40
    return float(1 - accepted)


def detectable(n):
    """The effect (true mean over standard deviation) that n pairs show with power 0.8."""
    low, high = mpf(0), mpf(64)
    for _ in range(45):
        middle = (low + high) / 2
        low, high = (middle, high) if power(n, middle) < 0.8 else (low, middle)
    return float(high)


def rejects_all_before(order, p, alpha):
    """Which hypotheses Holm's procedure rejects at a level."""
    rejected = set()
    for step, i in enumerate(order):
        if p[i] > alpha / (len(p) - step):
            break
        rejected.add(i)
    return rejected


def holm(p):
    """The adjusted p: the smallest candidate level at which the hypothesis is rejected."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    levels = sorted({min(mpf(1), k * mpf(x)) for x, k in itertools.product(p, range(1, len(p) + 1))} | {mpf(1)})
    out = []
    for i in range(len(p)):
        out.append(float(next((a for a in levels if i in rejects_all_before(order, [mpf(x) for x in p], a)), mpf(1))))
    return out


def study():
    """Two methods against a baseline on two students; some seeds are missing on one side."""
    accuracy = {
        ("resnet8", "cross-entropy"): {1: "0.7512", 2: "0.7498", 3: "0.7555", 4: "0.7531"},
        ("resnet8", "hinton"): {1: "0.7710", 2: "0.7702", 3: "0.7688"},
        ("resnet8", "own"): {2: "0.7602", 3: "0.7561", 5: "0.7590"},
        ("resnet20", "cross-entropy"): {1: "0.8512"},
        ("resnet20", "hinton"): {1: "0.8610"},
        ("resnet20", "own"): {},
    }
    rows = []
    for student in ("resnet8", "resnet20"):
        for method, baseline in (("hinton", "cross-entropy"), ("own", "cross-entropy"), ("own", "hinton")):
            a, b = accuracy[student, method], accuracy[student, baseline]
            seeds = sorted(set(a) & set(b))
            d = [mpf(a[k]) - mpf(b[k]) for k in seeds]
            row = {"student": student, "method": method, "baseline": baseline, "n": len(d)}
            row["meanDifference"] = float(mp.fsum(d) / len(d)) if d else None
            tested = paired([mp.nstr(x, 20) for x in d]) if len(d) > 1 else None
            row["ci95"] = [tested["low"], tested["high"]] if tested else None
            row["pValue"] = tested["p"] if tested else None
            row["detectableDifference"] = detectable(len(d)) * tested["sd"] if tested else None
            rows.append(row)
    # A test that could not be made counts in the family, as if it had found nothing at all.
    adjusted = holm(["1" if row["pValue"] is None else repr(row["pValue"]) for row in rows])
    for row, value in zip(rows, adjusted):
        row["adjustedPValue"] = value if row["pValue"] is not None else None
    runs = [
        {"student": s, "method": m, "seed": k, "accuracy": float(x)}
        for (s, m), by_seed in accuracy.items()
        for k, x in by_seed.items()
    ]
    return {"runs": runs, "comparisons": rows}


families = [
    ["0.01", "0.04", "0.03", "0.005"],
    ["0.2", "0.001", "0.5", "0.9", "0.02", "0.011"],
    ["0.05"],
    ["0.7", "0.6", "0.6"],
]
golden = {
    "paired": [
        paired(["0.0112", "0.0068", "0.0290"]),
        paired(["-0.002", "0.004"]),
        paired(["0.021", "0.018", "0.0265", "0.0198", "0.0231"]),
        paired(["-0.0031", "0.0012", "-0.0047", "0.0008", "-0.0002", "-0.0019", "0.0005", "-0.0028", "0.0011", "-0.0036"]),
    ],
    "power": [
        {"n": n, "effect": float(e), "power": power(n, e)}
        for n, e in [(2, "1"), (3, "0.5"), (5, "1.5"), (10, "1"), (10, "-1"), (34, "0.5"), (4, "0")]
    ],
    "detectable": [{"n": n, "effect": detectable(n)} for n in [2, 3, 5, 10, 20]],
    "study": [study()],
    "holm": [{"p": [float(x) for x in f], "adjusted": holm(f)} for f in families],
}
out = pathlib.Path(__file__).parent.parent / "resources/dev/retort/study/statistics.json"
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(json.dumps(golden, indent=1) + "\n")
