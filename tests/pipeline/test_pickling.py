import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from numpy.testing import assert_array_equal

from ..util import make_examples, make_trained

HASH_EMBED = {
    "@architectures": "spacy-lstm.TextCatRNN.v1",
    "exclusive_classes": True,
    "tok2vec": {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": 8,
            "attrs": ["NORM"],
            "rows": [50],
            "include_static_vectors": False,
        },
        "encode": {"@architectures": "spacy-lstm.RNNEncoder.v1", "hidden": 8},
    },
}
COMPONENTS: list[tuple[str, dict[str, Any]]] = [
    ("lstm_textcat", {}),
    ("lstm_textcat", {"model": HASH_EMBED}),
    ("lstm_textcat_multilabel", {}),
    ("lstm_tagger", {"probabilities": True}),
    ("lstm_morphologizer", {"probabilities": True}),
    ("lstm_ner", {}),
]


@pytest.mark.parametrize(("factory", "config"), COMPONENTS)
def test_buffers_that_are_read_only(factory: str, config: dict[str, Any]) -> None:
    """As Ray and joblib hand them over."""
    nlp = make_trained(factory, config)
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(nlp, protocol=5, buffer_callback=buffers.append)
    read_only = [memoryview(bytes(buffer.raw())) for buffer in buffers]
    loaded = pickle.loads(data, buffers=read_only)
    pipe, expected = (other.get_pipe(factory) for other in (loaded, nlp))
    docs = [nlp.make_doc("a lovely book")]
    for own, other in zip(
        pipe.model.predict(docs), expected.model.predict(docs), strict=True
    ):
        assert_array_equal(numpy.asarray(own), numpy.asarray(other))
    loaded.update(make_examples(loaded), sgd=loaded.create_optimizer())


@pytest.mark.parametrize(
    ("factory", "attribute"),
    [("lstm_tagger", "tag_prob"), ("lstm_morphologizer", "morph_prob")],
)
def test_probabilities_in_another_process(
    factory: str, attribute: str, tmp_path: Path
) -> None:
    nlp = make_trained(factory, {"probabilities": True})
    path = tmp_path / "nlp.pickle"
    path.write_bytes(pickle.dumps(nlp))
    code = f"import pickle; nlp = pickle.load(open({str(path)!r}, 'rb')); "
    code += f"print(nlp('a lovely book')[1]._.{attribute})"
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    expected = nlp("a lovely book")[1]._.get(attribute)
    assert float(done.stdout) == pytest.approx(expected, abs=1e-6)
