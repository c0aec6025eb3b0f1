import numpy
import spacy
from numpy.testing import assert_array_equal
from spacy.tokens import Doc
from thinc.api import Linear

from spacy_lstm.layers.doc_views import DocViews, flatten


def test_views_share_the_flat_batch() -> None:
    flat = numpy.arange(12, dtype="f").reshape(6, 2)
    views = DocViews(flat, [3, 0, 2, 1])
    assert [len(view) for view in views] == [3, 0, 2, 1]
    assert all(numpy.shares_memory(view, flat) for view in views if len(view))
    assert flatten(Linear(), views) is flat


def test_lists_are_concatenated() -> None:
    parts = [numpy.ones((2, 3), dtype="f"), numpy.zeros((1, 3), dtype="f")]
    assert_array_equal(flatten(Linear(), parts), [[1, 1, 1], [1, 1, 1], [0, 0, 0]])
    assert flatten(Linear(nI=3), []).shape == (0, 3)


def test_vectors_are_never_copied(monkeypatch) -> None:
    """Neither in the forward nor in the backward pass of `lstm_ner`."""
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_ner").add_label("A")
    nlp.initialize()
    model = nlp.get_pipe("lstm_ner").model
    docs = [Doc(nlp.vocab, words=["a", "b"]), Doc(nlp.vocab, words=["c"])]
    seen = []
    concatenate = numpy.concatenate

    def record(arrays, *args, **kwargs):
        joined = concatenate(arrays, *args, **kwargs)
        if joined.ndim == 2 and joined.dtype == numpy.float32:
            seen.append(joined.shape)
        return joined

    monkeypatch.setattr(numpy, "concatenate", record)
    assert isinstance(model.predict(docs), DocViews)
    _, backprop = model.begin_update(docs)
    backprop(DocViews(numpy.zeros((3, model.get_dim("nO")), dtype="f"), [2, 1]))
    assert seen == []
