"""Options of the converters."""

from dataclasses import dataclass

from ...errors import Errors


@dataclass(frozen=True)
class Options:
    """Options of the converters.

    text_column (str): Name of the text column, or its number, starting at 1.
    label_column (str): Name or number of the label column.
    multilabel (bool): Whether a text can have any number of labels.
    separator (str): Separator between the labels of a text.
    n_sents (int): Number of sentences per document; 0 for all.
    RAISES (ValueError): If the separator is empty.
    """

    text_column: str = "text"
    label_column: str = "label"
    multilabel: bool = False
    separator: str = ","
    n_sents: int = 1

    def __post_init__(self) -> None:
        if not self.separator:
            known = "',', ';', '|' or another string"
            message = Errors.L077.format(option="separator", value="", known=known)
            raise ValueError(message)

    def split_labels(self, value: str) -> list[str]:
        """Split the labels of a text.

        value (str): The labels, as written in the file.
        RETURNS (list[str]): The labels; at most one without `multilabel`.
        """
        values = value.split(self.separator) if self.multilabel else [value]
        return [label.strip() for label in values if label.strip()]
