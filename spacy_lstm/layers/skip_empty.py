"""Skip documents without tokens."""

from collections.abc import Callable
from typing import Any

from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d


def skip_empty(
    layer: Model[list[Doc], Floats2d],
) -> Model[list[Doc], Floats2d]:
    """Make a layer that skips documents without tokens.

    `spacy.TextCatBOW.v3` fails on documents without tokens if `ngram_size` is above 1.

    layer (Model[List[Doc], Floats2d]): The layer to run on the other documents.
    RETURNS (Model[List[Doc], Floats2d]): A layer that returns zeros for documents
        without tokens. *Shape* of its output: (n_docs, nO)
    """
    return Model(
        f"skip_empty({layer.name})",
        forward,
        init=init,
        layers=[layer],
        dims={"nO": layer.maybe_get_dim("nO")},
    )


def init(model: Model, X: list[Doc] | None = None, Y: Any = None) -> None:
    if Y is not None:
        model.set_dim("nO", Y.shape[1])
    nonempty = [doc for doc in X if len(doc)] if X is not None else []
    model.layers[0].initialize(X=nonempty or None, Y=Y)


def forward(
    model: Model, docs: list[Doc], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list]]:
    nonempty = [i for i, doc in enumerate(docs) if len(doc)]
    Y: Any = model.ops.alloc2f(len(docs), model.get_dim("nO"))
    if not nonempty:
        return Y, lambda dY: []
    Y[nonempty], backprop_layer = model.layers[0]([docs[i] for i in nonempty], is_train)

    def backprop(dY: Any) -> list:
        return backprop_layer(dY[nonempty])

    return Y, backprop
