"""The packages are made once, for all tests of this folder."""

from importlib.util import find_spec

import pytest

from tests.packaging.packages import Packages, build


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """Make the wheel and the source distribution."""
    if find_spec("build") is None:
        pytest.skip("build is not installed here")
    return build(tmp_path_factory.mktemp("dist"))
