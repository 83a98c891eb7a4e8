"""Pictures as phones make them, drawn here; and how alike two of them are."""

import base64
import io
import math
import struct
import zlib
from functools import cache
from typing import Any

from PIL import ExifTags, Image, ImageChops, ImageCms, ImageDraw
from PIL.Image import Transpose

LAID_DOWN = {
    1: (),
    2: (Transpose.FLIP_LEFT_RIGHT,),
    3: (Transpose.ROTATE_180,),
    4: (Transpose.FLIP_TOP_BOTTOM,),
    5: (Transpose.TRANSPOSE,),
    6: (Transpose.ROTATE_90,),
    7: (Transpose.TRANSVERSE,),
    8: (Transpose.ROTATE_270,),
}
"""How the sensor stores an upright scene when the phone is held so that this EXIF orientation is written."""

# 96 x 64 px: red, green / blue, white. Turned a quarter clockwise by its container (irot), and its EXIF says orientation 6
# besides, as iPhones write it: upright it is 64 x 96 with blue, red / white, green.
TURNED_HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAYptZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAA"
    "NGlsb2MAAAAAREAAAgABAAAAAAGuAAEAAAAAAAAAmQACAAAAAAJHAAEAAAAAAAAAMAAAADhpaW5mAAAAAAACAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAFWlu"
    "ZmUCAAABAAIAAEV4aWYAAAAAyWlwcnAAAACqaXBjbwAAAHVodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroC"
    "QCEAAQAoQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQAAAABRpc3BlAAAAAAAAAGAAAABAAAAAEHBpeGkAAAAA"
    "AwgICAAAAAlpcm90AwAAABdpcG1hAAAAAAAAAAEAAQSBAoOEAAAAGmlyZWYAAAAAAAAADmNkc2MAAgABAAEAAADRbWRhdAAAAJUoAa8J4MdmWXTaiP//70X3"
    "//tzHof61qwPMRTL64nfWQ1Dmnez7v/Geb5H+IbvtM0WSD/tNGP/n9USV6EhL9mscBxFqLZIfa2tx4aZkIWqbvWCAN+H18Bv3SYk8+VwvtJKDHfshBzrrDY3"
    "zTXZ16mlpl/xASQovZPwABGj+5sCbfkuWZxKyCbyA5o0udtPbYrYImmljAAAAABNTQAqAAAACAACAQ8AAgAAAAYAAAAmARIAAwAAAAEABgAAAAAAAFBob25l"
    "AA=="
)


@cache
def scene(width: int = 800, height: int = 600) -> Image.Image:
    """A site that looks different from every side. Treat it as read-only."""
    sky = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", (sky, ImageChops.invert(sky), Image.new("L", (width, height), 120)))
    draw = ImageDraw.Draw(image)
    draw.rectangle((width * 0.05, height * 0.1, width * 0.35, height * 0.5), fill="firebrick")
    draw.ellipse((width * 0.6, height * 0.55, width * 0.95, height * 0.9), fill="gold")
    draw.polygon([(width * 0.5, height * 0.05), (width * 0.9, height * 0.15), (width * 0.7, height * 0.4)], fill="navy")
    for x in range(0, width, max(1, width // 40)):
        draw.line((x, height * 0.7, x + width // 20, height), fill="white")
    return image


def written(image: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def held(orientation: int, image: Image.Image | None = None) -> Image.Image:
    """The scene as it is stored by a phone held in that orientation."""
    image = image or scene()
    for turn in LAID_DOWN[orientation]:
        image = image.transpose(turn)
    return image


def exif(orientation: int | None = None, **tags: Any) -> Image.Exif:
    """`make`, `model`, `taken` ("2026:06:12 09:30:00"), `offset` ("+08:00"), `gps` (lat, lon)."""
    data = Image.Exif()
    if orientation:
        data[ExifTags.Base.Orientation] = orientation
    for tag in ("Make", "Model"):
        if tag.lower() in tags:
            data[ExifTags.Base[tag]] = tags[tag.lower()]
    shot = data.get_ifd(ExifTags.IFD.Exif)
    if "taken" in tags:
        shot[ExifTags.Base.DateTimeOriginal] = tags["taken"]
    if "offset" in tags:
        shot[ExifTags.Base.OffsetTimeOriginal] = tags["offset"]
    if "gps" in tags:
        lat, lon = tags["gps"]
        gps = data.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef] = "S" if lat < 0 else "N"
        gps[ExifTags.GPS.GPSLatitude] = sexagesimal(lat)
        gps[ExifTags.GPS.GPSLongitudeRef] = "W" if lon < 0 else "E"
        gps[ExifTags.GPS.GPSLongitude] = sexagesimal(lon)
    return data


def sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(abs(degrees) * 3600, 60)
    return (minutes // 60, minutes % 60, round(seconds, 3))


def profile(*, red_is_green: bool = False) -> bytes:
    """sRGB's profile; or one that says of pure red that it is green, which no reader can overlook."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if red_is_green:
        data = data.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)
    return data


def png_of(width: int, height: int) -> bytes:
    """The first bytes of a PNG that says it is this large; hardly any pixels follow."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def endless_jpeg(scans: int) -> bytes:
    """A legal progressive JPEG of 56 megapixels whose last scan comes again and again: small to send, hours to open."""
    data = written(Image.new("L", (8000, 7000), 90), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * scans + data[-2:]


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG before its pixels (ITU T.81 Annex B)."""
    found, at = [], 2
    while True:
        marker, length = struct.unpack(">HH", jpeg[at : at + 4])
        found.append(marker)
        if marker == 0xFFDA:
            return found
        at += 2 + length


def dhash(image: Image.Image) -> int:
    """64 bits: whether each pixel of a 9 x 8 miniature is brighter than its neighbour."""
    small = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    return sum((small[9 * y + x] > small[9 * y + x + 1]) << (8 * y + x) for y in range(8) for x in range(8))


def phash(image: Image.Image) -> int:
    """64 bits: which of the lowest 8 x 8 frequencies of a 32 x 32 miniature are above their median."""
    small = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS).tobytes()
    wave = [[math.cos(math.pi * k * (2 * n + 1) / 64) for n in range(32)] for k in range(8)]
    rows = [[sum(small[32 * y + x] * wave[k][x] for x in range(32)) for k in range(8)] for y in range(32)]
    lows = [sum(rows[y][k] * wave[j][y] for y in range(32)) for j in range(8) for k in range(8)]
    middle = sorted(lows)[32]
    return sum((low > middle) << i for i, low in enumerate(lows))


def distance(one: int, other: int) -> int:
    return (one ^ other).bit_count()
