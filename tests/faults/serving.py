"""Serve predictions by gunicorn and uvicorn, several requests at a time.

pip install gunicorn uvicorn
python -m tests.faults.serving --requests 800

Each answer has to be that of this process. gunicorn loads the pipeline once and forks
two workers of four threads, uvicorn spawns two workers that each load it.
"""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import typer

from ..fuzz.texts import make_text
from .pipeline import (
    Predictions,
    count_differences,
    load,
    make_pipeline,
    read_predictions,
)

SERVERS = {
    "gunicorn": (
        *("gunicorn", "tests.faults.serving:wsgi", "--preload", "--workers=2"),
        *("--threads=4", "--log-level=error", "--bind=127.0.0.1:{port}"),
    ),
    "uvicorn": (
        *("uvicorn", "tests.faults.serving:asgi", "--workers=2"),
        *("--log-level=error", "--port={port}"),
    ),
}
SECONDS = 120


if "PIPELINE" in os.environ:
    load(os.environ["PIPELINE"])


def answer(body: bytes) -> bytes:
    doc = load(os.environ["PIPELINE"])(body.decode("utf8"))
    return json.dumps(read_predictions(doc)).encode("utf8")


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [answer(environ["wsgi.input"].read())]


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    body, message = b"", {"more_body": True}
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": answer(body)})


def find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def request(port: int, text: str) -> Predictions:
    url = f"http://127.0.0.1:{port}/"
    with urllib.request.urlopen(url, text.encode("utf8"), timeout=SECONDS) as found:
        return json.load(found)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            request(port, "")
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("the server doesn't answer")


def main(requests: int = 800, seed: int = 0) -> None:
    """Print for each server how many answers are others than those of this process.

    requests: How many requests each server answers.
    seed: Seed of the texts.
    """
    generator, n_different = random.Random(seed), 0
    texts = [make_text(generator) for _ in range(requests)]
    nlp = make_pipeline()
    expected = [read_predictions(nlp(text)) for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        nlp.to_disk(Path(folder))
        for name, arguments in SERVERS.items():
            port = find_port()
            command = [argument.format(port=port) for argument in arguments]
            environment = {**os.environ, "PIPELINE": folder}
            server = subprocess.Popen([sys.executable, "-m", *command], env=environment)
            try:
                wait_for(port, server)
                with ThreadPoolExecutor(8) as pool:
                    found = list(pool.map(partial(request, port), texts))
            finally:
                server.terminate()
                server.wait()
            n_different += count_differences(name, found, expected)
    if n_different:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
