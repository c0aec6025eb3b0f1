"""The component `lstm_tagger`."""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.attrs import TAG
from spacy.language import Language
from spacy.pipeline.tagger import tagger_score
from spacy.tokens import Doc, Token
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from .tok2vec import DEFAULT_TOK2VEC
from .token_classifier import TokenClassifier, read_aligned

DEFAULT_MODEL = {"@architectures": "spacy-lstm.Tagger.v1", "tok2vec": DEFAULT_TOK2VEC}


@Language.factory(
    "lstm_tagger",
    assigns=["token.tag"],
    default_config={
        "model": DEFAULT_MODEL,
        "overwrite": False,
        "scorer": {"@scorers": "spacy.tagger_scorer.v1"},
        "neg_prefix": "!",
        "label_smoothing": 0.0,
        "probabilities": False,
    },
    default_score_weights={
        "tag_acc": 1.0,
        "pos_acc": 0.0,
        "tag_micro_p": None,
        "tag_micro_r": None,
        "tag_micro_f": None,
    },
)
def make_lstm_tagger(
    nlp: Language,
    name: str,
    model: Model[list[Doc], list[Floats2d]],
    overwrite: bool,
    scorer: Callable | None,
    neg_prefix: str,
    label_smoothing: float,
    probabilities: bool,
) -> "LSTMTagger":
    """Make a part-of-speech tagger.

    Arguments and result are those of `LSTMTagger`.
    """
    return LSTMTagger(
        nlp.vocab,
        model,
        name,
        overwrite=overwrite,
        scorer=scorer,
        neg_prefix=neg_prefix,
        label_smoothing=label_smoothing,
        probabilities=probabilities,
    )


class LSTMTagger(TokenClassifier):
    """Predict part-of-speech tags.

    Differs from spaCy's `tagger` in its model and its optional probabilities, and
    ignores training tags outside its label set.

    vocab (Vocab): The shared vocabulary.
    model (Model[List[Doc], List[Floats2d]]): Scores each label for each token.
    name (str): Name of the component, under which its loss is reported.
    overwrite (bool): Whether to overwrite existing tags.
    scorer (Callable | None): The scoring method.
    neg_prefix (str): Prefix of tags that are annotated as incorrect.
    label_smoothing (float): Share of the gold probability given to the other labels
        (Szegedy et al. 2016).
    probabilities (bool): Whether to set `token._.tag_prob`, the probability of the
        predicted tag.
    RAISES (ValueError): If `label_smoothing` is invalid.
    """

    annotation = "`token.tag`"
    probability_attr = "tag_prob"

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], list[Floats2d]],
        name: str = "lstm_tagger",
        *,
        overwrite: bool = False,
        scorer: Callable | None = tagger_score,
        neg_prefix: str = "!",
        label_smoothing: float = 0.0,
        probabilities: bool = False,
    ) -> None:
        super().__init__(
            vocab,
            model,
            name,
            overwrite=overwrite,
            scorer=scorer,
            neg_prefix=neg_prefix,
            label_smoothing=label_smoothing,
        )
        self._set_up(label_smoothing, probabilities)

    def _find_labels(self, examples: Iterable[Example]) -> list[str]:
        tags = {token.tag_ for example in examples for token in example.reference}
        prefix = self.cfg["neg_prefix"] or ""
        return sorted({tag.removeprefix(prefix) or tag for tag in tags if tag})

    def _merge_labels(self, label_data: Any) -> list[str]:
        is_list = isinstance(label_data, Iterable) and not isinstance(label_data, str)
        labels = list(label_data) if is_list else []
        if not is_list or not all(isinstance(label, str) for label in labels):
            message = Errors.L048.format(
                name=self.name, labels=label_data, expected="a list of strings"
            )
            raise ValueError(message)
        return list(dict.fromkeys([*self.labels, *labels]))

    def _read_gold_labels(self, example: Example) -> list[str | None]:
        strings = example.reference.vocab.strings
        values = read_aligned(example, TAG)
        return [None if value is None else strings[value] for value in values]

    def _is_to_be_labelled(self, token: Token) -> bool:
        return self.cfg["overwrite"] or token.tag == 0
