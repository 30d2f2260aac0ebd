# For tests/live/serve_daphne.py, until daphne ships a py.typed.

def build_endpoint_description_strings(
    host: str | None = None,
    port: int | None = None,
    unix_socket: str | None = None,
    file_descriptor: int | None = None,
) -> list[str]: ...
