"""
Runs the scenarios on the servers, and writes `docs/servers.md` from what was seen.

    python -m tests.outcomes            # tells what is not as it was declared
    python -m tests.outcomes granian
    python -m tests.outcomes --write    # on all servers, and into the page
"""

import platform
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.outcomes.differences import declared_here, is_declared
from tests.outcomes.page import PAGE, PYTHON, written
from tests.outcomes.running import Rows, run
from tests.outcomes.setups import SETUPS


def main(arguments: list[str]) -> None:
    """Run, tell, and write if that is asked for."""
    here = ".".join(platform.python_version_tuple()[:2])
    if "--write" in arguments and here != PYTHON:
        sys.exit(f"the page is made with Python {PYTHON}, and this is {here}")
    names = [name for name in arguments if name != "--write"] or list(SETUPS)
    with ThreadPoolExecutor(2) as pool:
        seen = dict(zip(names, pool.map(told, names), strict=True))
    if "--write" in arguments:
        PAGE.write_text(written(PAGE.read_text(), seen))


def told(server: str) -> Rows:
    """Run the scenarios on a server, and tell what is not as it was declared."""
    outcome = run(SETUPS[server])
    print(f"{server}: {len(outcome.rows)} scenarios")
    for line in outcome.log:
        print(f"  logs {line}")
    for name, row in outcome.rows.items():
        if not is_declared(server, name, row):
            print(f"  {name}: {declared_here(server, name)}, but it was {row}")
    return outcome.rows


if __name__ == "__main__":
    main(sys.argv[1:])
