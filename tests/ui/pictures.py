"""Pictures of pages as small PNG files: the browser counts the colours, and what is kept has at most 256 of them."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

from playwright.sync_api import Page

COUNT = """async (data) => {
  const image = new Image(); image.src = "data:image/png;base64," + data; await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const seen = new Map(), found = new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
  for (const one of found) seen.set(one, (seen.get(one) || 0) + 1);
  const kept = [...seen].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([one]) => one);
  const near = new Map(kept.map((one, at) => [one, at]));
  const part = (one, shift) => (one >> shift) & 255;
  for (const one of seen.keys()) {
    if (near.has(one)) continue;
    let best = 0, least = Infinity;
    kept.forEach((other, at) => {
      const off = [0, 8, 16].reduce((sum, shift) => sum + (part(one, shift) - part(other, shift)) ** 2, 0);
      if (off < least) { least = off; best = at; }
    });
    near.set(one, best);
  }
  let pixels = "";
  for (const one of found) pixels += String.fromCharCode(near.get(one));
  return {width: image.width, height: image.height, pixels: btoa(pixels),
          palette: kept.map((one) => [part(one, 0), part(one, 8), part(one, 16)])};
}"""


def keep(page: Page, canvas: Page, path: Path) -> None:
    """Keep a picture of `page`; `canvas` is an empty page to count in, which no policy of ours binds."""
    counted = canvas.evaluate(COUNT, base64.b64encode(page.screenshot()).decode())
    width, height, pixels = counted["width"], counted["height"], base64.b64decode(counted["pixels"])
    lines = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
        + chunk(b"PLTE", b"".join(bytes(colour) for colour in counted["palette"]))
        + chunk(b"IDAT", zlib.compress(lines, 9))
        + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
