"""Label counts of documents."""

from collections import Counter
from collections.abc import Iterable

from spacy.tokens import Doc

from ..strata import positive_categories

TOKEN_LABELS = {"token.tag": "tag_", "token.pos": "pos_", "token.dep": "dep_"}


def count_labels(docs: Iterable[Doc]) -> dict[str, Counter[str]]:
    """Count labels.

    docs (Iterable[Doc]): The annotated documents.
    RETURNS (dict[str, Counter[str]]): Number of positive labels by annotation, such as
        "doc.cats". Missing annotations are left out.
    """
    names = ["doc.cats", "doc.ents", *TOKEN_LABELS]
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for doc in docs:
        counts["doc.cats"].update(dict.fromkeys(doc.cats, 0))
        counts["doc.cats"].update(positive_categories(doc))
        counts["doc.ents"].update(ent.label_ for ent in doc.ents)
        for name, attribute in TOKEN_LABELS.items():
            labels = (getattr(token, attribute) for token in doc)
            counts[name].update(label for label in labels if label)
    return {name: count for name, count in counts.items() if count}
