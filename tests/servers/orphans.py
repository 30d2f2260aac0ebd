"""A server's process leaves with the one that has started it, however that ended."""

import os
import threading
import time


def leave_with(parent: int) -> None:
    """End this process when that one is gone; a run that is killed can end nothing."""
    threading.Thread(target=_wait_for, args=[parent], daemon=True).start()


def _wait_for(parent: int) -> None:
    while _is_alive(parent):
        time.sleep(1)
    os._exit(1)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
