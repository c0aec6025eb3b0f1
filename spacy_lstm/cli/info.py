"""`spacy lstm info`."""

from configparser import Error as ConfigParserError
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Union

import typer
from spacy.language import Language

from ..errors import Errors, one_line
from .app import CommandError, command
from .files import load_pipeline

if TYPE_CHECKING:
    from rich.tree import Tree

    from ..evaluation.model_summary import (
        Architecture,
        Component,
        Layer,
        Pipeline,
        Weights,
    )

UNKNOWN = "?"
# Don't wrap lines. Terminals wrap them anyway.
MAX_WIDTH = 10_000


@command("info")
def info(
    model: Annotated[
        str, typer.Argument(help="Pipeline package or folder, or a .cfg file")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Show the layers, weights and sizes of a pipeline."""
    from dataclasses import asdict

    import srsly
    from rich.console import Console

    from ..evaluation.model_summary import describe

    is_config = Path(model).suffix == ".cfg"
    pipeline = describe(make_blank(model) if is_config else load_pipeline(model))
    if as_json:
        print(srsly.json_dumps(asdict(pipeline), indent=2))
    else:
        console = Console(width=MAX_WIDTH, markup=False, emoji=False, highlight=False)
        console.print(draw(model, pipeline), soft_wrap=True)


def make_blank(config: str) -> Language:
    """Create the pipeline of a config, without training it.

    config (str): The .cfg file.
    RETURNS (Language): The pipeline.
    RAISES (CommandError): If the config doesn't exist or is invalid.
    """
    from spacy.util import load_config, load_model_from_config

    try:
        return load_model_from_config(load_config(config), auto_fill=True)
    except (ConfigParserError, ImportError, OSError, ValueError) as error:
        reason = f"{one_line(error)}."
        raise CommandError(Errors.L061.format(model=config, reason=reason)) from None


def draw(title: str, pipeline: "Pipeline") -> "Tree":
    """Draw a pipeline as a tree.

    title (str): Title of the root.
    pipeline (Pipeline): The pipeline.
    RETURNS (Tree): The tree.
    """
    from rich.tree import Tree

    tree = Tree(f"{title} ({pipeline.lang}): {describe_size(pipeline)}")
    if pipeline.vectors is not None:
        tree.add(f"static {describe_weights(pipeline.vectors)} (not trained)")
    for component in pipeline.components:
        branch = tree.add(describe_component(component))
        if component.architectures:
            settings = branch.add("config")
            for architecture in component.architectures:
                settings.add(describe_architecture(architecture))
        if component.network is not None:
            draw_layer(branch, component.network)
    return tree


def draw_layer(tree: "Tree", layer: "Layer") -> None:
    """Add a layer and its sublayers to a tree.

    tree (Tree): The tree.
    layer (Layer): The layer.
    """
    branch = tree.add(describe_layer(layer))
    for weights in layer.weights:
        branch.add(describe_weights(weights))
    for sublayer in layer.layers:
        draw_layer(branch, sublayer)


def describe_component(component: "Component") -> str:
    factory = f" ({component.factory})" * (component.factory != component.name)
    size = describe_size(component) if component.network else "no network"
    return f"{component.name}{factory}: {size}"


def describe_architecture(architecture: "Architecture") -> str:
    import srsly

    settings = ", ".join(
        f"{name} = {srsly.json_dumps(value)}"
        for name, value in architecture.settings.items()
    )
    return f"{architecture.path}: {architecture.name}({settings})"


def describe_layer(layer: "Layer") -> str:
    dims = [f"{name} {or_unknown(dim)}" for name, dim in layer.dims.items()]
    label = f"{layer.role}: " if layer.role else ""
    label += layer.name + f" ({', '.join(dims)})" * bool(dims)
    if layer.listens_to is not None:
        return f"{label}, listens to {layer.listens_to}"
    if layer.is_repeated:
        return f"{label}, same as above"
    if layer.n_parameters == 0:
        return label
    return f"{label}: {or_unknown(layer.n_parameters)}"


def describe_weights(weights: "Weights") -> str:
    shape = " x ".join(map(str, weights.shape or UNKNOWN))
    return f"{weights.name} ({shape}): {or_unknown(weights.n_parameters)}"


def describe_size(part: Union["Pipeline", "Component"]) -> str:
    from rich.filesize import decimal

    size = f"{or_unknown(part.n_parameters)} parameters"
    if part.n_bytes is None:
        return size
    return f"{size}, {decimal(part.n_bytes, precision=2)}"


def or_unknown(number: int | None) -> str:
    return UNKNOWN if number is None else f"{number:,}"
