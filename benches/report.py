"""Writes docs/performance.md from what the parts have left in target/bench. Ends with 1 if a target is
missed by more than a tenth, or a score at all."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

from harness import RESULTS, ROOT

REPORT = ROOT / "docs/performance.md"


def read(name):
    path = RESULTS / name
    return path.read_text() if path.exists() else None


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(headings, rows):
    """Names to the left, numbers to the right."""
    lines = [" | ".join(headings), "|".join(["---"] + ["---:"] * (len(headings) - 1))]
    lines += [" | ".join(str(cell) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" if n != 1 else f"|{line}|" for n, line in enumerate(lines))


def kept():
    """The sections at the end of the report that were measured by hand: they are of one day, and stay."""
    _, heading, rest = REPORT.read_text().partition("## By hand")
    return heading + rest


class Report:
    def __init__(self):
        self.sections, self.missed = [], []

    def add(self, title, text):
        self.sections.append(f"## {title}\n\n{text.strip()}\n")

    def most(self, what, value, target):
        if target is not None and value > 1.1 * target:
            self.missed.append(f"{what}: {number(value)}, at most {target}")

    def least(self, what, value, target):
        # Without the tenth that times have: a score of 90 is another page than one of 100.
        if value < target:
            self.missed.append(f"{what}: {number(value)}, at least {target}")

    def figures(self, figures):
        rows = []
        for figure in figures:
            what, value, most, least = figure["what"], figure["is"], figure["target"], figure.get("least")
            self.most(what, value, most)
            if least is not None:
                self.least(what, value, least)
            target = f"≥ {least}" if least is not None else f"≤ {most}" if most is not None else "–"
            rows.append((what, number(value), target))
        return table(["figure", "is", "target"], rows)

    def side_by_side(self):
        if (text := read("side_by_side.json")) is None:
            return
        result = json.loads(text)
        rows = []
        for row in result["rows"]:
            target = row["target"]
            if target is not None and row["ratio"] < 0.9 * target:
                self.missed.append(f"{row['work']} beside {row['beside']}: {row['ratio']:.2f}, at least {target}")
            rows.append((
                row["work"], row["beside"], f"{row['ours']:,.0f}", f"{row['theirs']:,.0f}", f"{row['ratio']:.2f}",
                f"≥ {target}" if target is not None else "–",
                f"{row['p99_ours_ms']:.1f} / {row['p99_theirs_ms']:.1f}",
            ))
        self.add("Beside nginx and Flask", f"""
The server and nginx take turns on the same machine, asked by the same `wrk` over 32 kept connections (one
thread of it, which needs a share of the cores, too); {result['rounds']} rounds of {result['seconds']} s each, medians. nginx
sends the same bytes from files. Flask is the shape of the Python program that was replaced (gunicorn, four
workers, a dictionary, `jsonify`, a Jinja page). Only ratios mean something elsewhere.

""" + table(["work", "beside", "ours, per s", "theirs, per s", "ratio", "target", "p99 ours / theirs, ms"], rows))
        self.add("Weight, memory, start", self.figures(result["figures"]))
        self.growth(result["growth"])

    def growth(self, lines):
        refreshes = {line["currencies"]: line for line in self.refreshes}
        cost = lambda part: f"{part['cpu_us']:.1f} µs, {part['bytes'] / 1000:,.1f} KB"
        rows = []
        for line in lines:
            refresh = refreshes.get(line["currencies"])
            rows.append((
                f"{line['currencies']:,}", cost(line["rates"]), cost(line["rates_brotli"]), cost(line["page"]),
                cost(line["page_brotli"]), f"{line['unchanged']['cpu_us']:.1f} µs",
                f"{refresh['cpu_ms']:.1f} ms" if refresh else "–", f"{line['resident_mb']:.0f} MB",
            ))
        self.add("Growth", """
What a read costs the server in processor time, and how many bytes it sends: the cost grows with the bytes
alone. A refresh grows with the number of currencies.

""" + table(["currencies", "rates", "rates, brotli", "page", "page, brotli", "304", "refresh", "resident"], rows))

    def browser(self):
        if (text := read("browser.json")) is not None:
            self.add("In the browser", """
Lighthouse's mobile profile (simulated slow 4G, processor slowed down four times), and the start of the
wasm in Chromium. Medians.

""" + self.figures(json.loads(text)["figures"]))

    def steps(self):
        rows = []
        for path in sorted((ROOT / "target/criterion").glob("**/new/estimates.json")):
            if "report" in path.parts:
                continue
            name = "/".join(path.relative_to(ROOT / "target/criterion").parts[:-2])
            name = re.sub(r"_(\d+)$", r"/\1", name)
            rows.append((name, json.loads(path.read_text())["median"]["point_estimate"]))
        unit = lambda ns: f"{ns:.0f} ns" if ns < 1e3 else f"{ns / 1e3:.1f} µs" if ns < 1e6 else f"{ns / 1e6:.2f} ms"
        order = lambda row: (row[0].rpartition("/")[0], int(row[0].rpartition("/")[2]))
        counts = []
        for path in sorted((ROOT / "target/gungraun").glob("**/summary.json")):
            found = re.search(r'"Ir":\{"values":\{"new":(\d+)', path.read_text())
            if found:
                counts.append((path.parent.name.replace(".", ", "), f"{int(found[1]):,}"))
        allocations = re.findall(r"^(/\S*) (\S.*?): (\d+) allocations, (\d+) bytes", read("allocations.txt") or "", re.M)
        text = ""
        if rows:
            rows.sort(key=order)
            text += table(["step / currencies", "median"], [(name, unit(ns)) for name, ns in rows]) + "\n\n"
        if counts:
            text += "Instructions of one answer, without the connection, counted by Callgrind: the stable figure.\n\n"
            text += table(["answer", "instructions"], counts) + "\n\n"
        if allocations:
            asked = lambda path, headers: " ".join([path, headers.strip('"').replace("\\r\\n", ", ")]).strip(", ")
            text += "Allocations of one answer over a kept connection, hyper's included (tests/allocations.rs holds them at 20, and at 23 with languages to negotiate).\n\n"
            text += table(["request", "allocations", "bytes"], [
                (asked(path, headers), count, size) for path, headers, count, size in allocations
            ])
        if text:
            self.add("Steps", text)

    def memory(self):
        lines = []
        for line in self.refreshes:
            if line["currencies"] == 76:
                self.most("a refresh (ms of processor time)", line["cpu_ms"], 5)
                growth = line["resident_late_mb"] - line["resident_early_mb"]
                self.most("growth over 900 refreshes (MB)", growth, 1)
                lines.append(
                    f"A refresh, from the body received to the new rates published with everything made that readers "
                    f"ask for (JSON, CSV, page, each in four encodings): **{line['cpu_ms']:.1f} ms** of processor "
                    f"time (at most 5). Resident after 100 of them {line['resident_early_mb']:.1f} MB, after 1 000 "
                    f"{line['resident_late_mb']:.1f} MB."
                )
        if (text := read("soak.json")) is not None:
            soak = json.loads(text)
            self.most("growth while soaking (MB)", soak["resident_late_mb"] - soak["resident_settled_mb"],
                      0.1 * soak["resident_settled_mb"])
            lines.append(
                f"Soak: {soak['seconds'] / 60:.0f} minutes of load of every kind, {soak['requests']:,} requests, "
                f"{soak['refreshes']:,} refreshes, {soak['events']:,} events to listeners that come and go: "
                f"{soak['errors']} errors, the oldest answer {soak['oldest_answer_s']} s old, "
                f"{soak['resident_settled_mb']:.1f} MB resident in the second fifth of the time (the median) and "
                f"{soak['resident_late_mb']:.1f} MB in the last: the store's cache fills (4 MB at most), and the "
                f"history gets longer."
            )
        if lines:
            self.add("Refreshes and endurance", "\n\n".join(lines))

    def write(self):
        text = read("refreshes.jsonl") or ""
        self.refreshes = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        self.side_by_side()
        self.memory()
        self.browser()
        self.steps()
        cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
        commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                                capture_output=True, text=True).stdout.strip()
        machine = f"{os.cpu_count()} cores" + (f", {cpu[1]}" if cpu else "")
        REPORT.write_text("\n".join([
            "# Performance", "",
            "Written by `make bench`, which measures all of this by itself in half an hour; what the parts are",
            "and how each runs alone is in benches/README.md. How it is fast: docs/architecture.md.", "",
            f"{datetime.date.today()}, {commit}, {machine}, Linux {platform.release().split('-')[0]}.", "",
            "Missed by more than a tenth, or a score at all: " + ("; ".join(self.missed) or "nothing") + ".", "",
            *self.sections,
            kept(),
        ]))
        return 1 if self.missed else 0


if __name__ == "__main__":
    report = Report()
    code = report.write()
    for missed in report.missed:
        print(f"missed: {missed}", file=sys.stderr)
    print(f"written: {REPORT.relative_to(ROOT)}")
    sys.exit(code)
