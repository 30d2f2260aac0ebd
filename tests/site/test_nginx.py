"""The page "Behind nginx": its configuration and its command, started and talked to."""

import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.pages import ROOT
from tests.ports import free_port, listens
from tests.waiting import comes_true

pytestmark = [pytest.mark.slow, pytest.mark.live, pytest.mark.timeout(120)]

PAGE: Final = (ROOT / "docs" / "deployment.md").read_text()
STARTED_WITHIN: Final = 20.0
AROUND: Final = """
daemon off;
error_log stderr;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{inner}
}}
"""
APP: Final = """
from typedws import ClosedWebSocket, UnacceptedWebSocket, websocket_app


@websocket_app
async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connected = await websocket.accept()
    await connected.send_text(str(websocket.url))
    async for message in connected:
        await connected.send(message)
    return await connected.close()
"""


def block_of(language: str) -> str:
    """Find the one block of a language in the page."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(block)


@contextmanager
def started(command: list[str], folder: Path, port: int) -> Generator[None, None, None]:
    """Run a command for as long as the block lasts, once it listens."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        try:
            assert comes_true(lambda: listens(port), STARTED_WITHIN), "nothing listened"
            yield
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def proxied(
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[tuple[int, ssl.SSLContext], None, None]:
    """Start the server and the proxy as the page says; give what a client needs."""
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("nginx or openssl is not installed here")
    folder = tmp_path_factory.mktemp("nginx")
    make_certificate(openssl, folder)
    inner, outer = free_port(), free_port()
    (folder / "chat.py").write_text(APP)
    (folder / "nginx.conf").write_text(configuration(folder, inner, outer))
    _, serve = block_of("console").split("$ uvicorn ")
    served = [sys.executable, "-m", "uvicorn", *shlex.split(serve)]
    proxy = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (
        started([it.replace("8000", str(inner)) for it in served], folder, inner),
        started(proxy, folder, outer),
    ):
        yield outer, ssl.create_default_context(cafile=folder / "chat.pem")


def make_certificate(openssl: str, folder: Path) -> None:
    """Make one that a client can trust who has it."""
    name = "chat.example.com"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            *("-keyout", "chat.key", "-out", "chat.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def configuration(folder: Path, inner: int, outer: int) -> str:
    """Put the configuration of the page into a file that can be started anywhere."""
    page = block_of("nginx")
    for said, here in (
        ("127.0.0.1:8000", f"127.0.0.1:{inner}"),
        ("listen 443", f"listen 127.0.0.1:{outer}"),
        ("/etc/ssl", str(folder)),
    ):
        assert said in page
        page = page.replace(said, here)
    return AROUND.format(folder=folder, inner=page)


def client(
    proxied: tuple[int, ssl.SSLContext], origin: str | None = None
) -> ClientConnection:
    """Connect as a browser at that name would."""
    port, context = proxied
    return connect(
        f"wss://chat.example.com:{port}/rooms/lobby?name=Ada",
        sock=socket.create_connection(("127.0.0.1", port)),
        ssl=context,
        origin=None if origin is None else Origin(origin),
        proxy=None,
    )


def test_a_handshake_and_messages_go_through(
    proxied: tuple[int, ssl.SSLContext],
) -> None:
    """With the address that the client has asked for, TLS included."""
    port, _ = proxied
    with client(proxied) as connection:
        url = connection.recv()
        connection.send("hello")
        echo = connection.recv()

    assert f"wss://chat.example.com:{port}/rooms/lobby?name=Ada" == url
    assert "hello" == echo


def test_a_page_of_the_same_origin_is_let_in(
    proxied: tuple[int, ssl.SSLContext],
) -> None:
    """Since the proxy passes the host on, with its port."""
    port, _ = proxied
    with client(proxied, f"https://chat.example.com:{port}") as connection:
        assert str(connection.recv()).startswith("wss://")


def test_a_page_of_another_origin_is_kept_out(
    proxied: tuple[int, ssl.SSLContext],
) -> None:
    """Behind the proxy as well."""
    with (
        pytest.raises(InvalidStatus) as caught,
        client(proxied, "https://evil.example"),
    ):
        pass

    assert 403 == caught.value.response.status_code
