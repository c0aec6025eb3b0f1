"""Save a small trained pipeline of each component, and its predictions.

python -m tests.compat.make_golden

Run it with the version of the package whose saved pipelines later versions have to
load. It writes tests/compat/golden.
"""

import shutil
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import fix_random_seed

from ..util import FACTORIES, TEXTS, make_annotated_examples

GOLDEN = Path(__file__).parent / "golden"
TOK2VEC = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": {
        "@architectures": "spacy-lstm.LexemeEmbed.v1",
        "width": 8,
        "attrs": ["NORM", "SUFFIX"],
        "rows": [40, 20],
        "chars": "cnn",
        "char_width": 8,
    },
    "encode": {"@architectures": "spacy-lstm.RNNEncoder.v1", "hidden": 6},
}
NGRAMS = {
    "@architectures": "spacy-lstm.TextCatNgrams.v1",
    "ngram_size": 1,
    "max_chars": 0,
    "length": 256,
}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 12}
PROBABILITIES = ("tag_prob", "morph_prob")
SETTINGS: dict[str, dict[str, Any]] = {
    "lstm_tagger": {"probabilities": True},
    "lstm_morphologizer": {"probabilities": True},
    "lstm_ner": {"spans_key": "entities"},
}


def make_pipeline(factory: str) -> Language:
    nlp = spacy.blank("en")
    model: dict[str, Any] = {"tok2vec": TOK2VEC}
    if factory.startswith("lstm_textcat"):
        model["linear_model"] = NGRAMS
    if factory == "lstm_tok2vec":
        nlp.add_pipe(factory, name="tok2vec", config={"model": TOK2VEC})
        factory, model = "lstm_tagger", {"tok2vec": LISTENER}
    settings = SETTINGS.get(factory, {})
    nlp.add_pipe(factory, config={"model": model, **settings})
    examples = make_annotated_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(20):
        nlp.update(examples, sgd=optimizer)
    return nlp


def read_predictions(doc: Doc) -> dict[str, Any]:
    """RETURNS (dict[str, Any]): All that a component can have set, for JSON."""
    spans = doc.spans.get("entities", [])
    scores = doc.spans["entities"].attrs["scores"] if "entities" in doc.spans else []
    return {
        "cats": doc.cats,
        "tags": [token.tag_ for token in doc],
        "morph": [f"{token.pos_} {token.morph}" for token in doc],
        "ents": [[ent.start, ent.end, ent.label_] for ent in doc.ents],
        "spans": [[span.start, span.end, span.label_] for span in spans],
        "probabilities": [
            *(float(score) for score in scores),
            *(getattr(token._, name, None) for token in doc for name in PROBABILITIES),
        ],
    }


def main() -> None:
    """Write a folder for each component."""
    shutil.rmtree(GOLDEN, ignore_errors=True)
    GOLDEN.mkdir()
    for factory in (*FACTORIES, "lstm_tok2vec"):
        fix_random_seed(0)
        nlp = make_pipeline(factory)
        nlp.to_disk(GOLDEN / factory, exclude=["tokenizer"])
        expected = [read_predictions(doc) for doc in nlp.pipe(TEXTS)]
        srsly.write_json(GOLDEN / factory / "expected.json", expected)


if __name__ == "__main__":
    main()
