"""The default model and scores of text classifiers."""

from thinc.api import Config

MODEL = """
[model]
@architectures = "spacy-lstm.TextCatRNN.v2"
exclusive_classes = {exclusive_classes}
pooling = ["attention", "max"]

[model.linear_model]
@architectures = "spacy-lstm.TextCatNgrams.v1"

[model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[model.tok2vec.embed]
@architectures = "spacy-lstm.LexemeEmbed.v1"
width = 96
attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
rows = [5000, 1000, 2500, 2500]
include_static_vectors = false
chars = "cnn"
unknown_rate = 0.5

[model.tok2vec.encode]
@architectures = "spacy-lstm.RNNEncoder.v1"
hidden = 96
"""
SCORE_WEIGHTS = {
    "cats_score": 1.0,
    "cats_score_desc": None,
    "cats_micro_p": None,
    "cats_micro_r": None,
    "cats_micro_f": None,
    "cats_macro_p": None,
    "cats_macro_r": None,
    "cats_macro_f": None,
    "cats_macro_auc": None,
    "cats_f_per_type": None,
    "cats_ngrams_score": None,
}


def default_model(exclusive_classes: bool) -> Config:
    text = MODEL.format(exclusive_classes=str(exclusive_classes).lower())
    return Config().from_str(text)["model"]
