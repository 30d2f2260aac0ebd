"""
The coverage-guided fuzzer: `make fuzz`, or `make fuzz FUZZ="json --seconds 600"`.

It needs atheris, of the dependency group `fuzz`, which is there for some Pythons only.
What it finds stands in the folder that it names; a file of it in `tests/fuzz/corpus/`
is a test from then on.
"""

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.fuzz.targets import TARGETS

CORPUS: Final = Path(__file__).with_name("corpus")
_LONGEST_INPUT: Final = 2000
_SECONDS: Final = 60
_MOST_KEPT: Final = 30


def main() -> None:
    """Fuzz each target for some time, in a process of its own."""
    arguments = _arguments()
    failed = [
        name
        for name in arguments.targets or TARGETS
        if _run(name, arguments.seconds, keep=arguments.keep) != 0
    ]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}")
    parser.add_argument(
        "--seconds", type=int, default=_SECONDS, help="for each target (%(default)s)"
    )
    parser.add_argument(
        "--keep", action="store_true", help="make the corpus anew of what was found"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.targets) - set(TARGETS)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    return arguments


def _run(name: str, seconds: int, *, keep: bool) -> int:
    found = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    known = CORPUS / name
    known.mkdir(parents=True, exist_ok=True)
    print(f"\n== {name}: {seconds} s; what is found goes to {found}", flush=True)
    done = _call(
        [name, str(found), str(known), f"-max_total_time={seconds}"], folder=found
    )
    if keep and done == 0:
        _keep(found, known)
    return done


def _call(arguments: list[str], *, folder: Path) -> int:
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.fuzzer",
        *arguments,
        f"-max_len={_LONGEST_INPUT}",
        f"-artifact_prefix={folder}/failure-",
        "-timeout=10",
        "-verbosity=1",
    ]
    return subprocess.run(command, check=False).returncode


def _keep(found: Path, known: Path) -> None:
    # Each reached something new when it was found; a few from all of the time will do.
    inputs = sorted(found.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    step = max(1, math.ceil(len(inputs) / _MOST_KEPT))
    for path in known.iterdir():
        path.unlink()
    for number, path in enumerate(inputs[-1::-step]):
        (known / f"{number:02}").write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
