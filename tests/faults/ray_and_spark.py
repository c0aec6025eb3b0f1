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

import srsly
import typer

from ..fuzz.texts import make_text
from .pipeline import is_same, load, make_pipeline, read_predictions

N_ACTORS = 2


def answer(folder: str, text: str) -> str:
    return srsly.json_dumps(read_predictions(load(folder)(text)))


class Actor:
    def predict(self, folder: str, texts: list[str]) -> list[str]:
        return [answer(folder, text) for text in texts]


def by_ray(folder: str, texts: list[str]) -> list[str]:
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


def by_spark(folder: str, texts: list[str]) -> list[str]:
    from pyspark.sql import SparkSession

    def predict(part: Iterator[str]) -> Iterator[str]:
        return (answer(folder, text) for text in part)

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
    expected = [
        srsly.json_loads(srsly.json_dumps(read_predictions(nlp(text)))) for text in made
    ]
    with tempfile.TemporaryDirectory() as folder:
        nlp.to_disk(Path(folder))
        for name, predict in (("Ray", by_ray), ("Spark", by_spark)):
            found = [srsly.json_loads(own) for own in predict(folder, made)]
            pairs = zip(found, expected, strict=True)
            different = sum(not is_same(own, other) for own, other in pairs)
            print(f"{name}: {different} of {texts} differ", flush=True)
            n_different += different
    if n_different:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
