"""The default `tok2vec` of components that annotate tokens."""

from thinc.api import Config

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
