"""How files are read."""

from dataclasses import dataclass

from ...errors import Errors


@dataclass(frozen=True)
class Options:
    """What a file doesn't say itself.

    text_column (str): Name or number, from 1 on, of the column of texts.
    label_column (str): Name or number of the column of labels.
    multilabel (bool): Whether a text has any number of labels, rather than one.
    separator (str): What is between the labels of one text.
    n_sents (int): How many sentences a document has; 0 for all.
    RAISES (ValueError): If the separator is empty.
    """

    text_column: str = "text"
    label_column: str = "label"
    multilabel: bool = False
    separator: str = ","
    n_sents: int = 1

    def __post_init__(self) -> None:
        if not self.separator:
            known = "',', ';', '|' or the like"
            message = Errors.L077.format(option="separator", value="", known=known)
            raise ValueError(message)

    def split_labels(self, value: str) -> list[str]:
        """Tell the labels of a text apart.

        value (str): Its labels, as they are written.
        RETURNS (list[str]): Each of them; without `multilabel` at most one.
        """
        values = value.split(self.separator) if self.multilabel else [value]
        return [label.strip() for label in values if label.strip()]
