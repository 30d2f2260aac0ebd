# For tests/live/serve_daphne.py, until daphne ships a py.typed.
