# SPDX-License-Identifier: ISC
"""The measurements of scripts/bench.

A section is a list of cases, and a case a list of contestants that do the same work.
The contestants of a case take turns, round by round, so that other load on the machine
affects all of them.  The results are medians, and the median of the ratios within a
round: how many times as fast (or as small) the first contestant is as each other one."""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile


class Contestant:
    """Runs a command for `amount` units of work."""

    def __init__(self, name, argv, amount=1):
        self.name, self.argv, self.amount = name, argv, amount


class Case:
    """`unit` is what the figure counts: a rate (more is better), "s" or "KiB"."""

    def __init__(self, name, unit, contestants, sink="null"):
        self.name, self.unit, self.sink = name, unit, sink
        self.contestants = [c for c in contestants if shutil.which(c.argv[0])]


class Bench:
    def __init__(self, options):
        self.volley = os.path.abspath(options.volley)
        self.probes = options.probes
        self.scripts = options.scripts
        self.rounds = options.rounds
        self.scale = options.scale
        self.dir = tempfile.mkdtemp(dir=os.path.abspath(options.out))
        self.noop = self.probe("noop")

    def probe(self, name):
        return os.path.join(self.probes, name)

    def amount(self, n):
        return max(1, int(n * self.scale))

    def lines(self, n):
        """A file of n lines."""
        path = os.path.join(self.dir, f"lines-{n}")
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii") as f:
                f.writelines(f"{i}\n" for i in range(1, n + 1))
        return path

    def written(self, name, lines):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="ascii") as f:
            f.writelines(lines)
        return path

    def run(self, case, contestant):
        """Seconds and peak KiB."""
        done = subprocess.run(
            [self.probe("measure"), case.sink, *contestant.argv],
            cwd=self.dir, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, check=True)
        seconds, peak, status = done.stderr.split()
        if status != "0":
            raise SystemExit(f"bench: {contestant.name} ended with {status}: "
                             + " ".join(contestant.argv[:12]))
        return float(seconds), int(peak)

    def figure(self, case, contestant):
        seconds, peak = self.run(case, contestant)
        if case.unit == "KiB":
            return peak
        return seconds if case.unit == "s" else contestant.amount / seconds

    def measure(self, case):
        """Return the rows of one case."""
        figures = [[] for _ in case.contestants]
        # A measurement of milliseconds is cheap, and noisy: take more of them.
        for _ in range(self.rounds * (20 if case.unit == "s" else 1)):
            for column, contestant in zip(figures, case.contestants):
                column.append(self.figure(case, contestant))
        less_is_better = case.unit in ("s", "KiB")
        return [{"case": case.name, "who": contestant.name, "unit": case.unit,
                 "median": statistics.median(column),
                 "least": min(column), "most": max(column),
                 "ratio": statistics.median(
                     other / first if less_is_better else first / other
                     for other, first in zip(column, figures[0]))}
                for contestant, column in zip(case.contestants, figures)]

    # --- contestants

    def limit(self, slots, n, capture, *command):
        n = max(slots, self.amount(n))
        name = "limit, both captured" if capture == "pipes" else "limit, nothing captured"
        return Contestant(name, [self.probe("limit"), str(slots), str(n), capture, *command],
                          n)

    def per_line(self, name, argv, n, *tail):
        """One job per line of a file, whose name is appended to argv."""
        n = self.amount(n)
        return Contestant(name, [*argv, self.lines(n), *tail], n)

    def peers(self, slots, n, command):
        """The programs that run one command per line."""
        few = max(1, n // 20)
        words = " ".join(str(i) for i in range(self.amount(n // 4)))
        yield self.per_line("xargs", ["xargs", f"-P{slots}", "-n1", "-a"], n, command)
        yield self.per_line("GNU parallel", ["parallel", f"-j{slots}", "-a"], few, command)
        yield Contestant("moreutils parallel",
                         ["parallel.moreutils", "-j", str(slots), command, "--",
                          *words.split()], self.amount(n // 4))
        yield self.per_line("xjobs", ["xjobs", "-j", str(slots), "-v0", "-s"], n // 4,
                            command)
        yield self.per_line("paexec", ["sh", "-c",
                                       'exec paexec -x -n "+$1" -c "$2" <"$3"', "sh",
                                       str(slots), command], n // 4) \
            if shutil.which("paexec") else Contestant("paexec", ["paexec"])
        yield self.per_line("pexec", ["pexec", "-n", str(slots), "-o", "-", "-e", "arg",
                                      "-f"], n // 4, "-c", "--", f"{command} $arg")
        yield from self.makers(slots, max(1, n // 8), command)
        yield Contestant("Python's Pool", ["python3", "-c", POOL, str(slots),
                                           str(self.amount(few)), command],
                         self.amount(few))

    def makers(self, slots, n, command):
        n = self.amount(n)
        targets = [f"t{i}" for i in range(n)]
        make = self.written("Makefile", [f"all: {' '.join(targets)}\n",
                                         f"{' '.join(targets)}:\n\t@{command} $@\n"])
        ninja = self.written(
            f"build-{os.path.basename(command)}.ninja",
            [f"rule r\n command = {command} $out\n",
             *(f"build {t}: r\n" for t in targets)])
        yield Contestant("make", ["make", "-s", f"-j{slots}", "-f", make], n)
        yield Contestant("ninja", ["ninja", "--quiet", f"-j{slots}", "-f", ninja], n)

    def me(self, slots, n, *command):
        return self.per_line("volley", [self.volley, f"-j{slots}", "-a"], n, *command)

    # --- sections

    def jobs(self):
        for slots in 1, 2, 8, 64:
            yield Case(f"static no-op, -j{slots}", "jobs/s", [
                self.me(slots, 10000, self.noop, "{}"),
                self.limit(slots, 10000, "pipes", self.noop, "1"),
                self.limit(slots, 10000, "none", self.noop, "1"),
                *self.peers(slots, 4000, self.noop)])
        true = shutil.which("true")
        for slots in 1, 2, 8, 64:
            # One argument in every case: with an argument, true takes half as long again.
            yield Case(f"/bin/true, -j{slots}", "jobs/s", [
                self.me(slots, 1000, true, "{}"),
                self.limit(slots, 1000, "pipes", true, "1"),
                self.limit(slots, 1000, "none", true, "1"),
                *self.peers(slots, 1000, true)])

    def shell(self):
        line = "true; true"
        yield Case(f"shell line '{line}', -j8", "jobs/s", [
            self.me(8, 1000, line),
            self.limit(8, 1000, "pipes", "/bin/sh", "-c", line),
            self.per_line("GNU parallel", ["parallel", "-j8", "-a"], 200, line + " #"),
            self.per_line("xargs", ["xargs", "-P8", "-I{}", "-a"], 1000, "sh", "-c", line)])

    def startup(self):
        one = self.lines(1)
        yield Case("one job, whole program", "s", [
            Contestant("volley", [self.volley, "-a", one, "/bin/true", "{}"]),
            Contestant("xargs", ["xargs", "-n1", "-a", one, "/bin/true"]),
            Contestant("limit", [self.probe("limit"), "1", "1", "pipes", "/bin/true", "1"]),
            Contestant("limit, with a guardian",
                       [self.probe("limit"), "1", "1", "guarded", "/bin/true", "1"]),
            Contestant("GNU parallel", ["parallel", "-a", one, "/bin/true"]),
            Contestant("ninja", ["ninja", "--version"]),
            Contestant("/bin/true itself", ["/bin/true"])])

    def memory(self):
        yield Case("peak memory, -j2 --bar, events answered by workers", "KiB", [
            Contestant(f"volley, {n:,} events",
                       [self.volley, "-j2", "--bar", "--worker", "-a", self.lines(n),
                        self.probe("echo")])
            for n in (self.amount(10000), self.amount(1000000), self.amount(10000000))])
        yield Case("peak memory, -j8, 10,000 jobs run", "KiB", [
            Contestant("volley", [self.volley, "-j8", "-a", self.lines(self.amount(10000)),
                                  self.noop, "{}"]),
            Contestant("xargs", ["xargs", "-P8", "-n1", "-a",
                                 self.lines(self.amount(10000)), self.noop])])

    def output(self):
        size = self.amount(256)
        blast = [self.probe("blast"), str(size)]
        eight = self.lines(8)
        total = 8 * size

        def one(name, *argv):
            return Contestant(name, list(argv), total)
        for sink in "null", "pipe", "file":
            for mode, peer in (("grouped", "--group"), ("-k", "-k"),
                               ("--line-buffer", "--line-buffer"), ("-u", "-u")):
                yield Case(f"8 jobs of {size} MiB, {mode}, to {sink}", "MiB/s", [
                    one("volley", self.volley, "-j2",
                        *([mode] if mode.startswith("-") else []), "-a", eight,
                        *blast, "{}"),
                    one("GNU parallel", "parallel", "-j2", peer, "-a", eight, *blast),
                    one("xargs, mixed up", "xargs", "-P2", "-n1", "-a", eight, *blast)],
                    sink)

    def workers(self):
        n, few = self.amount(1000000), self.amount(100000)
        lines, echo = self.lines(n), self.probe("echo")
        yield Case("events answered by workers in C that echo, -j2", "events/s", [
            Contestant("volley", [self.volley, "-j2", "--worker", "-a", lines, echo], n),
            Contestant("limit", [self.probe("feed"), "2", str(n), echo], n),
            Contestant("paexec", ["sh", "-c", 'exec paexec -n +2 -c "$1" <"$2"', "sh",
                                  f"{echo} -e", self.lines(few)], few)
            if shutil.which("paexec") else Contestant("paexec", ["paexec"])])
        self.written("mymodule.py", ["def my_function(event):\n    return event\n"])
        python = python_with("tqdm") or "python3"
        worker = [python, os.path.join(self.scripts, "volley-worker.py"),
                  "mymodule:my_function"]
        yield Case("events passed to a trivial Python function, -j2", "events/s", [
            Contestant("volley --reply line",
                       [self.volley, "-j2", "--worker", "--reply", "line", "-a", lines,
                        *worker], n),
            Contestant("volley, replies in JSON",
                       [self.volley, "-j2", "--worker", "-a", lines, *worker], n),
            Contestant("limit, the same worker",
                       [self.probe("feed"), "2", str(n), *worker], n),
            *(Contestant(f"Python's Pool, chunks of {size}",
                         [python, "-c", POOL_OF_CALLS, lines, str(few), str(size)], few)
              for size in (1, 64))])

    def events(self):
        n = self.amount(200000)
        files = {
            "lines": self.lines(n),
            "JSON Lines": self.written(
                "e.jsonl", (f'{{"id": {i}, "name": "number {i}"}}\n' for i in range(n))),
            "CSV": self.written("e.csv", ["id,name\n",
                                          *(f"{i},number {i}\n" for i in range(n))]),
            "YAML": self.written("e.yaml", (f"- id: {i}\n  name: number {i}\n"
                                            for i in range(n))),
        }
        yield Case("events read and expanded, --dry-run", "events/s", [
            Contestant(name, [self.volley, "--dry-run", "-a", path, "echo", "{}"], n)
            for name, path in files.items()])

    def scale_up(self):
        def run(slots, n):
            n = self.amount(n)
            return Contestant(f"volley -j{slots}, {n:,} events",
                              [self.volley, f"-j{slots}", "-a", self.lines(n), self.noop,
                               "{}"], n)
        yield Case("no-op jobs as events and slots grow", "jobs/s", [
            run(8, 1000), run(8, 100000), run(8, 1000000), run(1000, 10000)])


POOL = """
import subprocess, sys
from multiprocessing import Pool
def run(i):
    return subprocess.run([sys.argv[3], str(i)], capture_output=True).returncode
with Pool(int(sys.argv[1])) as pool:
    for _ in pool.imap_unordered(run, range(int(sys.argv[2]))):
        pass
"""

# The equivalent in Python: results as they arrive, with a progress bar.
POOL_OF_CALLS = """
import itertools, sys
from multiprocessing import Pool
sys.path.insert(0, ".")
from mymodule import my_function
try:
    from tqdm import tqdm
except ImportError:
    tqdm = lambda results, total: results
n = int(sys.argv[2])
with Pool(2) as pool, open(sys.argv[1]) as f:
    events = (line[:-1] for line in itertools.islice(f, n))
    for result in tqdm(pool.imap_unordered(my_function, events, int(sys.argv[3])), total=n):
        print(result)
"""

SECTIONS = {"jobs": Bench.jobs, "shell": Bench.shell, "startup": Bench.startup,
            "memory": Bench.memory, "output": Bench.output, "workers": Bench.workers,
            "events": Bench.events, "scale": Bench.scale_up}


# --- results


def first_line(argv):
    if shutil.which(argv[0]) is None:
        return None
    text = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False).stdout
    return text.splitlines()[0] if text else None


def python_with(module):
    """The first Python that has the module, or None."""
    for python in "python3", "/usr/bin/python3":
        if shutil.which(python) and subprocess.run(
                [python, "-c", f"import {module}"], stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return python
    return None


def machine():
    model = platform.processor()
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
    return {"cpus": len(os.sched_getaffinity(0)), "cpu": model,
            "kernel": platform.release(), "libc": " ".join(platform.libc_ver()),
            "load": os.getloadavg()[0]}


def versions(volley):
    asked = {"volley": [volley, "--version"], "xargs": ["xargs", "--version"],
             "GNU parallel": ["parallel", "--version"], "make": ["make", "--version"],
             "ninja": ["ninja", "--version"], "xjobs": ["xjobs", "-V"],
             "paexec": ["paexec", "-V"], "pexec": ["pexec", "--version"], "python3": ["python3", "--version"]}
    lines = {name: first_line(argv) for name, argv in asked.items()}
    return {name: text for name, text in lines.items() if text}


def number(row):
    if row["unit"] == "s":
        return f"{row['median'] * 1000:,.2f} ms"
    return f"{row['median']:,.0f} {row['unit']}"


def print_rows(rows):
    first = rows[0]["who"]
    better = "as small" if rows[0]["unit"] == "KiB" else "as fast"
    print(f"\n{rows[0]['case']}\n  {'':<28}{'median':>18}   {first} is")
    for row in rows:
        ratio = f"{row['ratio']:>10.2f} x {better}" if row is not rows[0] else ""
        print(f"  {row['who']:<28}{number(row):>18}{ratio}", flush=True)


def svg(rows):
    """A bar chart of jobs per second, the fastest first."""
    rows = sorted(rows, key=lambda r: -r["median"])
    most = rows[0]["median"]
    height = 44 + 26 * len(rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height}" '
             'font-family="sans-serif" font-size="13">',
             f'<rect width="640" height="{height}" fill="#fff"/>',
             f'<text x="12" y="22" font-weight="bold">{rows[0]["case"]}: jobs per second'
             '</text>']
    for i, row in enumerate(rows):
        y = 36 + 26 * i
        width = max(1, 340 * row["median"] / most)
        color = ("#1f6f8b" if row["who"] == "volley" else
                 "#bbb" if row["who"].startswith("limit") else "#d9a441")
        parts += [f'<text x="182" y="{y + 15}" text-anchor="end">{row["who"]}</text>',
                  f'<rect x="190" y="{y}" width="{width:.1f}" height="20" fill="{color}"/>',
                  f'<text x="{196 + width:.1f}" y="{y + 15}">{row["median"]:,.0f}</text>']
    return "\n".join([*parts, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        usage="scripts/bench [-b DIR] [-o DIR] [-r ROUNDS] [-s SCALE] [SECTION]...")
    parser.add_argument("--volley", required=True)
    parser.add_argument("--probes", required=True)
    parser.add_argument("--scripts", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    options = parser.parse_args()
    for name in options.sections:
        if name not in SECTIONS:
            parser.error(f"no section '{name}' (there are: {' '.join(SECTIONS)})")
    bench = Bench(options)
    report = {"machine": machine(), "versions": versions(bench.volley),
              "rounds": options.rounds, "scale": options.scale, "rows": []}
    print(", ".join(f"{k} {v}" for k, v in report["machine"].items()))
    for name, text in report["versions"].items():
        print(f"{name}: {text}")
    try:
        for name in options.sections or SECTIONS:
            for case in SECTIONS[name](bench):
                rows = bench.measure(case)
                report["rows"] += [{"section": name, **row} for row in rows]
                print_rows(rows)
    finally:
        shutil.rmtree(bench.dir)
    with open(os.path.join(options.out, "bench.json"), "w", encoding="utf-8") as f:
        json.dump(report, f, indent=1)
        f.write("\n")
    drawn = [r for r in report["rows"] if r["case"] == "static no-op, -j8"]
    if drawn:
        with open(os.path.join(options.out, "bench.svg"), "w", encoding="utf-8") as f:
            f.write(svg(drawn))


if __name__ == "__main__":
    main()
