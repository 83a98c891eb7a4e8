"""The darkroom: a process of its own that opens what strangers send, and may die of it.

`kit.pictures` starts it, talks to it over its standard input and output and outlives it. It is poor on purpose: bounded
address space and CPU time, no secrets in its environment, nothing of the house loaded but this file. It reads the path
of a picture, writes small clean JPEGs into the folder it is told, and answers with sizes and facts.

A page of a PDF is drawn as a picture too: what leaves is pixels. PDFium is built without a JavaScript engine, and nobody asks it
for attachments, links or text.

It keeps a bomb from the server's memory and time. It is no prison: it runs as the same user, so a hole in a decoder that
lets a picture run code is bounded by what that user may do.

A message in either direction is JSON behind its length in four bytes, big end first.
"""

import errno
import io
import json
import math
import os
import re
import struct
import sys
import warnings
import zlib
from collections.abc import Iterable
from contextlib import suppress
from operator import mul
from pathlib import Path
from typing import Any, BinaryIO

import pi_heif
import pypdfium2
from PIL import AvifImagePlugin, ExifTags, Image, ImageChops, ImageCms, ImageDraw, ImageFont, WebPImagePlugin

QUALITY = 80

BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RuntimeError, EOFError),
    *(struct.error, zlib.error),
)
"""What image libraries raise over a bad file. Anything else ends this process, which the other side survives."""

STILLS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif"}
MOVING = {b"hevc", b"hevx", b"hevm", b"hevs", b"msf1", b"avis"}
"""Major brands of files with one picture and with many (ISO/IEC 23008-12, AV1 Image File Format)."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture of each EXIF orientation upright."""

LOCKED, GUARDED = 4, 5
"""FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY of fpdfview.h: a document that opens only for who knows its password."""

SRGB = ImageCms.createProfile("sRGB")
PROBE = Image.frombytes("RGB", (64, 64), bytes(v * 17 for i in range(4096) for v in (i % 16, i // 16 % 16, i // 256)))
"""Every sixteenth of each colour, 4096 pixels: enough to see whether a profile changes anything."""


class Unfit(Exception):
    """This file will not be taken; `args[0]` is the code of a `kit.pictures.PictureProblem`."""


Box = tuple[int, int, int, int]
"""Left, top, right and bottom of what is covered, in ten-thousandths of the upright picture's width and height."""


def develop(
    file: Path, folder: Path, sizes: list[int], page: int, boxes: list[Box], caption: dict[str, Any] | None
) -> dict[str, Any]:
    """Write `<size>.jpg` for each size (longest side in px, largest first; never enlarged) and say what the picture is.

    `page`: of a PDF, counted from 1; 0 where only pictures are taken. What lies under `boxes` is painted over first. `caption`:
    lines that are drawn over its foot, and the font's file with the number of the font inside it.
    """
    with file.open("rb") as opened:
        head = opened.read(16)
    if page and head.startswith(b"%PDF-"):
        frame, report = drawn(file, page, sizes[0])
        frame = covered(frame, boxes)
    else:
        frame, report = decoded(file, formats_of(head), sizes[0], boxes)
    size = report["width"], report["height"]
    if caption:
        frame = captioned(shrunk(frame, fitted(size, sizes[0])), **caption)
    encoded, last = b"", (0, 0)
    for longest in sizes:
        frame = shrunk(frame, fitted(size, longest))
        if frame.size != last:
            encoded, last = jpeg(frame), frame.size
        (folder / f"{longest}.jpg").write_bytes(encoded)
    return report | {"phash": f"{phash(frame):016x}", "dhash": f"{dhash(frame):016x}"}


def decoded(file: Path, formats: list[str], longest: int, boxes: list[Box]) -> tuple[Image.Image, dict[str, Any]]:
    """A picture upright and in sRGB, as large as it will be needed, and what it is."""
    try:
        picture = Image.open(file, formats=formats)
    except Image.DecompressionBombError as bomb:
        raise Unfit("too_many_pixels") from bomb
    with picture:
        # A phone's multi-picture JPEG and a HEIC with a second picture inside are stills; the others would be films.
        if picture.format in ("PNG", "WEBP", "AVIF") and getattr(picture, "is_animated", False):
            raise Unfit("animated")
        drafts = picture.format in ("JPEG", "MPO")
        if not drafts:
            picture.load()  # before the facts: a PNG may carry them behind its pixels
        orientation, facts = facts_of(picture)
        size = picture.size
        if drafts and not boxes:
            # The decoder halves only down to a target of the true shape, and rounding up would miss an exact half.
            picture.draft(None, fitted(size, longest, math.floor))
        profile = picture.info.get("icc_profile")
        frame = averageable(picture)
        if boxes:  # before anything mixes a pixel with its neighbour
            frame, profile = in_srgb(without_alpha(frame), profile), None
            frame, orientation = covered(turned(frame, orientation), boxes), 1
            size = frame.size
        frame = shrunk(frame, fitted(size, longest))
        frame = in_srgb(without_alpha(frame), profile)
    frame = turned(frame, orientation)
    if orientation >= 5:
        size = size[::-1]
    return frame, {"format": picture.format, "width": size[0], "height": size[1], "facts": facts}


def drawn(file: Path, number: int, longest: int) -> tuple[Image.Image, dict[str, Any]]:
    """A page as a viewer shows it, with its stamps and filled-in fields."""
    try:
        with pypdfium2.PdfDocument(file) as paper:
            paper.init_forms()  # first of all, or the fields stay empty
            pages = len(paper)
            page = paper[number - 1]
            frame = page.render(scale=longest / max(page.get_size()), rev_byteorder=True).to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise Unfit("encrypted" if error.err_code in (LOCKED, GUARDED) else "damaged_pdf") from error
    except BROKEN as error:
        raise Unfit("damaged_pdf") from error
    frame = shrunk(frame, fitted(frame.size, longest))  # a page's sides are rounded up
    return frame, {"format": "PDF", "width": frame.width, "height": frame.height, "facts": {}, "pages": pages}


def turned(frame: Image.Image, orientation: int) -> Image.Image:
    return frame.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else frame


def covered(frame: Image.Image, boxes: list[Box]) -> Image.Image:
    """Black wherever a box touches a pixel; the rest of the picture is not changed."""
    for left, top, right, bottom in boxes:
        corner = math.floor(left * frame.width / 10_000), math.floor(top * frame.height / 10_000)
        opposite = math.ceil(right * frame.width / 10_000), math.ceil(bottom * frame.height / 10_000)
        frame.paste("black", (*corner, *opposite))
    return frame


def captioned(frame: Image.Image, lines: list[str], font: str, index: int) -> Image.Image:
    """White letters on a darkened foot; what does not fit into a line goes on in the next."""
    height = max(14, frame.width // 24)
    letters, pad = ImageFont.truetype(font, height, index), height // 2
    broken = [part for line in lines for part in broken_at(line, letters, frame.width - 2 * pad)]
    step = height * 4 // 3
    top = max(0, frame.height - step * len(broken) - pad)
    foot = frame.crop((0, top, *frame.size))
    frame.paste(Image.blend(foot, Image.new("RGB", foot.size), 0.7), (0, top))
    draw = ImageDraw.Draw(frame)
    for number, line in enumerate(broken):
        draw.text((pad, top + pad // 2 + number * step), line, "white", letters)
    return frame


def broken_at(line: str, letters: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Chinese breaks anywhere."""
    parts = [""]
    for letter in filter(str.isprintable, line):
        if parts[-1] and letters.getlength(parts[-1] + letter) > width:
            parts.append("")
        parts[-1] += letter
    return parts


def formats_of(head: bytes) -> list[str]:
    """The decoders that may look at this file, by its first bytes: names and content types from phones are often wrong."""
    if head.startswith(b"\xff\xd8\xff"):
        return ["JPEG"]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ["PNG"]
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ["WEBP"]
    if head[4:8] == b"ftyp" and head[8:12] in STILLS:
        return ["HEIF", "AVIF"]
    raise Unfit("animated" if head[4:8] == b"ftyp" and head[8:12] in MOVING else "wrong_type")


def fitted(size: tuple[int, int], longest: int, to_whole: Any = round) -> tuple[int, int]:
    """`size` in the same shape with its longest side at most `longest`."""
    scale = min(1.0, longest / max(size))
    return max(1, to_whole(size[0] * scale)), max(1, to_whole(size[1] * scale))


def averageable(picture: Image.Image) -> Image.Image:
    """Pixels whose values can be averaged: palette numbers cannot, and sixteen bits would be cut instead of scaled."""
    if picture.mode == "I;16":
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("RGB") if picture.mode == "P" else picture


def shrunk(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Hamming is as clean as bicubic when making smaller, and as fast as bilinear."""
    return frame if frame.size == size else frame.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def without_alpha(frame: Image.Image) -> Image.Image:
    """What is transparent becomes paper."""
    if frame.mode != "RGBA":
        return frame
    paper = Image.new("RGB", frame.size, "white")
    paper.paste(frame, mask=frame.getchannel("A"))
    return paper


def in_srgb(frame: Image.Image, profile: bytes | None) -> Image.Image:
    """The same colours as numbers of sRGB. A profile that is broken or of another kind of picture is as good as none."""
    if not profile or frame.mode not in ("RGB", "L", "CMYK"):
        return frame.convert("RGB")
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB, frame.mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC
        )
    except (OSError, ImageCms.PyCMSError):
        return frame.convert("RGB")
    if frame.mode == "RGB" and changes_nothing(transform):  # half of all phones: saves a fifth of the work
        return frame.convert("RGB")
    changed = ImageCms.applyTransform(frame, transform)
    assert changed
    return changed


def changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether a profile is sRGB by what it does (within 2 of 255), whatever it calls itself."""
    probed = ImageCms.applyTransform(PROBE, transform)
    assert probed
    return max(ImageChops.difference(PROBE, probed).tobytes()) <= 2


def dhash(frame: Image.Image) -> int:
    """64 bits: whether each pixel of a 9 x 8 miniature is brighter than its neighbour."""
    small = frame.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    return sum((small[9 * y + x] > small[9 * y + x + 1]) << (8 * y + x) for y in range(8) for x in range(8))


def phash(frame: Image.Image) -> int:
    """64 bits: which of the lowest 8 x 8 frequencies of a 32 x 32 miniature are above their median."""
    small = frame.convert("L").resize((32, 32), Image.Resampling.LANCZOS).tobytes()
    rows = [[sum(map(mul, small[32 * y : 32 * y + 32], wave)) for wave in WAVES] for y in range(32)]
    columns = list(zip(*rows, strict=True))
    lows = [sum(map(mul, column, wave)) for wave in WAVES for column in columns]
    middle = sorted(lows)[32]
    return sum((low > middle) << i for i, low in enumerate(lows))


WAVES = [[math.cos(math.pi * k * (2 * n + 1) / 64) for n in range(32)] for k in range(8)]


def jpeg(frame: Image.Image) -> bytes:
    """Nothing but pixels: Pillow would copy a comment, and with it a script, from `info` into the new file."""
    frame.info.clear()
    written = io.BytesIO()
    frame.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def facts_of(picture: Image.Image) -> tuple[int, dict[str, Any]]:
    """The orientation (1-8) and what the camera wrote. All of it is optional; nonsense in it never refuses a picture."""
    with suppress(*BROKEN):
        exif = picture.getexif()
        orientation = exif.get(ExifTags.Base.Orientation)
        facts = {
            "make": plain(exif.get(ExifTags.Base.Make)),
            "model": plain(exif.get(ExifTags.Base.Model)),
            **time_of(exif),
            **place_of(exif),
        }
        return orientation if orientation in UPRIGHT else 1, facts
    return 1, {}


def time_of(exif: Image.Exif) -> dict[str, Any]:
    """DateTimeOriginal as it stands on the camera's clock, and its offset from UTC in minutes where it is written."""
    with suppress(*BROKEN):
        ifd = exif.get_ifd(ExifTags.IFD.Exif)
        taken = re.match(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d:\d\d:\d\d)", str(ifd.get(ExifTags.Base.DateTimeOriginal)))
        if not taken:
            return {}
        offset = re.match(r"([+-])(\d\d):(\d\d)", str(ifd.get(ExifTags.Base.OffsetTimeOriginal)))
        minutes = int(f"{offset[1]}{int(offset[2]) * 60 + int(offset[3])}") if offset and offset[2] < "15" else None
        return {"exif_time": f"{taken[1]}-{taken[2]}-{taken[3]}T{taken[4]}", "exif_offset": minutes}
    return {}


def place_of(exif: Image.Exif) -> dict[str, float]:
    """Latitude and longitude in degrees. Android's pickers leave zeros where they took the place away: that is none."""
    with suppress(*BROKEN):
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        lat = degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef] == "S")
        lon = degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef] == "W")
        if abs(lat) <= 90 and abs(lon) <= 180 and (lat or lon):  # false for NaN too
            return {"lat": lat, "lon": lon}
    return {}


def degrees(parts: Iterable[Any], negative: bool) -> float:
    """Degrees, minutes and seconds as one number."""
    value = sum(float(part) / unit for part, unit in zip(parts, (1, 60, 3600), strict=False))
    return -value if negative else value


def plain(text: object) -> str | None:
    """A line that any database takes: no NUL, no controls, no half characters."""
    return "".join(filter(str.isprintable, text)).strip()[:64] or None if isinstance(text, str) else None


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What is said about one picture: what it is, or the code of its problem."""
    try:
        file, folder = Path(request["file"]), Path(request["folder"])
        return develop(file, folder, request["sizes"], request["page"], request["boxes"], request["caption"])
    except Unfit as unfit:
        return {"problem": unfit.args[0]}
    except MemoryError:
        return {"problem": "too_heavy"}
    except OSError as error:
        return {"problem": "cannot_store" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) else "damaged"}
    except BROKEN:
        return {"problem": "damaged"}


def prepare(pixels: int) -> None:
    """Load the decoders, one thread each: threads would eat the address space on a machine with many cores."""
    Image.preinit()
    assert WebPImagePlugin.SUPPORTED
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
    Image.MAX_IMAGE_PIXELS = pixels // 2  # Pillow warns at this many and refuses at twice as many, from the header
    warnings.simplefilter("ignore")  # odd EXIF is normal


def limit(memory: int, cpu: int, pictures: int) -> None:
    """Bound this process: bytes of address space, CPU seconds for all its pictures, what it may write, how it yields."""
    os.nice(10)  # people waiting for a page come first
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # and where memory runs out, this process goes first
    for kind, wanted in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu * pictures),
        (resource.RLIMIT_FSIZE, 64 << 20),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (allowed, allowed))


def renew(cpu: int) -> None:
    """Give the next picture its own CPU seconds; the kernel ends the process at their end."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = math.ceil(used.ru_utime + used.ru_stime) + cpu
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard == resource.RLIM_INFINITY else min(until, hard), hard))


def serve(pixels: int, memory: int, cpu: int, pictures: int) -> None:
    """Answer until the other side hangs up, which it does by closing the pipe or by dying."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints cannot spoil an answer
    prepare(pixels)
    if LIMITED:
        limit(memory, cpu, pictures)
    say(replies, {"ready": True})
    while head := sys.stdin.buffer.read(4):
        request = json.loads(sys.stdin.buffer.read(int.from_bytes(head)))
        if LIMITED:
            renew(cpu)
        say(replies, answer(request))


def say(replies: BinaryIO, reply: dict[str, Any]) -> None:
    message = json.dumps(reply).encode()
    replies.write(len(message).to_bytes(4) + message)
    replies.flush()


LIMITED = sys.platform != "win32"
if LIMITED:
    import resource
# Windows has no `resource`: there only the pixel cap and the other side's wall clock hold. macOS has it, but its kernel
# does not enforce RLIMIT_AS. Serve the public from Linux.

if __name__ == "__main__":
    serve(**json.loads(sys.argv[1]))
