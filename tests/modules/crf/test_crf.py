"""Comparison of the CRF with an enumeration of all paths."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from spacy_lstm.modules.crf.crf import CRF

from .brute_force import all_paths

SCHEMES = ["biluo", "bio"]


def make_crf(
    scheme: str, n_labels: int, scale: float = 1.0, dtype=torch.float32
) -> CRF:
    n_tags = 1 + n_labels * (4 if scheme == "biluo" else 2)
    crf = CRF(n_tags, scheme)
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter, std=scale)
    return crf.to(dtype)


@st.composite
def batches(draw) -> tuple[CRF, Tensor, list[int]]:
    torch.manual_seed(draw(st.integers(0, 2**16)))
    scheme = draw(st.sampled_from(SCHEMES))
    n_labels = draw(st.integers(1, 2 if scheme == "bio" else 1))
    scale = draw(st.sampled_from([0.1, 1.0, 10.0]))
    crf = make_crf(scheme, n_labels, scale)
    lengths = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4))
    emissions = scale * torch.randn(sum(lengths), crf.output_width)
    return crf, emissions, lengths


def log_sum(scores: list[float]) -> float:
    return torch.logsumexp(torch.tensor(scores, dtype=torch.float64), 0).item()


def close_to(value: float) -> object:
    return pytest.approx(value, rel=1e-4, abs=1e-4)


def entities(crf: CRF, path: tuple[int, ...]) -> list[tuple[int, int, int]]:
    return list(crf.scheme.entities(path))


@given(batches())
@settings(deadline=None, max_examples=60)
def test_agrees_with_enumeration(batch: tuple[CRF, Tensor, list[int]]) -> None:
    crf, emissions, lengths = batch
    with torch.no_grad():
        partitions = crf.log_partition(emissions, lengths)
        tags, scores = crf.best_paths(emissions, lengths, 3)
        probabilities = crf.tag_probabilities(emissions, lengths)
    start = 0
    for i, length in enumerate(lengths):
        rows = slice(start, start + length)
        if not length:
            assert partitions[i] == 0
            continue
        paths = sorted(all_paths(crf, emissions[rows]), key=lambda pair: -pair[1])
        partition = log_sum([score for _, score in paths])
        assert partitions[i].item() == close_to(partition)
        for rank in range(min(3, len(paths))):
            assert scores[rank, i].item() == close_to(paths[rank][1])
            best = tuple(tags[rank, rows].tolist())
            assert dict(paths)[best] == close_to(paths[rank][1])
        expected = torch.zeros(length, crf.output_width)
        spans: dict[tuple[int, int, int], float] = {}
        for path, score in paths:
            mass = math.exp(score - partition)
            expected[range(length), path] += mass
            for entity in entities(crf, path):
                spans[entity] = spans.get(entity, 0.0) + mass
        torch.testing.assert_close(probabilities[rows], expected, atol=1e-4, rtol=1e-3)
        flat = [(start + first, start + end, label) for first, end, label in spans]
        with torch.no_grad():
            found = crf.span_probabilities(emissions, lengths, flat)
        torch.testing.assert_close(
            found, torch.tensor(list(spans.values())), atol=1e-4, rtol=1e-3
        )
        start += length


@given(batches(), st.data())
@settings(deadline=None, max_examples=60)
def test_gold_mask_and_incorrect_entities(
    batch: tuple[CRF, Tensor, list[int]], data
) -> None:
    crf, emissions, lengths = batch
    gold_mask = torch.rand_like(emissions) < 0.7
    gold_mask[:, 0] = True
    incorrect = []
    if lengths[-1]:
        first = data.draw(st.integers(0, lengths[-1] - 1))
        end = data.draw(st.integers(first + 1, lengths[-1]))
        start = sum(lengths[:-1])
        incorrect = [(start + first, start + end, 0)]
    with torch.no_grad():
        likelihoods = crf(emissions, lengths, gold_mask, incorrect)
    start = 0
    for i, length in enumerate(lengths):
        rows = slice(start, start + length)
        start += length
        if not length:
            assert likelihoods[i] == 0
            continue
        is_last = i == len(lengths) - 1
        agreeing = [
            score
            for path, score in all_paths(crf, emissions[rows], gold_mask[rows])
            if not (is_last and (first, end, 0) in crf.scheme.entities(path))
        ]
        everything = log_sum([score for _, score in all_paths(crf, emissions[rows])])
        expected = log_sum(agreeing) - everything
        assert likelihoods[i].item() == close_to(expected)


def test_several_incorrect_entities_are_independent() -> None:
    crf = make_crf("biluo", 1)
    emissions = torch.randn(4, 5)
    incorrect = [(0, 1, 0), (2, 4, 0)]
    unannotated = torch.ones(4, 5, dtype=torch.bool)
    with torch.no_grad():
        probabilities = crf.span_probabilities(emissions, [4], incorrect)
        likelihood = crf(emissions, [4], unannotated, incorrect)
    expected = torch.log1p(-probabilities).sum()
    assert likelihood.item() == close_to(expected.item())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_confident_incorrect_entity_has_a_gradient(scheme: str) -> None:
    crf = make_crf(scheme, 1)
    emissions = torch.zeros(3, crf.output_width)
    tags = torch.tensor([0, *crf.scheme.tags(2, 0)])
    emissions[range(3), tags] = 20.0
    emissions.requires_grad_()
    unannotated = torch.ones_like(emissions, dtype=torch.bool)
    likelihood = crf(emissions, [3], unannotated, [(1, 3, 0)])
    likelihood.sum().backward()
    assert likelihood.item() < -15
    assert emissions.grad[range(3), tags].sum().item() < -0.9


def test_incorrect_entity_without_an_alternative() -> None:
    crf = make_crf("biluo", 1)
    emissions = torch.randn(1, 5, requires_grad=True)
    gold_mask = torch.tensor([[False, False, False, False, True]])  # U
    for mask in (gold_mask, torch.zeros_like(gold_mask)):
        likelihood = crf(emissions, [1], mask, [(0, 1, 0)])
        assert likelihood.item() == -math.inf
        likelihood.clamp(min=-1e9).sum().backward()
        assert not emissions.grad.any()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_gradients(scheme: str) -> None:
    crf = make_crf(scheme, 1, dtype=torch.float64)
    lengths = [3, 0, 2]
    emissions = torch.randn(5, crf.output_width, dtype=torch.float64)
    gold_mask = torch.ones_like(emissions, dtype=torch.bool)
    gold_mask[0, 1:] = False
    parameters = [emissions.requires_grad_(), *crf.parameters()]

    def likelihood(*_: Tensor) -> Tensor:
        return crf(emissions, lengths, gold_mask, [(3, 5, 0)])

    assert torch.autograd.gradcheck(likelihood, parameters)
    assert torch.autograd.gradcheck(
        lambda *_: crf.log_partition(emissions, lengths), parameters
    )


def test_sequence_without_a_valid_path_has_no_gradient() -> None:
    crf = make_crf("biluo", 1)
    emissions = torch.randn(4, 5, requires_grad=True)
    gold_mask = torch.ones(4, 5, dtype=torch.bool)
    gold_mask[1] = torch.tensor(
        [False, True, False, False, False]
    )  # B, and nothing after
    gold_mask[0] = gold_mask[1]
    gold_mask[2, 1:] = False
    likelihoods = crf(emissions, [2, 2], gold_mask)
    assert likelihoods[0] == -math.inf
    assert likelihoods[1].isfinite()
    (-likelihoods[1]).backward()
    gradients = [emissions.grad, *(p.grad for p in crf.parameters())]
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert not emissions.grad[:2].any()
    assert emissions.grad[2:].any()


def test_fp32_is_accurate_for_10000_tokens() -> None:
    crf = make_crf("biluo", 3)
    emissions = 5 * torch.randn(10_000, crf.output_width)
    exact = make_crf("biluo", 3, dtype=torch.float64)
    exact.load_state_dict(crf.state_dict())
    paths, exact_paths = (
        model.best_paths(values, [10_000])
        for model, values in ((crf, emissions), (exact, emissions.double()))
    )
    assert torch.equal(paths.tags, exact_paths.tags)
    spans = list(crf.scheme.entities(paths.tags[0].tolist()))
    assert len(spans) > 1000
    with torch.no_grad():
        for name, arguments in (
            ("span_probabilities", [[10_000], spans]),
            ("tag_probabilities", [[10_000]]),
            ("log_partition", [[10_000]]),
        ):
            found = getattr(crf, name)(emissions, *arguments)
            expected = getattr(exact, name)(emissions.double(), *arguments)
            torch.testing.assert_close(
                found, expected.to(found.dtype), atol=1e-5, rtol=1e-5
            )


@given(st.integers(0, 2**16), st.sampled_from(SCHEMES), st.sampled_from([0.1, 1e4]))
@settings(deadline=None, max_examples=50)
def test_paths_are_valid_for_any_weights(seed: int, scheme: str, scale: float) -> None:
    torch.manual_seed(seed)
    crf = make_crf(scheme, 3, scale)
    lengths = torch.randint(0, 12, (5,)).tolist()
    emissions = scale * torch.randn(sum(lengths), crf.output_width)
    tags, scores = crf.best_paths(emissions, lengths, 4)
    start = 0
    for i, length in enumerate(lengths):
        for path, score in zip(
            tags[:, start : start + length].tolist(), scores[:, i], strict=True
        ):
            if score.isfinite():
                encoded = [0] * length
                for first, end, label in crf.scheme.entities(path):
                    encoded[first:end] = crf.scheme.tags(end - first, label)
                assert encoded == path
        start += length
    assert scores[0].isfinite().all()


def test_decoding_respects_the_mask() -> None:
    crf = make_crf("biluo", 2)
    emissions = torch.randn(6, crf.output_width)
    allowed = torch.ones(6, crf.output_width, dtype=torch.bool)
    crf.scheme.constrain_to_span(allowed, (1, 4, 1))
    tags, _ = crf.best_paths(emissions, [6], 3, allowed)
    assert all((1, 4, 1) in crf.scheme.entities(path) for path in tags.tolist())
    with torch.no_grad():
        probability = crf.span_probabilities(emissions, [6], [(1, 4, 1)], allowed)
    assert probability.item() == pytest.approx(1.0)


def test_cross_entropy_is_minimal_for_equal_models() -> None:
    crf, teacher = make_crf("bio", 1), make_crf("bio", 1)
    emissions, lengths = torch.randn(5, 3), [3, 2]
    expected = teacher.expectations(emissions, lengths)
    crf.load_state_dict(teacher.state_dict())
    loss = crf.cross_entropy(emissions, lengths, expected)
    loss.backward()
    assert all(p.grad.abs().max() < 1e-5 for p in crf.parameters())
    entropy = -sum(
        math.exp(score - total) * (score - total)
        for rows in (slice(3), slice(3, 5))
        for paths in [list(all_paths(teacher, emissions[rows]))]
        for total in [log_sum([score for _, score in paths])]
        for _, score in paths
    )
    assert loss.item() == close_to(entropy)
    other = make_crf("bio", 1)
    assert other.cross_entropy(emissions, lengths, expected) > loss


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_gpu_gives_the_same_results() -> None:
    crf = make_crf("biluo", 3)
    emissions, lengths = torch.randn(40, 13), [20, 0, 15, 5]
    spans = [(0, 2, 1), (19, 20, 0)]
    gold_mask = torch.ones(40, 13, dtype=torch.bool)
    gold_mask[4:9, 1:] = False
    results = []
    for device in ("cpu", "cuda"):
        model, values = crf.to(device), emissions.to(device)
        with torch.no_grad():
            results.append(
                [
                    model(values, lengths, gold_mask.to(device), spans).cpu(),
                    model.best_paths(values, lengths, 3).tags.cpu(),
                    model.span_probabilities(values, lengths, spans).cpu(),
                ]
            )
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
