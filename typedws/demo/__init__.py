"""
A chat with rooms, to look at and to read: `python -m typedws.demo`.

Needs the extra: `pip install "typedws[demo]"`. The floors, lowest first: `messages`
(what is said on the wire), `rooms` (who is where), `chat` (the handler), `app` (the
routes and the page), `__main__` (the command). Nothing in typedws imports this package.
"""
