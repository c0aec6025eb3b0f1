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

from .text_classifier import TextClassifier
from .textcat import SCORE_WEIGHTS, default_model
from .textcat_targets import ClassWeights


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


class LSTMMultiLabelTextCategorizer(TextClassifier, MultiLabel_TextCategorizer):
    """Predict categories where any number of labels may be right.

    Differs from spaCy's `textcat_multilabel` in its model, in its loss, which is
    binary cross-entropy, and in that gold values may be soft.

    vocab (Vocab): The shared vocabulary.
    model (Model[List[Doc], Floats2d]): Gives a probability for each label.
    name (str): Name of the component, under which its loss is reported.
    threshold (float): Minimum probability of a label, used by the scorer only.
    label_smoothing (float): Share of each gold value given to its opposite.
    class_weights (str | dict[str, float] | None): Weight of right labels in the loss,
        relative to wrong ones: "balanced" for the ratio of wrong to right in the
        training data, or a table, where missing labels have a weight of 1.
    adversarial (float): Root mean square of adversarial perturbations of the encoder's
        input (Miyato et al. 2017), which add a second pass to each step of training; 0
        for none.
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
        labels (list[str] | None): The labels, as written by `spacy init labels`; those
            of the examples by default.
        RAISES (ValueError): If labels or annotations are invalid. Nothing changes then.
        """
        self._initialize(get_examples, nlp, labels)
