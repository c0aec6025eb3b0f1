"""Encoders of the characters of a word."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..recurrent.rnn import RNN
from .hash_embedding import HashEmbedding


class CharCNN(nn.Module):
    """A convolution over windows of three characters, and its maximum over the word.

    (Ma & Hovy 2016.)

    n_rows (int): Rows of the table of characters.
    char_width (int): Width of a character's vector.
    width (int): Width of a word's vector.
    """

    def __init__(self, n_rows: int, char_width: int, width: int) -> None:
        super().__init__()
        self.embedding = HashEmbedding(n_rows, char_width)
        self.convolution = nn.Linear(3 * char_width, width, dtype=torch.float)

    def forward(self, rows: Tensor, lengths: Sequence[int]) -> Tensor:
        """Encode words.

        rows (Tensor): Rows of the table for each character of the words one after the
            other, where a boundary stands before, between and after the words.
            *Shape:* (n_characters + n_words + 1, 4)
        lengths (Sequence[int]): Number of characters of each word, at least 1.
        RETURNS (Tensor): *Shape:* (n_words, width)
        """
        vectors = self.embedding(rows)
        windows = torch.cat([vectors[:-2], vectors[1:-1], vectors[2:]], dim=1)
        inside = torch.ones(len(windows), dtype=torch.bool, device=rows.device)
        counts = torch.as_tensor(lengths, dtype=torch.long, device=rows.device)
        inside[(counts + 1).cumsum(0)[:-1] - 1] = False
        return torch.segment_reduce(
            self.convolution(windows[inside]), "max", lengths=counts
        )


class CharLSTM(nn.Module):
    """The last hidden states of an LSTM that reads a word in both directions.

    (Lample et al. 2016.) Arguments and results are those of `CharCNN`.
    """

    def __init__(self, n_rows: int, char_width: int, width: int) -> None:
        super().__init__()
        self.embedding = HashEmbedding(n_rows, char_width)
        self.lstm = RNN(char_width, [width // 2])

    def forward(self, rows: Tensor, lengths: Sequence[int]) -> Tensor:
        counts = torch.as_tensor(lengths, dtype=torch.long, device=rows.device)
        first = (counts + 1).cumsum(0) - counts
        inside = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
        inside[first - 1] = False
        inside[-1] = False
        states = self.lstm(self.embedding(rows[inside]), lengths)
        last = counts.cumsum(0) - 1
        units = states.shape[1] // 2
        return torch.cat(
            [states[last, :units], states[last - counts + 1, units:]], dim=1
        )


CHARS: dict[str, type[CharCNN] | type[CharLSTM]] = {"cnn": CharCNN, "lstm": CharLSTM}
