import math

import numpy
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional

from spacy_lstm.modules.ngram_fitting import (
    COSTS,
    SMOOTHING,
    Gold,
    LinearFit,
    feature_scales,
    fit_ngrams,
    select_features,
)
from spacy_lstm.modules.ngrams import NgramClassifier, NgramCounts, SparseMatrix

from ..util import numerical_gradient

DENSE = torch.tensor([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 3.0]])


def make_sparse(dense: Tensor) -> SparseMatrix:
    rows, columns = dense.nonzero(as_tuple=True)
    values = dense[rows, columns]
    return SparseMatrix.from_entries(rows, columns, values, *dense.shape)


def make_dense(sparse: SparseMatrix) -> Tensor:
    dense = torch.zeros(sparse.n_rows, sparse.n_columns)
    return dense.index_put((sparse.rows, sparse.columns), sparse.values)


def make_counts(*docs: list[dict[int, int]]) -> NgramCounts:
    """Create counts from documents of two bags, each a dict from bucket to count."""
    bags = [bag for doc in docs for bag in doc]
    entries = [
        (bucket, count, number)
        for number, bag in enumerate(bags)
        for bucket, count in sorted(bag.items())
    ]
    buckets, counts, numbers = zip(*entries, strict=True)
    return NgramCounts(
        torch.tensor(buckets),
        torch.tensor(counts, dtype=torch.float),
        torch.tensor(numbers),
        len(docs),
        2,
    )


def make_classifier(buckets: list[int], n_labels: int = 2) -> NgramClassifier:
    classifier = NgramClassifier(10, len(buckets), n_labels)
    state = classifier.state_dict()
    classifier.load_state_dict({**state, "buckets": torch.tensor(buckets)})
    return classifier


def test_sparse_matrix() -> None:
    sparse = make_sparse(DENSE)
    other = torch.randn(3, 2)
    torch.testing.assert_close(make_dense(sparse), DENSE)
    torch.testing.assert_close(make_dense(sparse.transpose()), DENSE.T)
    torch.testing.assert_close(sparse @ other, DENSE @ other)
    chosen = torch.tensor([True, True, False])
    torch.testing.assert_close(make_dense(sparse.select(chosen)), DENSE[chosen])


def test_empty_sparse_matrix() -> None:
    sparse = make_sparse(torch.zeros(2, 3))
    assert (sparse @ torch.randn(3, 2)).tolist() == [[0, 0], [0, 0]]
    assert make_dense(sparse.transpose()).shape == (3, 2)


def test_weights_are_normalized_by_bag_and_by_document() -> None:
    classifier = make_classifier([2, 3, 7])
    classifier.idf.copy_(torch.tensor([1.0, 2.0, 1.0]))
    ngrams = make_counts([{2: 1, 3: 1}, {7: 3}], [{5: 2}, {7: 1, 8: 4}], [{5: 1}, {}])
    half = math.sqrt(0.5)
    expected = [
        [half / math.sqrt(5), half * 2 / math.sqrt(5), half],
        [0, 0, 1],
        [0, 0, 0],
    ]
    numpy.testing.assert_allclose(
        make_dense(classifier.tfidf(ngrams)), expected, rtol=1e-6
    )


def test_counts_have_logarithmic_weights() -> None:
    classifier = make_classifier([2, 3])
    weights = make_dense(classifier.tfidf(make_counts([{2: 1, 3: 4}, {}])))
    assert weights[0, 1] / weights[0, 0] == pytest.approx(1 + math.log(4))


def test_scores() -> None:
    classifier = make_classifier([2, 7])
    classifier.weight.copy_(torch.tensor([[1.0, -1.0], [3.0, 0.0]]))
    classifier.bias.copy_(torch.tensor([0.5, 0.0]))
    scores = classifier(make_counts([{2: 1}, {}], [{4: 1}, {7: 1}], [{4: 1}, {}]))
    numpy.testing.assert_allclose(scores, [[1.5, -1], [3.5, 0], [0.5, 0]])


def test_join_equals_a_single_batch() -> None:
    first, second = [{2: 1}, {7: 2}], [{2: 3}, {}]
    joined = NgramCounts.join([make_counts(first), make_counts(second)])
    together = make_counts(first, second)
    assert joined.n_docs == 2
    for name in ("buckets", "counts", "bags"):
        assert getattr(joined, name).tolist() == getattr(together, name).tolist()


def test_features_have_the_minimum_document_frequency() -> None:
    ngrams = make_counts([{2: 9, 3: 1}, {7: 1}], [{3: 1}, {7: 1}], [{}, {7: 1}])
    buckets, idf = select_features(ngrams, 10, min_df=2, n_labels=2)
    assert buckets.tolist() == [3, 7]
    expected = [math.log(4 / 3) + 1, math.log(4 / 4) + 1]
    numpy.testing.assert_allclose(idf, expected, rtol=1e-6)


def test_many_labels_limit_the_features(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spacy_lstm.modules.ngram_fitting.MAX_WEIGHTS", 6)
    ngrams = make_counts([{2: 1, 3: 1}, {7: 1}], [{3: 1}, {7: 1}])
    buckets, _ = select_features(ngrams, 10, min_df=1, n_labels=3)
    assert buckets.tolist() == [3, 7]


def objective_of(labels: Tensor):  # type: ignore[no-untyped-def]
    def objective(logits: Tensor, docs: Tensor) -> tuple[float, Tensor]:
        gold = functional.one_hot(labels[docs], 3).to(logits)
        loss = functional.cross_entropy(logits, gold, reduction="sum")
        return float(loss), logits.softmax(1) - gold

    return objective


def gold_of(labels: Tensor) -> Gold:
    positive = functional.one_hot(labels, 3).float()
    return Gold(positive, 1 - positive)


def test_scales() -> None:
    dense = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    positive = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    negative = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    scales = feature_scales(make_sparse(dense).transpose(), Gold(positive, negative))
    a, b = 1 + SMOOTHING, SMOOTHING
    # The second label has the larger ratios.
    first = math.log(a / (a + b)) - math.log(a / (a + 2 + SMOOTHING))
    second = math.log(b / (a + b)) - math.log((2 + SMOOTHING) / (a + 2 + SMOOTHING))
    assert scales[0] == pytest.approx(math.sqrt(abs(first)))
    assert scales[1] == pytest.approx(math.sqrt(abs(second)))


@pytest.mark.parametrize("cost", [0.3, 10.0])
def test_fit_agrees_with_scikit_learn(cost: float) -> None:
    torch.manual_seed(0)
    dense = torch.rand(60, 5) * (torch.rand(60, 5) > 0.5)
    labels = (dense[:, 0] + 0.5 * torch.randn(60) > 0).long() + (dense[:, 1] > 0.5)
    features, gold = make_sparse(dense), gold_of(labels)
    fit = LinearFit(features, torch.arange(60), objective_of(labels), gold)
    found = fit.fit(cost).predict(features).softmax(1)
    scaled = dense * feature_scales(features.transpose(), gold)
    expected = LogisticRegression(C=cost, tol=1e-8, max_iter=1000).fit(scaled, labels)
    numpy.testing.assert_allclose(found, expected.predict_proba(scaled), atol=1e-2)


def test_gradient_of_the_fit() -> None:
    torch.manual_seed(0)
    dense, labels = torch.rand(6, 4).double(), torch.tensor([0, 1, 2, 2, 0, 1])
    gold = Gold(*(values.double() for values in gold_of(labels)))
    fit = LinearFit(make_sparse(dense), torch.arange(6), objective_of(labels), gold)
    fit.weight, fit.bias = torch.randn(4, 3).double(), torch.randn(3).double()
    _, d_weight, d_bias = fit.differentiate(0.5)
    for name, gradient in (("weight", d_weight), ("bias", d_bias)):

        def loss(values: numpy.ndarray, name: str = name) -> float:
            setattr(fit, name, torch.from_numpy(values))
            return fit.differentiate(0.5)[0]

        values = getattr(fit, name).numpy()
        numpy.testing.assert_allclose(
            gradient, numerical_gradient(loss, values, 1e-4), atol=1e-6
        )
        setattr(fit, name, torch.from_numpy(values))


def test_cost_is_selected_on_held_out_documents() -> None:
    torch.manual_seed(0)
    n_docs = 60
    labels = torch.randint(3, (n_docs,))
    told = [[{int(label): 1}, {}] for label in labels]
    guessed = [[{int(label): 1}, {}] for label in labels[torch.randperm(n_docs)]]
    costs = []
    for docs in (told, guessed):
        classifier = make_classifier([0, 1, 2], n_labels=3)
        cost, held_out = fit_ngrams(
            classifier,
            make_counts(*docs),
            objective_of(labels),
            gold_of(labels),
            torch.Generator().manual_seed(0),
        )
        costs.append(cost)
        accuracy = (held_out.argmax(1) == labels).float().mean()
        assert (accuracy > 0.9) == (docs is told)
    assert costs == [COSTS[-1], COSTS[0]]


def test_fit_with_a_single_document() -> None:
    classifier = make_classifier([2], n_labels=3)
    labels = torch.tensor([1])
    ngrams = make_counts([{2: 1}, {}])
    generator = torch.Generator().manual_seed(0)
    fit_ngrams(classifier, ngrams, objective_of(labels), gold_of(labels), generator)
    assert classifier(ngrams).argmax() == 1
