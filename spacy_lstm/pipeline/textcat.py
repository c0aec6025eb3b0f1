"""The component `lstm_textcat`."""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.language import Language
from spacy.pipeline.textcat import textcat_score
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import Floats2d

from .class_weights import ClassWeights
from .default_textcat import SCORE_WEIGHTS, default_model
from .recurrent_textcat import RecurrentTextCategorizer


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


class LSTMTextCategorizer(RecurrentTextCategorizer):
    """Text classification where exactly one label is right.

    It differs from spaCy's `textcat` in its model, in the loss, which is
    cross-entropy, and in that truths may be soft or missing.

    vocab (Vocab): The shared vocabulary.
    model (Model[List[Doc], Floats2d]): Gives a probability for each label.
    name (str): Name of the component, under which its loss is reported.
    threshold (float): Not used for the prediction, as in `textcat`; the scorer takes
        it.
    label_smoothing (float): Part of the truth that goes to the other labels.
    class_weights (str | dict[str, float] | None): Weight of each label in the loss:
        "balanced" for weights inverse to how often it is right in the training data,
        or a table, where labels without an entry have a weight of 1.
    adversarial (float): Root mean square of adversarial perturbations of the vectors
        that the encoder reads (Miyato et al. 2017), which add a second pass to each
        step of training; 0 for none.
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
        labels (list[str] | None): The labels, such as `spacy init labels` writes them;
            those of the examples if not given.
        positive_label (str | None): For two labels, the one that the score is about.
        RAISES (ValueError): If labels or annotations are invalid; nothing is changed
            then.
        """
        self._initialize(get_examples, nlp, labels, positive_label)
        self.cfg["positive_label"] = positive_label
