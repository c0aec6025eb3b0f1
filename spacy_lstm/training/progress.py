"""Progress, speed and remaining time of a training run."""

from time import perf_counter
from typing import Any

from spacy.errors import Errors as SpacyErrors
from spacy.language import Language
from spacy.util import registry
from thinc.api import Config, Model, Optimizer


class TrainingProgress:
    """Tracks the progress of `spacy train` from the calls of its logger.

    nlp (Language): The pipeline being trained, with its config.
    """

    def __init__(self, nlp: Language) -> None:
        training = nlp.config.interpolate()["training"]
        self.optimizer = make_optimizer(training)
        self.nlp = nlp
        self.max_steps: int = training["max_steps"]
        self.max_epochs: int = training["max_epochs"]
        self.patience: int = training["patience"]
        self.score_names = [
            name
            for name, weight in training["score_weights"].items()
            if weight is not None
        ]
        self.pipes = [
            name for name, pipe in nlp.pipeline if getattr(pipe, "is_trainable", False)
        ]
        self.start = perf_counter()
        self.step = 0
        self.epoch = 0
        self.first_step_of_epoch = 0
        self.best_score: float | None = None
        self.best_step = 0
        self.words = 0
        self.seconds = 0.0
        self.words_per_second = 0.0

    def advance(self) -> None:
        """Count a step without evaluation."""
        self.step += 1
        self.optimizer.step_schedules()

    def record_evaluation(self, info: dict[str, Any]) -> dict[str, Any]:
        """Record the result of an evaluation.

        info (dict): The information that spaCy passes to loggers.
        RETURNS (dict): Epoch, step, losses, scores, score, best score, words per
            second, learning rate of this step, seconds since the start, and maximum
            number of seconds left. Scores are in percent; `score` and `best_score` are
            fractions, as in spaCy's own logs. The number of skipped steps is included
            if it is not 0.
        RAISES (ValueError): If a score is not a number.
        """
        if info["epoch"] > self.epoch:
            self.first_step_of_epoch = info["step"]
        self.step, self.epoch = info["step"], info["epoch"]
        score = float(info["score"])
        if self.best_score is None or score > self.best_score:
            self.best_score, self.best_step = score, self.step
        seconds = perf_counter() - self.start
        self.words_per_second = (info["words"] - self.words) / (seconds - self.seconds)
        self.words, self.seconds = info["words"], seconds
        learn_rate = float(self.optimizer.learn_rate)
        self.optimizer.step_schedules()
        skipped = count_skipped(self.nlp)
        return {
            "epoch": self.epoch,
            "step": self.step,
            "losses": {pipe: float(info["losses"][pipe]) for pipe in self.pipes},
            "scores": {
                name: percent(name, info["other_scores"].get(name, 0.0))
                for name in self.score_names
            },
            "score": score,
            "best_score": self.best_score,
            "words_per_second": self.words_per_second,
            "learn_rate": learn_rate,
            "seconds": seconds,
            "seconds_left": self.seconds_left(),
            **({"skipped": skipped} if skipped else {}),
        }

    def last_step(self) -> int | None:
        """Calculate the last step of training if the score doesn't improve any more.

        RETURNS (int | None): The step, or None if the config sets no limit.
        """
        limits = []
        if self.max_steps:
            limits.append(self.max_steps)
        if self.patience:
            limits.append(self.best_step + self.patience)
        if self.max_epochs > 0 and self.epoch:
            limits.append(self.max_epochs * self.first_step_of_epoch // self.epoch)
        return max(min(limits), self.step) if limits else None

    def seconds_left(self) -> float | None:
        """Estimate the time until `last_step` from the average speed.

        RETURNS (float | None): The number of seconds, or None if unknown.
        """
        last_step = self.last_step()
        if last_step is None or not self.step:
            return None
        seconds = perf_counter() - self.start
        return (last_step - self.step) * seconds / self.step


def make_optimizer(training: Config) -> Optimizer:
    """Create a copy of the optimizer to follow its schedules.

    spaCy doesn't pass its optimizer to loggers, but creates it from the same config.

    training (Config): The interpolated [training] block.
    RETURNS (Optimizer): The optimizer.
    """
    return registry.resolve({"optimizer": training["optimizer"]})["optimizer"]


def count_skipped(nlp: Language) -> int:
    """Count the training steps skipped by components and layers.

    nlp (Language): The pipeline.
    RETURNS (int): The total number of skipped steps.
    """
    pipes = [pipe for _, pipe in nlp.pipeline]
    models = [pipe.model for pipe in pipes if hasattr(pipe, "model")]
    shims = [
        shim
        for model in models
        if isinstance(model, Model)
        for node in model.walk()
        for shim in node.shims
    ]
    return sum(
        holder.skipped_steps.total
        for holder in [*pipes, *shims]
        if hasattr(holder, "skipped_steps")
    )


def percent(name: str, score: Any) -> float:
    try:
        return float(score) * (1 if name == "speed" else 100)
    except TypeError:
        raise ValueError(
            SpacyErrors.E916.format(name=name, score_type=type(score))
        ) from None
