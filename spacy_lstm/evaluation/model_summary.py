"""What the networks of a pipeline consist of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from spacy.language import Language
from spacy.vectors import Vectors
from thinc.api import Model

# How Thinc names layers that consist of others.
JOINTS = {">>": "chain", "|": "concatenate"}


@dataclass(frozen=True)
class Weights:
    """Parameters of a layer.

    name (str): Their name; within a torch module, with dots.
    shape (tuple[int, ...] | None): Their shape, or None while it is unknown.
    n_parameters (int | None): How many numbers they are.
    n_bytes (int | None): The memory that they take.
    """

    name: str
    shape: tuple[int, ...] | None = None
    n_parameters: int | None = None
    n_bytes: int | None = None


@dataclass(frozen=True)
class Layer:
    """A layer of a network.

    name (str): Its name.
    role (str | None): What the network knows it as, such as "encode".
    dims (dict[str, int | None]): Its dimensions, None where they are unknown.
    n_parameters (int | None): Number of parameters, with those of the layers within;
        None while it is unknown.
    n_bytes (int | None): The memory that they take.
    listens_to (str | None): The component whose vectors it passes on.
    is_repeated (bool): Whether it is in the network a second time. What it consists of
        is listed, and counted, where it is the first time.
    weights (list[Weights]): Parameters of its own, also those of a torch module.
    layers (list[Layer]): The layers that it consists of.
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
    """A registered function that makes a part of a network.

    path (str): Where it is in the config of the component, such as "model.tok2vec".
    name (str): What it is registered as.
    settings (dict[str, Any]): Its arguments, without those that are functions
        themselves.
    """

    path: str
    name: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Component:
    """A component of a pipeline.

    name (str): Its name.
    factory (str): What makes it.
    n_parameters (int | None): Number of parameters, None while it is unknown.
    n_bytes (int | None): The memory that they take.
    architectures (list[Architecture]): What its model is made by.
    network (Layer | None): The network, or None where there is none.
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

    lang (str): Its language.
    name (str): Its name.
    n_parameters (int | None): Number of parameters of all components, None while it is
        unknown.
    n_bytes (int | None): The memory that they take.
    vectors (Weights | None): Its static vectors, which are not trained, and not counted
        above.
    components (list[Component]): Its components, also those that are disabled.
    """

    lang: str
    name: str
    n_parameters: int | None
    n_bytes: int | None
    vectors: Weights | None
    components: list[Component]


def describe(nlp: Language) -> Pipeline:
    """Describe the networks of a pipeline.

    nlp (Language): The pipeline, trained or not.
    RETURNS (Pipeline): Its components, layers and weights, and how large they are.
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

    nlp (Language): Its pipeline.
    name (str): Its name.
    config (Mapping[str, Any]): What it was made by.
    upstream (Mapping[int, str]): Components that layers listen to, by their ids.
    seen (set[int]): Ids of the layers that were described before; those of this one
        are added.
    RETURNS (Component): The component.
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
    """Describe a layer, and what it consists of.

    model (Model): The layer.
    roles (Mapping[int, str]): What layers are known as, by their ids.
    upstream (Mapping[int, str]): Components that layers listen to, by their ids.
    seen (set[int]): Ids of the layers that were described before; those of this one
        are added.
    RETURNS (Layer): The layer.
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
    """Find what a model is made by.

    path (str): Where a block of a config is.
    block (Mapping[str, Any]): The block.
    YIELDS (Architecture): Its own function, and those within.
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
    """Name a layer without the layers that it consists of.

    model (Model): The layer.
    RETURNS (str): Its name.
    """
    if not model.layers:
        return model.name
    names = [layer.name for layer in model.layers]
    for joint, name in JOINTS.items():
        if len(names) > 1 and model.name == joint.join(names):
            return name
    return model.name.partition("(")[0]


def total(sizes: Iterable[int | None]) -> int | None:
    """Add up sizes.

    sizes (Iterable[int | None]): The sizes, None where one is unknown.
    RETURNS (int | None): Their sum, or None if any is unknown.
    """
    added = 0
    for size in sizes:
        if size is None:
            return None
        added += size
    return added
