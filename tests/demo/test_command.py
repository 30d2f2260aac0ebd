"""The command `python -m typedws.demo`."""

import re
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest

from tests.demo.conftest import SECONDS
from typedws.demo.__main__ import main

pytestmark = pytest.mark.live


def test_the_command_serves_the_page_until_it_is_interrupted() -> None:
    """It says where the chat is, and ends quietly on Ctrl+C."""
    command = [sys.executable, "-m", "typedws.demo", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        try:
            assert demo.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:(\d+)", demo.stdout.readline())
            assert found is not None
            with urlopen(f"http://127.0.0.1:{found[1]}/", timeout=SECONDS) as response:
                page = response.read().decode()
            demo.send_signal(signal.SIGINT)
            _, complaints = demo.communicate(timeout=SECONDS)
        finally:
            demo.kill()

    assert "<title>typedws chat</title>" in page
    assert "" == complaints
    assert 0 == demo.returncode


def test_a_port_that_is_taken_is_one_plain_line() -> None:
    """The line says which port, why, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as end:
            main(["--port", str(port)])

    assert (
        f"Can't listen on 127.0.0.1:{port}: Address already in use. "
        "Choose another: make demo PORT=8001, or python -m typedws.demo --port 8001"
    ) == end.value.code


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no port gets the command's usage."""
    with pytest.raises(SystemExit):
        main([f"--port={port}"])

    assert "argument --port: a port is a number, 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "websockets"])
def test_a_package_that_is_missing_is_named(package: str) -> None:
    """Without the extra, one line says what is missing and how to get it."""
    code = (
        f"import runpy, sys; sys.modules[{package!r}] = None; "
        "runpy.run_module('typedws.demo', run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=SECONDS * 3,
        check=False,
    )

    assert (
        f"The demo needs the package {package}, which is not installed here. "
        'Get all that it needs with: pip install "typedws[demo]"\n'
    ) == run.stderr
    assert 1 == run.returncode
