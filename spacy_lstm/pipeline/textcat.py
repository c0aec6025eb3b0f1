"""The component `lstm_textcat`."""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.language import Language
from spacy.pipeline.textcat import textcat_score
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Config, Model
from thinc.types import Floats2d

from .text_classifier import TextClassifier
from .textcat_targets import ClassWeights

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
output_dropout = 0.0
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


@Language.factory(
    "lstm_textcat",
    assigns=["doc.cats"],
    default_config={
        "threshold": 0.0,
        "label_smoothing": 0.0,
        "class_weights": None,
        "adversarial": 0.0,
        "model": default_model(exclusive_classes=True),
        "scorer": {"@scorers": "spacy.textcat_scorer.v2"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_lstm_textcat(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Floats2d],
    threshold: float,
    label_smoothing: float,
    class_weights: ClassWeights,
    adversarial: float,
    scorer: Callable | None,
) -> "LSTMTextCategorizer":
    """Make a text categorizer of which exactly one label is right.

    Arguments and result are those of `LSTMTextCategorizer`.
    """
    return LSTMTextCategorizer(
        nlp.vocab,
        model,
        name,
        threshold=threshold,
        label_smoothing=label_smoothing,
        class_weights=class_weights,
        adversarial=adversarial,
        scorer=scorer,
    )


class LSTMTextCategorizer(TextClassifier):
    """Predict categories where exactly one label is right.

    Differs from spaCy's `textcat` in its model, in its cross-entropy loss, and in that
    gold values may be soft or missing.

    vocab (Vocab): The shared vocabulary.
    model (Model[List[Doc], Floats2d]): Gives a probability for each label.
    name (str): Name of the component, under which its loss is reported.
    threshold (float): Used by the scorer only, as in `textcat`.
    label_smoothing (float): Share of the gold probability given to the other labels
        (Szegedy et al. 2016).
    class_weights (str | dict[str, float] | None): Weight of each label in the loss:
        "balanced" for weights inversely proportional to the frequencies in the training
        data, or a table, where missing labels have a weight of 1.
    adversarial (float): Root mean square of adversarial perturbations of the encoder's
        input (Miyato et al. 2017), which add a second pass to each step of training; 0
        for none.
    scorer (Callable | None): The scoring method.
    RAISES (ValueError): If `label_smoothing`, `class_weights` or `adversarial` is
        invalid.
    """

    exclusive_classes = True

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], Floats2d],
        name: str = "lstm_textcat",
        *,
        threshold: float = 0.0,
        label_smoothing: float = 0.0,
        class_weights: ClassWeights = None,
        adversarial: float = 0.0,
        scorer: Callable | None = textcat_score,
    ) -> None:
        super().__init__(vocab, model, name, threshold=threshold, scorer=scorer)
        self._set_loss(label_smoothing, class_weights, adversarial)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Any = None,
        positive_label: str | None = None,
    ) -> None:
        """Find the labels and prepare the model for training.

        get_examples (Callable): Returns the training examples.
        nlp (Language | None): The pipeline.
        labels (list[str] | None): The labels, as written by `spacy init labels`; those
            of the examples by default.
        positive_label (str | None): The positive label of a binary task, for the score.
        RAISES (ValueError): If labels or annotations are invalid. Nothing changes then.
        """
        self._initialize(get_examples, nlp, labels, positive_label)
        self.cfg["positive_label"] = positive_label
