"""Starter configs for training."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from spacy.language import Language
from spacy.util import (
    CONFIG_SECTION_ORDER,
    get_lang_class,
    load_config_from_str,
    load_model,
    load_model_from_config,
)
from thinc.api import Config

from ..errors import Errors, first_line

TEXT_TASKS = ["textcat", "textcat_multilabel"]
TASKS = [*TEXT_TASKS, "tagger", "morphologizer", "ner"]
# Number of units per direction, and number of layers.
SIZES = {"small": (64, 1), "medium": (128, 1), "large": (200, 2)}
WIDTH_FOR_TEXTS = {"medium": 96}
# Character encoder, and factor of the number of training steps.
CHARS = {"efficiency": "cnn", "accuracy": "lstm"}
LENGTHS = {"efficiency": 1, "accuracy": 2}
# Languages that capitalize nouns.
NOUNS_IN_CAPITALS = ["de", "lb"]


def make_config(
    tasks: Sequence[str],
    *,
    lang: str = "en",
    size: str = "medium",
    optimize: str = "efficiency",
    vectors: str | None = None,
    gpu: bool = False,
) -> Config:
    """Create a complete config with a component for each task.

    A single text classifier has its own `tok2vec`; several components share one. If
    tokens are annotated, the shared `tok2vec` reads words and their characters, as in
    configs/tagger.cfg and configs/ner.cfg, and text classifiers listen to it.

    tasks (Sequence[str]): "textcat", "textcat_multilabel", "tagger", "morphologizer"
        and "ner", without duplicates, in the order of the pipeline.
    lang (str): Language code. The default tokenizer of the language is used.
    size (str): Width and depth of the network: "small", "medium" or "large".
    optimize (str): "efficiency", or "accuracy" for twice as many training steps and an
        LSTM over characters.
    vectors (str | None): Package or folder with static vectors, or None.
    gpu (bool): Whether to create a config for a GPU.
    RETURNS (Config): The config.
    RAISES (ValueError): If an argument is invalid, or a package is missing.
    """
    check_tasks(tasks)
    check_choice("size", size, SIZES)
    check_choice("optimize", optimize, CHARS)
    language = find_language(lang)
    if vectors is not None:
        check_vectors(vectors)
    text = render(
        **choose_network(tasks, language, size, optimize, vectors is not None),
        **choose_training(tasks, language, optimize, vectors is not None),
        tasks=tasks,
        lang=lang,
        has_vectors=vectors is not None,
        gpu=gpu,
    )
    config = load_config_from_str(text, overrides={"paths.vectors": vectors})
    try:
        config = load_model_from_config(config, auto_fill=True).config
    except ImportError as error:
        message = Errors.L079.format(lang=lang, reason=first_line(error))
        raise ValueError(message) from None
    set_score_weights(config, [f"lstm_{task}" for task in tasks if task in TEXT_TASKS])
    return config


def set_score_weights(config: Config, classifiers: Sequence[str]) -> None:
    """Add the scores of n-grams, and separate the scores of two text classifiers.

    config (Config): The config, which is modified in place.
    classifiers (Sequence[str]): Names of the text classifiers.
    """
    weights = config["training"]["score_weights"]
    if len(classifiers) == 1:
        weights["cats_ngrams_score"] = 0.0
    elif classifiers:
        share, weights["cats_score"] = weights["cats_score"] / len(classifiers), None
        weights.update({f"{name}_score": share for name in classifiers})
        weights.update({f"{name}_ngrams_score": 0.0 for name in classifiers})


def to_text(config: Config) -> str:
    """Format a config with each section below its parent section.

    config (Config): The config.
    RETURNS (str): The content of a .cfg file.
    """
    names = [name for name in CONFIG_SECTION_ORDER if name in config]
    ordered = Config({name: config[name] for name in names})
    blocks = {}
    for block in re.split(r"\n+(?=\[)", ordered.to_str(interpolate=False)):
        path = block.partition("]")[0].removeprefix("[").split(".")
        blocks[tuple(path)] = block.strip()
    places = {path: place for place, path in enumerate(blocks)}

    def place_in_tree(path: tuple[str, ...]) -> list[int]:
        return [places[path[: i + 1]] for i in range(len(path))]

    return "\n\n".join(blocks[path] for path in sorted(blocks, key=place_in_tree))


def render(**settings: Any) -> str:
    environment = Environment(
        loader=PackageLoader("spacy_lstm.training", ""),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("starter_config.jinja").render(settings)


def choose_network(
    tasks: Sequence[str],
    language: type[Language],
    size: str,
    optimize: str,
    has_vectors: bool,
) -> dict[str, Any]:
    tokens = reads_tokens(tasks)
    width, depth = SIZES[size]
    names = [f"lstm_{task}" for task in tasks]
    is_shared = tokens or len(tasks) > 1
    # Tokens that are single characters have neither affixes nor shapes.
    of_words = language.default_config["nlp"]["tokenizer"].get("segmenter") != "char"
    attributes = {"NORM": 5000, "PREFIX": 1000, "SUFFIX": 2500, "SHAPE": 2500}
    if not of_words:
        attributes = {"NORM": 8000}
    elif has_vectors and not tokens:
        # With static vectors, trainable word embeddings overfit small corpora.
        attributes = {}
    return {
        "reads_tokens": tokens,
        "is_shared": is_shared,
        "pipeline": ["tok2vec", *names] if is_shared else names,
        "width": width if tokens else WIDTH_FOR_TEXTS.get(size, width),
        "depth": depth,
        "attrs": list(attributes),
        "rows": list(attributes.values()),
        "chars": CHARS[optimize] if of_words else None,
        "has_pairs": not of_words and not tokens,
    }


def choose_training(
    tasks: Sequence[str], language: type[Language], optimize: str, has_vectors: bool
) -> dict[str, Any]:
    tokens = reads_tokens(tasks)
    factor = LENGTHS[optimize]
    has_case = language.Defaults.writing_system["has_case"]
    is_tagged = tokens and "ner" not in tasks
    return {
        "text_tasks": TEXT_TASKS,
        "is_calibrated": bool({"ner", *TEXT_TASKS} & set(tasks)),
        "max_steps": factor * (6000 if tokens else 2000 if has_vectors else 1000),
        "lower_case": is_tagged and has_case and language.lang not in NOUNS_IN_CAPITALS,
    }


def reads_tokens(tasks: Sequence[str]) -> bool:
    """Check whether any task annotates tokens rather than texts.

    tasks (Sequence[str]): The tasks.
    RETURNS (bool): Whether tokens are annotated.
    """
    return not set(tasks) <= set(TEXT_TASKS)


def check_tasks(tasks: Sequence[str]) -> None:
    known = ", ".join(TASKS)
    if not tasks:
        raise ValueError(Errors.L075.format(task="", known=known))
    for task in tasks:
        if task not in TASKS:
            raise ValueError(Errors.L075.format(task=task, known=known))
        if tasks.count(task) > 1:
            raise ValueError(Errors.L076.format(task=task))


def check_choice(option: str, value: str, known: Collection[str]) -> None:
    if value not in known:
        message = Errors.L077.format(
            option=option, value=value, known=", ".join(map(repr, known))
        )
        raise ValueError(message)


def find_language(lang: str) -> type[Language]:
    """Find the class of a language.

    lang (str): The language code.
    RETURNS (type[Language]): The class.
    RAISES (ValueError): If spaCy doesn't support the language.
    """
    try:
        return get_lang_class(lang)
    except (AttributeError, ImportError, ValueError):
        raise ValueError(Errors.L078.format(lang=lang)) from None


def check_vectors(vectors: str) -> None:
    """Check that a pipeline has static vectors.

    vectors (str): Package or folder.
    RAISES (ValueError): If it has no vectors or can't be loaded.
    """
    try:
        n_vectors = load_model(vectors).vocab.vectors.shape[0]
        reason = "there are no vectors in it."
    # Damaged folders can raise any exception, depending on the component.
    except Exception as error:
        n_vectors, reason = 0, first_line(error)
    if not n_vectors:
        raise ValueError(Errors.L080.format(vectors=vectors, reason=reason))
