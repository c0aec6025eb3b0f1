"""Linear-chain conditional random fields (Lafferty et al. 2001) over entities."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor, nn

from .forward_backward import Chain, LogPartition, sum_paths, tag_probabilities
from .span_marginals import span_log_probabilities
from .tag_scheme import TAG_SCHEMES, Entity
from .viterbi import BestPaths, find_best_paths


class CRF(nn.Module):
    """A linear chain over the tags of a scheme, in which no invalid path has any mass.

    Emissions, a score for each tag of each token, come from a network; the chain adds
    a score for each transition that the scheme allows, and for each tag that a sequence
    may start or end with (Lample et al. 2016).

    n_tags (int): Number of tags of the scheme, for its number of labels.
    scheme (str): "biluo" or "bio".
    """

    def __init__(self, n_tags: int, scheme: str = "biluo") -> None:
        super().__init__()
        self.scheme = TAG_SCHEMES[scheme]
        self.output_width = n_tags
        n_labels = self.scheme.n_labels(n_tags)
        self.transitions = nn.Parameter(torch.zeros(n_tags, n_tags, dtype=torch.float))
        self.starts = nn.Parameter(torch.zeros(n_tags, dtype=torch.float))
        self.ends = nn.Parameter(torch.zeros(n_tags, dtype=torch.float))
        self.no_transition: Tensor
        self.no_start: Tensor
        self.no_end: Tensor
        for name, is_allowed in (
            ("no_transition", self.scheme.transitions(n_labels)),
            ("no_start", self.scheme.starts(n_labels)),
            ("no_end", self.scheme.ends(n_labels)),
        ):
            self.register_buffer(name, ~is_allowed, persistent=False)

    def chain(
        self,
        emissions: Tensor,
        allowed: Tensor | None = None,
        temperature: Tensor | float = 1.0,
    ) -> Chain:
        """Join emissions and the chain's own scores.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        allowed (Tensor | None): Whether a token may have a tag; None for all.
            *Shape:* (n_tokens, n_tags)
        temperature (Tensor | float): What all scores are divided by. It changes
            probabilities, but not which path is best.
        RETURNS (Chain): The scores, where what is not allowed has -inf.
        """
        emissions, transitions, starts, ends = (
            scores / temperature
            for scores in (emissions, self.transitions, self.starts, self.ends)
        )
        if allowed is not None:
            emissions = emissions.masked_fill(~allowed, -torch.inf)
        return Chain(
            emissions,
            transitions.masked_fill(self.no_transition, -torch.inf),
            starts.masked_fill(self.no_start, -torch.inf),
            ends.masked_fill(self.no_end, -torch.inf),
        )

    def log_partition(
        self,
        emissions: Tensor,
        lengths: Sequence[int],
        allowed: Tensor | None = None,
        temperature: Tensor | float = 1.0,
    ) -> Tensor:
        """Find the logarithm of the mass of all paths that are allowed.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        allowed (Tensor | None): Whether a token may have a tag; None for all.
            *Shape:* (n_tokens, n_tags)
        temperature (Tensor | float): What all scores are divided by.
        RETURNS (Tensor): In double precision; -inf for a sequence without any such
            path. *Shape:* (n_sequences,)
        """
        return LogPartition.apply(lengths, *self.chain(emissions, allowed, temperature))

    def forward(
        self,
        emissions: Tensor,
        lengths: Sequence[int],
        known: Tensor,
        wrong: Sequence[Entity] = (),
    ) -> Tensor:
        """Find the log-likelihood of what is known of each sequence.

        It is the mass of all paths that agree with what is known (Tsuboi et al. 2008),
        and of those only that hold no entity that is known to be wrong. Several such
        in one sequence are taken for independent of one another.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        known (Tensor): Whether a token may have a tag, as far as is known.
            *Shape:* (n_tokens, n_tags)
        wrong (Sequence[tuple[int, int, int]]): First token and end in the flat batch,
            and label, of each entity that is known to be wrong.
        RETURNS (Tensor): In double precision. *Shape:* (n_sequences,)
        """
        bounds = [0, *accumulate(lengths)]
        sequences = [bisect_right(bounds, start) - 1 for start, _, _ in wrong]
        scores = [emissions.masked_fill(~known, -torch.inf), emissions]
        all_lengths, n_sets = [*lengths, *lengths], []
        for (start, end, label), i in zip(wrong, sequences, strict=True):
            rows = slice(bounds[i], bounds[i + 1])
            entity = start - rows.start, end - rows.start, label
            sets = list(self.scheme.avoiding(known[rows], entity))
            scores += [emissions[rows].masked_fill(~part, -torch.inf) for part in sets]
            all_lengths += [lengths[i]] * len(sets)
            n_sets.append(len(sets))
        agreeing, anything, avoiding = self.log_partition(
            torch.cat(scores), all_lengths
        ).split([len(lengths), len(lengths), sum(n_sets)])
        likelihood = agreeing - anything
        if not wrong:
            return likelihood
        of_sequence = torch.tensor(sequences, dtype=torch.long, device=emissions.device)
        # A set without any path has no gradient.
        not_wrong = torch.stack(
            [part[part.isfinite()].logsumexp(0) for part in avoiding.split(n_sets)]
        )
        all_of_them = agreeing[of_sequence]
        share = (not_wrong - all_of_them).where(all_of_them.isfinite(), 0.0)
        return likelihood.index_add(0, of_sequence, share)

    def expectations(self, emissions: Tensor, lengths: Sequence[int]) -> Chain:
        """Count how often each score of the chain is expected, over all paths.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        RETURNS (Chain): A number in place of each score.
        """
        with torch.enable_grad():
            scores = [part.detach().requires_grad_() for part in self.chain(emissions)]
            partition = LogPartition.apply(lengths, *scores).sum()
        return Chain(*torch.autograd.grad(partition, scores))

    def cross_entropy(
        self, emissions: Tensor, lengths: Sequence[int], expected: Chain
    ) -> Tensor:
        """Compare the paths of a batch with those that another chain expects.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        expected (Chain): What `expectations` returned.
        RETURNS (Tensor): The cross-entropy, in double precision, summed over the
            sequences. *Shape:* ()
        """
        scores = Chain(emissions, self.transitions, self.starts, self.ends)
        agreement = sum((a * b).sum() for a, b in zip(scores, expected, strict=True))
        return self.log_partition(emissions, lengths).sum() - agreement

    def best_paths(
        self,
        emissions: Tensor,
        lengths: Sequence[int],
        n_best: int = 1,
        allowed: Tensor | None = None,
    ) -> BestPaths:
        """Find the best paths through each sequence.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        n_best (int): How many paths.
        allowed (Tensor | None): Whether a token may have a tag; None for all.
            *Shape:* (n_tokens, n_tags)
        RETURNS (BestPaths): The paths. The probability of one is the exponential of the
            difference of its score and the logarithm of the mass of all paths.
        """
        return find_best_paths(self.chain(emissions, allowed), lengths, n_best)

    def tag_probabilities(
        self,
        emissions: Tensor,
        lengths: Sequence[int],
        allowed: Tensor | None = None,
    ) -> Tensor:
        """Find the probability of each tag of each token, over all paths.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        allowed (Tensor | None): Whether a token may have a tag; None for all.
            *Shape:* (n_tokens, n_tags)
        RETURNS (Tensor): *Shape:* (n_tokens, n_tags)
        """
        return tag_probabilities(sum_paths(self.chain(emissions, allowed), lengths))

    def span_probabilities(
        self,
        emissions: Tensor,
        lengths: Sequence[int],
        spans: Sequence[Entity],
        allowed: Tensor | None = None,
        temperature: float = 1.0,
    ) -> Tensor:
        """Find the mass of all paths that hold exactly an entity, for each of several.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        spans (Sequence[tuple[int, int, int]]): First token and end in the flat batch,
            and label, of each entity.
        allowed (Tensor | None): Whether a token may have a tag; None for all.
            *Shape:* (n_tokens, n_tags)
        temperature (float): What all scores are divided by.
        RETURNS (Tensor): *Shape:* (n_spans,)
        """
        if not spans:
            return emissions.new_zeros(0)
        chain = self.chain(emissions, allowed, temperature)
        paths = sum_paths(chain, lengths)
        return span_log_probabilities(chain, paths, lengths, spans, self.scheme).exp()
