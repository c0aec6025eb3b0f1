"""Predict in actors of Ray and in a function of Spark.

pip install ray pyspark pandas pyarrow
python -m tests.faults.ray_and_spark --texts 2000

Each actor, and each process of Spark, loads the pipeline by itself. The predictions
have to be those of this process. Spark needs Java.
"""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import typer

from ..fuzz.texts import make_text
from .pipeline import (
    Predictions,
    count_differences,
    load,
    make_pipeline,
    read_predictions,
)

N_ACTORS = 2


class Actor:
    def predict(self, folder: str, texts: list[str]) -> list[Predictions]:
        return [read_predictions(doc) for doc in map(load(folder), texts)]


def by_ray(folder: str, texts: list[str]) -> list[Predictions]:
    import ray

    ray.init(num_cpus=N_ACTORS, include_dashboard=False, log_to_driver=False)
    try:
        actors = [ray.remote(Actor).remote() for _ in range(N_ACTORS)]
        calls = [
            actor.predict.remote(folder, texts[i::N_ACTORS])
            for i, actor in enumerate(actors)
        ]
        parts = [iter(part) for part in ray.get(calls)]
    finally:
        ray.shutdown()
    return [next(parts[i % N_ACTORS]) for i in range(len(texts))]


def by_spark(folder: str, texts: list[str]) -> list[Predictions]:
    from pyspark.sql import SparkSession

    def predict(part: Iterator[str]) -> Iterator[Predictions]:
        return (read_predictions(doc) for doc in map(load(folder), part))

    session = SparkSession.builder.master(f"local[{N_ACTORS}]").getOrCreate()
    try:
        parts = session.sparkContext.parallelize(texts, 4 * N_ACTORS)
        return parts.mapPartitions(predict).collect()
    finally:
        session.stop()


def main(texts: int = 2000, seed: int = 0) -> None:
    """Print how many texts have other predictions than in this process.

    texts: How many texts are made.
    seed: Seed of the texts.
    """
    generator, n_different = random.Random(seed), 0
    made = [make_text(generator) for _ in range(texts)]
    nlp = make_pipeline()
    expected = [read_predictions(nlp(text)) for text in made]
    with tempfile.TemporaryDirectory() as folder:
        nlp.to_disk(Path(folder))
        for name, predict in (("Ray", by_ray), ("Spark", by_spark)):
            found = predict(folder, made)
            n_different += count_differences(name, found, expected)
    if n_different:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
