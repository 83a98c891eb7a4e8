"""How far two places on the Earth are from each other."""

from math import asin, cos, radians, sin, sqrt

EARTH = 6_371_008.8
"""Mean radius in metres (IUGG)."""


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> int:
    """Along the great circle, from degrees WGS 84; by the haversine, which is exact for small distances."""
    lat, other_lat, across = radians(lat), radians(other_lat), radians(other_lon - lon)
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin(across / 2) ** 2
    return round(2 * EARTH * asin(sqrt(min(1.0, half))))
