# For tests/testing/peers_table.py, until channels ships a py.typed.
