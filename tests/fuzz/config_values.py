"""Give random wrong values to every argument of everything that is registered.

python -m tests.fuzz.config_values --values 50 --seed 0

Each has to be accepted, or refused when the function is called, by an error that names
the argument. Errors that don't are printed, as are calls that take too long or too much
memory, and the values that were accepted under --accepted.
"""

import inspect
import random
import resource
import signal
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import distribution
from typing import Any

import spacy
import typer
from confection import ConfigValidationError
from spacy.util import registry

from ..test_numbers_as_strings import KINDS, NEEDED

SECONDS = 10
MEMORY = 8 * 2**30
EDGES: list[Any] = [
    *(None, True, False, "", "x", "0.1", "null", [], {}, [None], [[]], {"a": 1}),
    *(-1, 0, 1, 10**6, 10**9, 10**12, 2**63, -(2**63), 10**30),
    *(0.0, -0.0, 0.5, 1.5, -0.1, 1e-320, 1e300, float("inf"), float("nan")),
    *([1, "a"], ["a", "a"], [-1], [0], [10**9], ["NORM"], "a" * 10_000),
]


def find_arguments() -> Iterator[tuple[str, str, str]]:
    """YIELDS (tuple[str, str, str]): Kind, name and argument of what is registered."""
    for entry in distribution("spacy-lstm").entry_points:
        if entry.group == "spacy_factories":
            kind, function = "factories", entry.load()
        elif entry.group in KINDS:
            kind = KINDS[entry.group]
            function = registry.get(kind, entry.name)
        else:
            continue
        for argument in inspect.signature(function).parameters:
            if argument not in ("nlp", "name"):
                yield kind, entry.name, argument


def draw(generator: random.Random) -> Any:
    """RETURNS (Any): A value, most of them wrong for most arguments."""
    kind = generator.randrange(4)
    if kind == 0:
        return generator.choice(EDGES)
    if kind == 1:
        return generator.choice([-1, 1]) * 10 ** generator.uniform(-20, 20)
    if kind == 2:
        return generator.choice([-1, 1]) * int(10 ** generator.uniform(0, 20))
    values = [draw(generator) for _ in range(generator.randrange(3))]
    return (
        {str(i): v for i, v in enumerate(values)}
        if generator.random() < 0.5
        else values
    )


def call(kind: str, name: str, argument: str, value: Any) -> None:
    if kind == "factories":
        spacy.blank("en").add_pipe(name, config={argument: value})
        return
    signature = inspect.signature(registry.get(kind, name)).parameters
    settings = {
        key: NEEDED[key]
        for key, parameter in signature.items()
        if parameter.default is parameter.empty and key in NEEDED
    }
    if signature[argument].kind is inspect.Parameter.VAR_POSITIONAL:
        argument, value = "*", [value]
    registry.resolve({"block": {f"@{kind}": name, **settings, argument: value}})


def judge(kind: str, name: str, argument: str, value: Any) -> str:
    """RETURNS (str): "accepted", "refused", or what is wrong."""
    signal.alarm(SECONDS)
    try:
        call(kind, name, argument, value)
    except ConfigValidationError as error:
        return "refused" if argument in str(error) else f"doesn't name it: {error}"
    except TimeoutError:
        return f"takes more than {SECONDS} seconds"
    except ValueError as error:
        return "refused" if argument in str(error) else f"doesn't name it: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    return "accepted"


def interrupt(*_: Any) -> None:
    raise TimeoutError


def main(values: int = 50, seed: int = 0, accepted: bool = False) -> None:
    """Print what is wrong, and how many values were accepted and refused.

    values: How many of them each argument is given.
    seed: Seed of the values.
    accepted: Whether to print the values that were accepted.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, interrupt)
    generator, counts = random.Random(seed), Counter[str]()
    for kind, name, argument in find_arguments():
        for value in (draw(generator) for _ in range(values)):
            verdict = judge(kind, name, argument, value)
            is_fine = verdict in ("accepted", "refused")
            counts[verdict if is_fine else "wrong"] += 1
            if not is_fine or (accepted and verdict == "accepted"):
                print(f"{name}: {argument} = {value!r:.60}: {verdict:.200}")
    print(dict(counts))
    if counts["wrong"]:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
