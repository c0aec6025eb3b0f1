"""The component `lstm_tok2vec`."""

from collections.abc import Sequence

from spacy.language import Language
from spacy.pipeline import Tok2Vec
from spacy.tokens import Doc
from thinc.api import Config, Model
from thinc.types import Floats2d

from .loading import CheckedLoading

TOK2VEC = """
[tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[tok2vec.embed]
@architectures = "spacy-lstm.LexemeEmbed.v1"
width = 128
attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
rows = [5000, 1000, 2500, 2500]
include_static_vectors = false
chars = "cnn"
unknown_rate = 0.5

[tok2vec.encode]
@architectures = "spacy-lstm.RNNEncoder.v1"
hidden = 128
output_dropout = null
"""
DEFAULT_TOK2VEC = Config().from_str(TOK2VEC)["tok2vec"]


@Language.factory(
    "lstm_tok2vec",
    assigns=["doc.tensor"],
    default_config={"model": DEFAULT_TOK2VEC},
)
def make_lstm_tok2vec(
    nlp: Language, name: str, model: Model[list[Doc], list[Floats2d]]
) -> "LSTMTok2Vec":
    """Make a network that several components share.

    Arguments and result are those of `LSTMTok2Vec`.
    """
    return LSTMTok2Vec(nlp.vocab, model, name)


class LSTMTok2Vec(CheckedLoading, Tok2Vec):
    """A network that several components share with `spacy.Tok2VecListener.v1`.

    Differs from spaCy's `tok2vec` in its default model, and in that it saves a checksum
    and loads completely or not at all.

    vocab (Vocab): The shared vocabulary.
    model (Model[List[Doc], List[Floats2d]]): Gives a vector for each token.
    name (str): Name of the component.
    """

    def _n_outputs(self, labels: Sequence[str]) -> None:
        """RETURNS (None): It has no labels."""
