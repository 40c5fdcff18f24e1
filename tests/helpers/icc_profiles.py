"""ICC profiles of our own making: for colors of any primaries and tone curve, for grays, and for inks by a table."""

from __future__ import annotations

import struct
from itertools import product

import numpy as np
from numpy.typing import NDArray

SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
ADOBE_RGB = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
PRO_PHOTO = ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))
"""Chromaticities (x, y) of red, green and blue."""
D65, D50 = (0.3127, 0.3290), (0.3457, 0.3585)
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
Primaries = tuple[tuple[float, float], ...]


def srgb_to_linear(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values.clip(0) ** (1 / 2.4) - 0.055)


def to_xyz(primaries: Primaries, white: tuple[float, float]) -> NDArray[np.float64]:
    """From linear colors to XYZ as seen under D50, `[3, 3]`."""
    columns = np.array([_xyz(point) for point in primaries]).T
    matrix = columns * np.linalg.solve(columns, _xyz(white))
    cones, wanted = _BRADFORD @ _xyz(white), _BRADFORD @ _xyz(D50)
    return np.linalg.inv(_BRADFORD) @ np.diag(wanted / cones) @ _BRADFORD @ matrix


def _xyz(point: tuple[float, float]) -> NDArray[np.float64]:
    x, y = point
    return np.array([x / y, 1, (1 - x - y) / y])


def rgb_profile(primaries: Primaries, gamma: float | None = None, white: tuple[float, float] = D65) -> bytes:
    """A profile of three primaries. `gamma`: of the tone curve; sRGB's own curve if not given."""
    matrix, curve = to_xyz(primaries, white), _curve(gamma)
    colors = {f"{name}XYZ": _xyz_tag(matrix[:, index]) for index, name in enumerate("rgb")}
    return _profile(b"mntr", b"RGB ", b"XYZ ", colors | dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve))


def gray_profile(gamma: float) -> bytes:
    return _profile(b"mntr", b"GRAY", b"XYZ ", {"kTRC": _curve(gamma)})


def ink_profile() -> bytes:
    """Cyan, magenta, yellow and black that take away linear light by halves of what perfect inks would, and never all
    of it: paper is white, black is a dark gray."""
    corners = [ink_color(np.array(inks, dtype=float)) for inks in product((0, 1), repeat=4)]
    table = b"".join(_lab_bytes(to_xyz(SRGB, D65) @ color) for color in corners)
    straight = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 * value for value in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + straight * 4 + table + straight * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {"A2B0": lut})


def ink_color(inks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear sRGB of cyan, magenta, yellow and black, each 0 or 1."""
    return (1 - 0.9 * inks[:3]) * (1 - 0.95 * inks[3])


def _curve(gamma: float | None) -> bytes:
    if gamma is not None:
        return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    values = (srgb_to_linear(np.linspace(0, 1, 4096)) * 65535).round().astype(">u2")
    return b"curv" + bytes(4) + struct.pack(">I", len(values)) + values.tobytes()


def _xyz_tag(values: NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(float(value) * 65536) for value in values))


def _lab_bytes(xyz: NDArray[np.float64]) -> bytes:
    ratio = xyz / _xyz(D50)
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    values = 2.55 * (116 * y - 16), 500 * (x - y) + 128, 200 * (y - z) + 128
    return bytes(int(np.clip(round(float(value)), 0, 255)) for value in values)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[str, bytes]) -> bytes:
    name = b"test\0"
    description = b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(8 + 3 + 67)
    tags = {"desc": description, "cprt": b"text" + bytes(4) + b"none\0", "wtpt": _xyz_tag(_xyz(D50)), **tags}
    start, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for tag, content in tags.items():
        table += tag.encode() + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    body = struct.pack(">I", len(tags)) + table + data
    header = struct.pack(">I4sI4s4s4s", 128 + len(body), b"test", 0x02400000, kind, space, connection)
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _xyz_tag(_xyz(D50))[8:]
    return header.ljust(128, b"\0") + body
