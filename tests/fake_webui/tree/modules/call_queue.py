"""The lock that lets one generation at a time have the device."""

from __future__ import annotations

from threading import Lock

queue_lock = Lock()
