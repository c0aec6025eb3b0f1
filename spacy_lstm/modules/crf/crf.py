"""Linear-chain conditional random fields (Lafferty et al. 2001) over entity tags."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor, nn

from .forward_backward import LogPartition, Potentials, forward_backward, tag_marginals
from .span_marginals import span_log_marginals
from .tag_scheme import TAG_SCHEMES, Entity
from .viterbi import BestPaths, find_best_paths


class CRF(nn.Module):
    """A linear-chain CRF in which invalid tag sequences have zero probability.

    A network computes the emissions, one score for each tag of each token. The CRF adds
    a score for each valid transition, and for each tag that may start or end a sequence
    (Lample et al. 2016).

    n_tags (int): Number of tags.
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
        for name, is_valid in (
            ("no_transition", self.scheme.transitions(n_labels)),
            ("no_start", self.scheme.starts(n_labels)),
            ("no_end", self.scheme.ends(n_labels)),
        ):
            self.register_buffer(name, ~is_valid, persistent=False)

    def potentials(
        self,
        emissions: Tensor,
        allowed: Tensor | None = None,
        temperature: Tensor | float = 1.0,
    ) -> Potentials:
        """Combine the emissions with the scores of the CRF.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        allowed (Tensor | None): Mask of the tags that each token may have; None allows
            all tags. *Shape:* (n_tokens, n_tags)
        temperature (Tensor | float): Divides all scores. It changes the probabilities,
            but not the ranking of the paths.
        RETURNS (Potentials): The scores; -inf for tags and transitions that are not
            allowed.
        """
        emissions, transitions, starts, ends = (
            scores / temperature
            for scores in (emissions, self.transitions, self.starts, self.ends)
        )
        if allowed is not None:
            emissions = emissions.masked_fill(~allowed, -torch.inf)
        return Potentials(
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
        """Compute the log-partition function over all allowed paths.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        allowed (Tensor | None): Mask of the tags that each token may have; None allows
            all tags. *Shape:* (n_tokens, n_tags)
        temperature (Tensor | float): Divides all scores.
        RETURNS (Tensor): In double precision; -inf for sequences without an allowed
            path. *Shape:* (n_sequences,)
        """
        potentials = self.potentials(emissions, allowed, temperature)
        return LogPartition.apply(lengths, *potentials)

    def forward(
        self,
        emissions: Tensor,
        lengths: Sequence[int],
        gold_mask: Tensor,
        incorrect: Sequence[Entity] = (),
    ) -> Tensor:
        """Compute the log-likelihood of a complete or partial annotation.

        The likelihood sums over all paths that agree with the annotation (Tsuboi et al.
        2008) and contain none of the incorrect entities. Several incorrect entities in
        one sequence are treated as independent.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        gold_mask (Tensor): Mask of the tags that agree with the annotation.
            *Shape:* (n_tokens, n_tags)
        incorrect (Sequence[tuple[int, int, int]]): Start and end in the flat batch, and
            label, of each entity that is known to be incorrect.
        RETURNS (Tensor): In double precision. *Shape:* (n_sequences,)
        """
        bounds = [0, *accumulate(lengths)]
        sequences = [bisect_right(bounds, start) - 1 for start, _, _ in incorrect]
        scores = [emissions.masked_fill(~gold_mask, -torch.inf), emissions]
        all_lengths, n_masks = [*lengths, *lengths], []
        for (start, end, label), i in zip(incorrect, sequences, strict=True):
            rows = slice(bounds[i], bounds[i + 1])
            entity = start - rows.start, end - rows.start, label
            masks = list(self.scheme.masks_without_span(gold_mask[rows], entity))
            scores += [emissions[rows].masked_fill(~mask, -torch.inf) for mask in masks]
            all_lengths += [lengths[i]] * len(masks)
            n_masks.append(len(masks))
        gold, total, without_span = self.log_partition(
            torch.cat(scores), all_lengths
        ).split([len(lengths), len(lengths), sum(n_masks)])
        log_likelihood = gold - total
        if not incorrect:
            return log_likelihood
        index = torch.tensor(sequences, dtype=torch.long, device=emissions.device)
        # A mask without any valid path has no gradient.
        correct = torch.stack(
            [part[part.isfinite()].logsumexp(0) for part in without_span.split(n_masks)]
        )
        gold = gold[index]
        log_probabilities = (correct - gold).where(gold.isfinite(), 0.0)
        return log_likelihood.index_add(0, index, log_probabilities)

    def expectations(self, emissions: Tensor, lengths: Sequence[int]) -> Potentials:
        """Compute the expected counts of all tags and transitions.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        RETURNS (Potentials): The expected count in place of each score.
        """
        with torch.enable_grad():
            potentials = self.potentials(emissions)
            scores = [part.detach().requires_grad_() for part in potentials]
            partition = LogPartition.apply(lengths, *scores).sum()
        return Potentials(*torch.autograd.grad(partition, scores))

    def cross_entropy(
        self, emissions: Tensor, lengths: Sequence[int], expected: Potentials
    ) -> Tensor:
        """Compute the cross-entropy relative to the path distribution of another CRF.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        expected (Potentials): The other CRF's expected counts, from `expectations`.
        RETURNS (Tensor): The sum over the sequences, in double precision. *Shape:* ()
        """
        scores = Potentials(emissions, self.transitions, self.starts, self.ends)
        score = sum((a * b).sum() for a, b in zip(scores, expected, strict=True))
        return self.log_partition(emissions, lengths).sum() - score

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
        n_best (int): Number of paths.
        allowed (Tensor | None): Mask of the tags that each token may have; None allows
            all tags. *Shape:* (n_tokens, n_tags)
        RETURNS (BestPaths): The paths and their scores. Subtract the log-partition
            function from a score for the path's log-probability.
        """
        return find_best_paths(self.potentials(emissions, allowed), lengths, n_best)

    def tag_probabilities(
        self,
        emissions: Tensor,
        lengths: Sequence[int],
        allowed: Tensor | None = None,
    ) -> Tensor:
        """Compute the marginal probability of each tag of each token.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        allowed (Tensor | None): Mask of the tags that each token may have; None allows
            all tags. *Shape:* (n_tokens, n_tags)
        RETURNS (Tensor): *Shape:* (n_tokens, n_tags)
        """
        potentials = self.potentials(emissions, allowed)
        return tag_marginals(forward_backward(potentials, lengths))

    def span_probabilities(
        self,
        emissions: Tensor,
        lengths: Sequence[int],
        spans: Sequence[Entity],
        allowed: Tensor | None = None,
        temperature: float = 1.0,
    ) -> Tensor:
        """Compute the marginal probability of entities with exact bounds and label.

        emissions (Tensor): *Shape:* (n_tokens, n_tags)
        lengths (Sequence[int]): Number of tokens of each sequence.
        spans (Sequence[tuple[int, int, int]]): Start and end in the flat batch, and
            label, of each entity.
        allowed (Tensor | None): Mask of the tags that each token may have; None allows
            all tags. *Shape:* (n_tokens, n_tags)
        temperature (float): Divides all scores.
        RETURNS (Tensor): *Shape:* (n_spans,)
        """
        if not spans:
            return emissions.new_zeros(0)
        potentials = self.potentials(emissions, allowed, temperature)
        sums = forward_backward(potentials, lengths)
        return span_log_marginals(potentials, sums, lengths, spans, self.scheme).exp()
