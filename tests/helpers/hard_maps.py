"""Maps as people paint them first: black shapes on white without a gray between."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

Point = tuple[int, int]
_DRAWN_AT = 256


def hard_maps() -> list[Image.Image]:
    """Discs, rectangles, strokes of a brush, letters and polygons: twelve maps of 256 x 256 pixels, black and white."""
    return [
        _map(_disc((128, 150), 60)),
        _map(_disc((90, 90), 40)),
        _map(_disc((70, 180), 45), _disc((190, 90), 45)),
        _map(lambda draw: draw.rectangle((60, 80, 200, 190), fill=0)),
        _map(lambda draw: draw.rectangle((0, 128, 256, 256), fill=0)),
        _map(_stroke(36, (30, 200), (90, 120), (150, 160), (225, 70))),
        _map(_stroke(24, (40, 60), (120, 70), (215, 50))),
        _map(_stroke(60, (128, 20), (110, 128), (140, 236))),
        _map(_letters("AB", 150)),
        _map(_letters("PX", 120)),
        _map(lambda draw: draw.polygon(((128, 30), (230, 220), (26, 220)), fill=0)),
        _map(lambda draw: draw.polygon(((0, 170), (80, 110), (150, 150), (256, 90), (256, 256), (0, 256)), fill=0)),
    ]


_Drawing = Callable[[ImageDraw.ImageDraw], None]


def _map(*drawings: _Drawing) -> Image.Image:
    made = Image.new("1", (_DRAWN_AT, _DRAWN_AT), 1)  # one bit a pixel, so that no edge gets grays
    draw = ImageDraw.Draw(made)
    for drawing in drawings:
        drawing(draw)
    return made.convert("L")


def _disc(center: Point, radius: int) -> _Drawing:
    return lambda draw: draw.circle(center, radius, fill=0)


def _stroke(width: int, *points: Point) -> _Drawing:
    def drawn(draw: ImageDraw.ImageDraw) -> None:
        draw.line(points, fill=0, width=width, joint="curve")
        for end in points:
            draw.circle(end, width / 2, fill=0)

    return drawn


def _letters(word: str, size: int) -> _Drawing:
    center, font = (_DRAWN_AT // 2, _DRAWN_AT // 2), ImageFont.load_default(size)
    return lambda draw: draw.text(center, word, fill=0, font=font, anchor="mm", stroke_width=2, stroke_fill=0)
