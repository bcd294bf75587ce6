"""Pictures of pages, a third of the size: pages have few colours, and the browser writes them as if they had millions."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from playwright.sync_api import Browser

MOST_COLOURS = 256
_PIXELS = """async (picture) => {
    const image = new Image()
    image.src = 'data:image/png;base64,' + picture
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
    canvas.drawImage(image, 0, 0)
    const bytes = canvas.getImageData(0, 0, image.width, image.height).data
    let text = ''
    for (let at = 0; at < bytes.length; at += 32768) {
        text += String.fromCharCode(...bytes.subarray(at, at + 32768))
    }
    return [image.width, image.height, btoa(text)]
}"""


def with_a_palette(browser: Browser, picture: bytes) -> bytes:
    """The same PNG with at most 256 colours: the most frequent ones, and for any other the nearest of them."""
    page = browser.new_page()
    width, height, pixels = page.evaluate(_PIXELS, base64.b64encode(picture).decode())
    page.close()
    colours = np.frombuffer(base64.b64decode(pixels), dtype=np.uint8).reshape(-1, 4)[:, :3]
    packed = colours.astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    used, which, count = np.unique(packed, return_inverse=True, return_counts=True)
    kept = used[np.argsort(-count)[:MOST_COLOURS]]
    distance = ((_split(used)[:, None, :] - _split(kept)[None, :, :]) ** 2).sum(axis=2)
    indices = distance.argmin(axis=1).astype(np.uint8)[which].reshape(height, width)
    rows = np.zeros((height, width + 1), dtype=np.uint8)  # a zero before each row: it stands for itself
    rows[:, 1:] = indices
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = _split(kept).astype(np.uint8).tobytes()
    chunks = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _split(packed: np.ndarray) -> np.ndarray:
    """Red, green and blue, one row for each colour."""
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(np.int64)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
