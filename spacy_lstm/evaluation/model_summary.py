"""Summaries of the models in a pipeline."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from spacy.language import Language
from spacy.vectors import Vectors
from thinc.api import Model

# Operators in the names of layers made by Thinc's combinators.
COMBINATORS = {">>": "chain", "|": "concatenate"}


@dataclass(frozen=True)
class Weights:
    """One parameter array of a layer.

    name (str): The name. Names in torch modules contain dots.
    shape (tuple[int, ...] | None): The shape, or None if it is unknown.
    n_parameters (int | None): Number of values.
    n_bytes (int | None): Size in bytes.
    """

    name: str
    shape: tuple[int, ...] | None = None
    n_parameters: int | None = None
    n_bytes: int | None = None


@dataclass(frozen=True)
class Layer:
    """A layer of a model.

    name (str): The name of the layer.
    role (str | None): The model's reference to the layer, such as "encode".
    dims (dict[str, int | None]): The dimensions, None if unknown.
    n_parameters (int | None): Number of parameters, including sublayers, or None if
        unknown.
    n_bytes (int | None): Size of the parameters in bytes.
    listens_to (str | None): The component that a listener is connected to.
    is_repeated (bool): Whether the layer occurred before in the pipeline. Weights and
        sublayers are only listed and counted for the first occurrence.
    weights (list[Weights]): The layer's own parameters, including torch modules.
    layers (list[Layer]): The sublayers.
    """

    name: str
    role: str | None
    dims: dict[str, int | None]
    n_parameters: int | None = 0
    n_bytes: int | None = 0
    listens_to: str | None = None
    is_repeated: bool = False
    weights: list[Weights] = field(default_factory=list)
    layers: list["Layer"] = field(default_factory=list)


@dataclass(frozen=True)
class Architecture:
    """A registered architecture in the config of a model.

    path (str): Path of the block in the component's config, such as "model.tok2vec".
    name (str): The registered name.
    settings (dict[str, Any]): The arguments, except for sub-blocks.
    """

    path: str
    name: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Component:
    """A pipeline component.

    name (str): The name of the component.
    factory (str): The name of its factory.
    n_parameters (int | None): Number of parameters, or None if unknown.
    n_bytes (int | None): Size of the parameters in bytes.
    architectures (list[Architecture]): The architectures of the model.
    network (Layer | None): The model, or None if the component has none.
    """

    name: str
    factory: str
    n_parameters: int | None
    n_bytes: int | None
    architectures: list[Architecture]
    network: Layer | None


@dataclass(frozen=True)
class Pipeline:
    """A pipeline.

    lang (str): The language code.
    name (str): The name of the pipeline.
    n_parameters (int | None): Number of parameters of all components, or None if
        unknown.
    n_bytes (int | None): Size of the parameters in bytes.
    vectors (Weights | None): The static vectors, which are not counted above.
    components (list[Component]): The components, including disabled ones.
    """

    lang: str
    name: str
    n_parameters: int | None
    n_bytes: int | None
    vectors: Weights | None
    components: list[Component]


def describe(nlp: Language) -> Pipeline:
    """Describe the components, layers and weights of a pipeline.

    nlp (Language): The pipeline, trained or not.
    RETURNS (Pipeline): The description.
    """
    upstream = {
        listener.id: name
        for name, pipe in nlp.components
        for listener in getattr(pipe, "listeners", [])
    }
    config, seen = nlp.config["components"], set[int]()
    components = [
        describe_component(nlp, name, config[name], upstream, seen)
        for name in nlp.component_names
    ]
    return Pipeline(
        nlp.meta["lang"],
        nlp.meta["name"],
        n_parameters=total(component.n_parameters for component in components),
        n_bytes=total(component.n_bytes for component in components),
        vectors=describe_vectors(nlp),
        components=components,
    )


def describe_component(
    nlp: Language,
    name: str,
    config: Mapping[str, Any],
    upstream: Mapping[int, str],
    seen: set[int],
) -> Component:
    """Describe a component.

    nlp (Language): The pipeline.
    name (str): Name of the component.
    config (Mapping[str, Any]): The config of the component.
    upstream (Mapping[int, str]): Names of the components that listeners are connected
        to, by layer id.
    seen (set[int]): Ids of the layers described so far, which is updated in place.
    RETURNS (Component): The description.
    """
    pipe = dict(nlp.components)[name]
    model = getattr(pipe, "model", None)
    network = None
    if isinstance(model, Model):
        network = describe_layer(model, roles_in(model), upstream, seen)
    return Component(
        name,
        nlp.get_pipe_meta(name).factory,
        n_parameters=network.n_parameters if network else 0,
        n_bytes=network.n_bytes if network else 0,
        architectures=list(find_architectures("model", config.get("model") or {})),
        network=network,
    )


def describe_layer(
    model: Model, roles: Mapping[int, str], upstream: Mapping[int, str], seen: set[int]
) -> Layer:
    """Describe a layer and its sublayers.

    model (Model): The layer.
    roles (Mapping[int, str]): Reference names of layers, by layer id.
    upstream (Mapping[int, str]): Names of the components that listeners are connected
        to, by layer id.
    seen (set[int]): Ids of the layers described so far, which is updated in place.
    RETURNS (Layer): The description.
    """
    name, role = short_name(model), roles.get(model.id)
    dims = {dim: model.maybe_get_dim(dim) for dim in sorted(model.dim_names)}
    source = getattr(model, "upstream_name", None)
    if source is not None:
        return Layer(name, role, dims, listens_to=upstream.get(model.id, source))
    if model.id in seen:
        return Layer(name, role, dims, is_repeated=True)
    seen.add(model.id)
    weights = [*weights_of_thinc(model), *weights_of_torch(model)]
    layers = [describe_layer(layer, roles, upstream, seen) for layer in model.layers]
    parts: list[Weights | Layer] = [*weights, *layers]
    return Layer(
        name,
        role,
        dims,
        n_parameters=total(part.n_parameters for part in parts),
        n_bytes=total(part.n_bytes for part in parts),
        weights=weights,
        layers=layers,
    )


def weights_of_thinc(model: Model) -> Iterator[Weights]:
    for name in model.param_names:
        if model.has_param(name):
            values: Any = model.get_param(name)
            yield Weights(name, values.shape, values.size, values.nbytes)
        else:
            yield Weights(name)


def weights_of_torch(model: Model) -> Iterator[Weights]:
    for shim in model.shims:
        if not hasattr(shim._model, "named_parameters"):
            yield Weights("weights")
            continue
        for name, values in shim._model.named_parameters():
            n_bytes = values.numel() * values.element_size()
            yield Weights(name, tuple(values.shape), values.numel(), n_bytes)


def describe_vectors(nlp: Language) -> Weights | None:
    vectors = nlp.vocab.vectors
    if not isinstance(vectors, Vectors) or not vectors.size:
        return None
    return Weights("vectors", vectors.shape, vectors.size, vectors.data.nbytes)


def find_architectures(path: str, block: Mapping[str, Any]) -> Iterator[Architecture]:
    """Find the registered architectures in a block of a config.

    path (str): Path of the block.
    block (Mapping[str, Any]): The block.
    YIELDS (Architecture): The architecture of the block and those of its sub-blocks.
    """
    blocks = {key: value for key, value in block.items() if isinstance(value, dict)}
    names = [value for key, value in block.items() if key.startswith("@")]
    if names:
        settings = {
            key: value
            for key, value in block.items()
            if key not in blocks and not key.startswith("@")
        }
        yield Architecture(path, names[0], settings)
    for key, value in blocks.items():
        yield from find_architectures(f"{path}.{key}", value)


def roles_in(model: Model) -> dict[int, str]:
    roles: dict[int, str] = {}
    for node in model.walk():
        for role in node.ref_names:
            if node.has_ref(role):
                roles.setdefault(node.get_ref(role).id, role)
    return roles


def short_name(model: Model) -> str:
    """Name a layer without listing its sublayers.

    model (Model): The layer.
    RETURNS (str): The name.
    """
    if not model.layers:
        return model.name
    names = [layer.name for layer in model.layers]
    for operator, name in COMBINATORS.items():
        if len(names) > 1 and model.name == operator.join(names):
            return name
    return model.name.partition("(")[0]


def total(sizes: Iterable[int | None]) -> int | None:
    """Add up sizes.

    sizes (Iterable[int | None]): The sizes, None if unknown.
    RETURNS (int | None): The sum, or None if any size is unknown.
    """
    added = 0
    for size in sizes:
        if size is None:
            return None
        added += size
    return added
