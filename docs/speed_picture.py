"""Draw accuracy against speed, from the results in benchmarks/results.json.

python docs/speed_picture.py
"""

import json
from itertools import groupby
from pathlib import Path

from matplotlib.figure import Figure

ROOT = Path(__file__).absolute().parent.parent
OURS, SPACY = "#1c64a8", "#d0743c"


def main() -> None:
    """Write docs/images/speed.png."""
    rows = json.loads((ROOT / "benchmarks" / "results.json").read_text())
    tasks = [(task, list(own)) for task, own in groupby(rows, lambda row: row["task"])]
    figure = Figure(figsize=(9, 3.4), dpi=150, layout="constrained")
    for axes, (task, own) in zip(figure.subplots(1, len(tasks)), tasks, strict=True):
        for row in own:
            x, y = row["words_per_second"] / 1000, row["value"]
            color = OURS if row["system"].startswith("spacy-lstm") else SPACY
            axes.scatter(x, y, color=color, s=60, zorder=3)
            axes.annotate(
                row["system"],
                (x, y),
                xytext=(-8, 6) if x > 50 else (8, 6),
                textcoords="offset points",
                ha="right" if x > 50 else "left",
                color=color,
            )
        axes.set_title(task, loc="left")
        axes.set_xlabel("thousand words per second, two CPU threads")
        axes.set_ylabel(f"{own[0]['score']}, %")
        axes.set_xlim(0, 105)
        axes.margins(y=0.2)
        axes.grid(color="#e4e4e4", zorder=0)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(ROOT / "docs" / "images" / "speed.png")


if __name__ == "__main__":
    main()
