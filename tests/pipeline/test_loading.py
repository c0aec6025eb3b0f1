"""Saved components whose files were changed."""

import random
from pathlib import Path
from typing import Any

import numpy
import pytest
import spacy
import srsly
from spacy.language import Language

from ..util import FACTORIES, make_examples, make_trained
from .test_pickling import HASH_EMBED

CHANGED = "are not those that were saved"


@pytest.fixture(params=FACTORIES)
def trained(request: pytest.FixtureRequest) -> Language:
    return make_trained(request.param, {})


def without_checksum(path: Path) -> dict[str, Any]:
    """Make a folder look like one that version 0.1 saved."""
    cfg = srsly.read_json(path / "cfg")
    del cfg["sha256"]
    srsly.write_json(path / "cfg", cfg)
    return cfg


def test_what_is_saved_loads(trained: Language, tmp_path: Path) -> None:
    (name,) = trained.pipe_names
    trained.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    from_bytes = spacy.util.load_model_from_config(trained.config, auto_fill=True)
    from_bytes.from_bytes(trained.to_bytes())
    without_checksum(tmp_path / name)
    for other in (loaded, from_bytes, spacy.load(tmp_path)):
        assert other.get_pipe(name).cfg == trained.get_pipe(name).cfg
        assert (
            other.get_pipe(name).model.to_bytes()
            == trained.get_pipe(name).model.to_bytes()
        )


def make_shared() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_tok2vec", name="tok2vec")
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 256}
    nlp.add_pipe("lstm_textcat", config={"model": {"tok2vec": listener}})
    examples = make_examples(nlp)
    nlp.update(examples, sgd=nlp.initialize(lambda: examples))
    return nlp


def test_a_shared_network(tmp_path: Path) -> None:
    nlp = make_shared()
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    for own, other in zip(loaded.pipeline, nlp.pipeline, strict=True):
        assert own[1].model.to_bytes() == other[1].model.to_bytes()  # type: ignore[attr-defined]
    assert loaded("a book").cats == nlp("a book").cats
    for part in ("model", "cfg"):
        saved = (tmp_path / "tok2vec" / part).read_bytes()
        middle = len(saved) // 2
        flipped = saved[:middle] + bytes([saved[middle] ^ 1]) + saved[middle + 1 :]
        for damaged in (b"", saved[:-3], flipped):
            (tmp_path / "tok2vec" / part).write_bytes(damaged)
            with pytest.raises(ValueError, match="'tok2vec': can't load"):
                spacy.load(tmp_path)
        (tmp_path / "tok2vec" / part).unlink()
        with pytest.raises(ValueError, match=r"'tok2vec': can't load .* is missing"):
            spacy.load(tmp_path)
        (tmp_path / "tok2vec" / part).write_bytes(saved)
    nlp.replace_listeners("tok2vec", "lstm_textcat", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert nlp("a book").cats == pytest.approx(loaded("a book").cats)


def test_any_bit_that_is_flipped_is_found(trained: Language, tmp_path: Path) -> None:
    pipe: Any = trained.get_pipe(trained.pipe_names[0])
    pipe.to_disk(tmp_path, exclude=["vocab"])
    before = pipe.to_bytes()
    for part in ("model", "cfg"):
        saved = (tmp_path / part).read_bytes()
        for place in random.Random(0).sample(range(len(saved)), 10):
            damaged = bytearray(saved)
            damaged[place] ^= 1
            (tmp_path / part).write_bytes(damaged)
            # The name of the checksum may be damaged itself.
            if part == "cfg" and b'"sha256"' not in damaged:
                continue
            with pytest.raises(ValueError, match=f"'{pipe.name}': can't load"):
                pipe.from_disk(tmp_path, exclude=["vocab"])
        (tmp_path / part).write_bytes(saved)
    assert pipe.to_bytes() == before
    pipe.from_disk(tmp_path, exclude=["vocab"])


def test_labels_in_another_order_are_refused(trained: Language, tmp_path: Path) -> None:
    pipe: Any = trained.get_pipe(trained.pipe_names[0])
    pipe.to_disk(tmp_path)
    cfg = srsly.read_json(tmp_path / "cfg")
    for key in ("labels", "labels_morph"):
        labels = cfg.get(key)
        if isinstance(labels, dict):
            cfg[key] = dict(reversed(labels.items()))
        elif labels:
            cfg[key] = labels[::-1]
    srsly.write_json(tmp_path / "cfg", cfg)
    with pytest.raises(ValueError, match=CHANGED):
        pipe.from_disk(tmp_path)
    saved = srsly.msgpack_loads(pipe.to_bytes())
    saved["cfg"] = srsly.json_dumps(cfg).encode("utf8")
    with pytest.raises(ValueError, match=CHANGED):
        pipe.from_bytes(srsly.msgpack_dumps(saved))


@pytest.mark.parametrize("temperature", [0, 1e-320, -1, None, "1", float("nan"), 1e300])
def test_temperatures(temperature: Any, tmp_path: Path) -> None:
    pipe: Any = make_trained("lstm_ner", {}).get_pipe("lstm_ner")
    pipe.to_disk(tmp_path)
    cfg = without_checksum(tmp_path)
    (tmp_path / "cfg").write_text(
        srsly.json_dumps({**cfg, "temperature": 1}).replace(
            '"temperature":1', f'"temperature":{to_json(temperature)}'
        )
    )
    with pytest.raises(ValueError, match="its temperature is"):
        pipe.from_disk(tmp_path)


def to_json(value: Any) -> str:
    return "NaN" if value != value else srsly.json_dumps(value)


@pytest.mark.parametrize("labels", [["good", "good"], ["good", ""]])
def test_labels_that_are_equal_or_empty(labels: list[str], tmp_path: Path) -> None:
    pipe: Any = make_trained("lstm_textcat", {}).get_pipe("lstm_textcat")
    pipe.to_disk(tmp_path)
    cfg = without_checksum(tmp_path)
    srsly.write_json(tmp_path / "cfg", {**cfg, "labels": labels})
    with pytest.raises(ValueError, match="equal or empty"):
        spacy.blank("en").add_pipe("lstm_textcat").from_disk(tmp_path)


@pytest.mark.parametrize("is_missing", [True, False])
def test_parameters_of_thinc_without_checksum(is_missing: bool, tmp_path: Path) -> None:
    pipe: Any = make_trained("lstm_textcat", {"model": HASH_EMBED}).get_pipe(
        "lstm_textcat"
    )
    node = next(node for node in pipe.model.walk() if node.name == "maxout")
    if is_missing:
        node.set_param("b", None)
    else:
        node.set_param("b", numpy.full_like(node.get_param("b"), numpy.nan))
    pipe.to_disk(tmp_path)
    without_checksum(tmp_path)
    message = "parameters .* only" if is_missing else "maxout contains NaN"
    config = {"model": HASH_EMBED}
    with pytest.raises(ValueError, match=message):
        spacy.blank("en").add_pipe("lstm_textcat", config=config).from_disk(tmp_path)
