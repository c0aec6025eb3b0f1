"""The component `lstm_morphologizer`."""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.attrs import MORPH, POS
from spacy.language import Language
from spacy.morphology import Morphology
from spacy.pipeline.morphologizer import Morphologizer, morphologizer_score
from spacy.strings import StringStore
from spacy.tokens import Doc, Token
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from .tagger import DEFAULT_MODEL
from .token_classifier import TokenClassifier, read_aligned


@Language.factory(
    "lstm_morphologizer",
    assigns=["token.morph", "token.pos"],
    default_config={
        "model": DEFAULT_MODEL,
        "overwrite": True,
        "extend": False,
        "scorer": {"@scorers": "spacy.morphologizer_scorer.v1"},
        "label_smoothing": 0.0,
        "probabilities": False,
    },
    default_score_weights={"pos_acc": 0.5, "morph_acc": 0.5, "morph_per_feat": None},
)
def make_lstm_morphologizer(
    nlp: Language,
    name: str,
    model: Model[list[Doc], list[Floats2d]],
    overwrite: bool,
    extend: bool,
    label_smoothing: float,
    scorer: Callable | None,
    probabilities: bool,
) -> "LSTMMorphologizer":
    """Make a morphologizer.

    Arguments and result are those of `LSTMMorphologizer`.
    """
    return LSTMMorphologizer(
        nlp.vocab,
        model,
        name,
        overwrite=overwrite,
        extend=extend,
        label_smoothing=label_smoothing,
        scorer=scorer,
        probabilities=probabilities,
    )


class LSTMMorphologizer(TokenClassifier, Morphologizer):
    """Predict parts of speech and morphological features.

    Differs from spaCy's `morphologizer` in its model and its optional probabilities.

    vocab (Vocab): The shared vocabulary.
    model (Model[List[Doc], List[Floats2d]]): Scores each label for each token.
    name (str): Name of the component, under which its loss is reported.
    overwrite (bool): Whether to overwrite existing annotation.
    extend (bool): Whether to add features to existing ones.
    label_smoothing (float): Share of the gold probability given to the other labels
        (Szegedy et al. 2016).
    scorer (Callable | None): The scoring method.
    probabilities (bool): Whether to set `token._.morph_prob`, the joint probability of
        the predicted part of speech and features.
    RAISES (ValueError): If `label_smoothing` is invalid.
    """

    annotation = "`token.pos` or `token.morph`"
    probability_attr = "morph_prob"

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], list[Floats2d]],
        name: str = "lstm_morphologizer",
        *,
        overwrite: bool = True,
        extend: bool = False,
        label_smoothing: float = 0.0,
        scorer: Callable | None = morphologizer_score,
        probabilities: bool = False,
    ) -> None:
        Morphologizer.__init__(
            self,
            vocab,
            model,
            name,
            overwrite=overwrite,
            extend=extend,
            label_smoothing=label_smoothing,
            scorer=scorer,
        )
        self._labels: dict[tuple[int, int], str] = {}
        self._set_up(label_smoothing, probabilities)

    def _find_labels(self, examples: Iterable[Example]) -> dict[str, dict]:
        found: dict[str, dict] = {"morph": {}, "pos": {}}
        for example in examples:
            strings = example.reference.vocab.strings
            for pos, morph in example.reference.to_array([POS, MORPH]).tolist():
                label = self._make_label(strings, pos, morph)
                if label is not None and label not in found["pos"]:
                    empty = strings[morph] == Morphology.EMPTY_MORPH
                    found["morph"][label] = "" if empty else strings[morph]
                    found["pos"][label] = pos
        return found

    def _merge_labels(self, label_data: Any) -> dict[str, dict]:
        try:
            morph, pos = dict(label_data["morph"]), dict(label_data["pos"])
            fits = morph.keys() == pos.keys()
        except (KeyError, TypeError, ValueError):
            fits = False
        if not fits:
            expected = 'a table with "morph" and "pos", which have the same keys'
            message = Errors.L048.format(
                name=self.name, labels=label_data, expected=expected
            )
            raise ValueError(message)
        return {
            "morph": {**self.cfg["labels_morph"], **morph},
            "pos": {**self.cfg["labels_pos"], **pos},
        }

    def _read_gold_labels(self, example: Example) -> list[str | None]:
        strings = example.reference.vocab.strings
        values = zip(
            read_aligned(example, POS), read_aligned(example, MORPH), strict=True
        )
        return [self._make_label(strings, pos, morph) for pos, morph in values]

    def _make_label(
        self, strings: StringStore, pos: int | None, morph: int | None
    ) -> str | None:
        """Join the part of speech and the features of a token.

        They are None where aligned tokens disagree, and 0 where they are missing.
        """
        if pos is None or morph is None or not (pos or morph):
            return None
        if (pos, morph) not in self._labels:
            features = Morphology.feats_to_dict(strings[morph])
            if pos:
                features[self.POS_FEAT] = strings[pos]
            key = self.vocab.morphology.add(features)
            self._labels[pos, morph] = self.vocab.strings[key]
        return self._labels[pos, morph]

    def _is_to_be_labelled(self, token: Token) -> bool:
        is_complete = token.pos != 0 and token.has_morph()
        return self.cfg["overwrite"] or self.cfg["extend"] or not is_complete
