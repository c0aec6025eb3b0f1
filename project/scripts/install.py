"""Install a packaged model in a new virtual environment."""

import subprocess
import venv
from pathlib import Path

import typer

ROOT = Path(__file__).parents[2]


def python_of(folder: Path) -> Path:
    """RETURNS (Path): The interpreter of a virtual environment."""
    windows = folder / "Scripts" / "python.exe"
    return windows if windows.exists() else folder / "bin" / "python"


def main(folder: Path, wheel: Path) -> None:
    """Make the environment, and put spacy-lstm and the wheel in it."""
    venv.create(folder, with_pip=True, clear=True)
    what = ["-r", str(ROOT / "requirements.txt"), str(ROOT), str(wheel)]
    subprocess.run([python_of(folder), "-m", "pip", "install", "-q", *what], check=True)
    print(f"Installed {wheel.name} in {folder}")


if __name__ == "__main__":
    typer.run(main)
