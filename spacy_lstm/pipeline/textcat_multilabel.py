"""The component `lstm_textcat_multilabel`."""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.language import Language
from spacy.pipeline.textcat_multilabel import (
    MultiLabel_TextCategorizer,
    textcat_multilabel_score,
)
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import Floats2d

from .class_weights import ClassWeights
from .default_textcat import SCORE_WEIGHTS, default_model
from .recurrent_textcat import RecurrentTextCategorizer


@Language.factory(
    "lstm_textcat_multilabel",
    assigns=["doc.cats"],
    default_config={
        "threshold": 0.5,
        "label_smoothing": 0.0,
        "class_weights": None,
        "adversarial": 0.0,
        "model": default_model(exclusive_classes=False),
        "scorer": {"@scorers": "spacy.textcat_multilabel_scorer.v2"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_lstm_textcat_multilabel(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Floats2d],
    threshold: float,
    label_smoothing: float,
    class_weights: ClassWeights,
    adversarial: float,
    scorer: Callable | None,
) -> "LSTMMultiLabelTextCategorizer":
    """Make a text categorizer of which any number of labels is right.

    Arguments and result are those of `LSTMMultiLabelTextCategorizer`.
    """
    return LSTMMultiLabelTextCategorizer(
        nlp.vocab,
        model,
        name,
        threshold=threshold,
        label_smoothing=label_smoothing,
        class_weights=class_weights,
        adversarial=adversarial,
        scorer=scorer,
    )


class LSTMMultiLabelTextCategorizer(
    RecurrentTextCategorizer, MultiLabel_TextCategorizer
):
    """Text classification where any number of labels is right, also none.

    It differs from spaCy's `textcat_multilabel` in its model, in the loss, which is
    binary cross-entropy, and in that truths may be soft.

    vocab (Vocab): The shared vocabulary.
    model (Model[List[Doc], Floats2d]): Gives a probability for each label.
    name (str): Name of the component, under which its loss is reported.
    threshold (float): Probability from which on the scorer counts a label as set.
    label_smoothing (float): Part of each truth that goes to its opposite.
    class_weights (str | dict[str, float] | None): How much more a label's being right
        counts than its being wrong: "balanced" for the ratio of wrong to right in the
        training data, or a table, where labels without an entry have a weight of 1.
    adversarial (float): Root mean square of adversarial perturbations of the vectors
        that the encoder reads (Miyato et al. 2017), which add a second pass to each
        step of training; 0 for none.
    scorer (Callable | None): The scoring method.
    RAISES (ValueError): If `label_smoothing`, `class_weights` or `adversarial` is
        invalid.
    """

    exclusive_classes = False

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], Floats2d],
        name: str = "lstm_textcat_multilabel",
        *,
        threshold: float = 0.5,
        label_smoothing: float = 0.0,
        class_weights: ClassWeights = None,
        adversarial: float = 0.0,
        scorer: Callable | None = textcat_multilabel_score,
    ) -> None:
        MultiLabel_TextCategorizer.__init__(
            self, vocab, model, name, threshold=threshold, scorer=scorer
        )
        self._set_loss(label_smoothing, class_weights, adversarial)

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Any = None,
    ) -> None:
        """Find the labels and prepare the model for training.

        get_examples (Callable): Returns the training examples.
        nlp (Language | None): The pipeline.
        labels (list[str] | None): The labels, such as `spacy init labels` writes them;
            those of the examples if not given.
        RAISES (ValueError): If labels or annotations are invalid; nothing is changed
            then.
        """
        self._initialize(get_examples, nlp, labels)
