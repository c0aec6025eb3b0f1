"""Character-based word encoders."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..recurrent.rnn import RNN
from .hash_embedding import HashEmbedding


class CharCNN(nn.Module):
    """A convolution over character trigrams with max pooling (Ma & Hovy 2016).

    n_rows (int): Number of rows of the character table.
    char_width (int): Width of the character vectors.
    width (int): Width of the word vectors.
    """

    def __init__(self, n_rows: int, char_width: int, width: int) -> None:
        super().__init__()
        self.embedding = HashEmbedding(n_rows, char_width)
        self.convolution = nn.Linear(3 * char_width, width, dtype=torch.float)

    def forward(self, rows: Tensor, lengths: Sequence[int]) -> Tensor:
        """Encode words.

        rows (Tensor): Table rows of each character of the concatenated words, with a
            boundary character before, between and after the words.
            *Shape:* (n_characters + n_words + 1, 4)
        lengths (Sequence[int]): Number of characters of each word, at least 1.
        RETURNS (Tensor): *Shape:* (n_words, width)
        """
        vectors = self.embedding(rows)
        windows = torch.cat([vectors[:-2], vectors[1:-1], vectors[2:]], dim=1)
        is_inside = torch.ones(len(windows), dtype=torch.bool, device=rows.device)
        counts = torch.as_tensor(lengths, dtype=torch.long, device=rows.device)
        is_inside[(counts + 1).cumsum(0)[:-1] - 1] = False
        return max_by_word(self.convolution(windows[is_inside]), counts)


def max_by_word(values: Tensor, counts: Tensor) -> Tensor:
    """Compute the maximum of each column in each word.

    Tied maxima share the gradient. (`torch.segment_reduce` computes a wrong gradient
    for ties.)

    values (Tensor): *Shape:* (n_characters, width)
    counts (Tensor): Number of characters of each word. *Shape:* (n_words,)
    RETURNS (Tensor): *Shape:* (n_words, width)
    """
    words = torch.arange(len(counts), device=counts.device).repeat_interleave(counts)
    first = counts.cumsum(0) - counts
    places = torch.arange(len(values), device=counts.device) - first[words]
    longest = int(counts.max())
    padded = values.new_full((len(counts), longest, values.shape[1]), -torch.inf)
    return padded.index_put((words, places), values).amax(1)


class CharLSTM(nn.Module):
    """The last hidden states of a bidirectional LSTM (Lample et al. 2016).

    The arguments and results are the same as for `CharCNN`.
    """

    def __init__(self, n_rows: int, char_width: int, width: int) -> None:
        super().__init__()
        self.embedding = HashEmbedding(n_rows, char_width)
        self.lstm = RNN(char_width, [width // 2])

    def forward(self, rows: Tensor, lengths: Sequence[int]) -> Tensor:
        counts = torch.as_tensor(lengths, dtype=torch.long, device=rows.device)
        first = (counts + 1).cumsum(0) - counts
        is_inside = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
        is_inside[first - 1] = False
        is_inside[-1] = False
        states = self.lstm(self.embedding(rows[is_inside]), lengths)
        last = counts.cumsum(0) - 1
        units = states.shape[1] // 2
        return torch.cat(
            [states[last, :units], states[last - counts + 1, units:]], dim=1
        )


CHARS: dict[str, type[CharCNN] | type[CharLSTM]] = {"cnn": CharCNN, "lstm": CharLSTM}
