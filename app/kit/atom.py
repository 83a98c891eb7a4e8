"""Feeds: Atom 1.0 (RFC 4287), with ids that never change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

MEDIA_TYPE = "application/atom+xml"
ATOM = "http://www.w3.org/2005/Atom"
MOST = 50
register_namespace("", ATOM)


@dataclass(frozen=True)
class FeedEntry:
    """`category`: (term, label)."""

    id: UUID
    title: str
    address: str
    published_at: datetime
    updated_at: datetime
    summary: str
    category: tuple[str, str]


def atom(id: UUID, title: str, author: str, address: str, entries: Iterable[FeedEntry], otherwise: datetime) -> bytes:
    """`address` of the page that the feed is of, whole; the feed stands below it. `otherwise`: its date while it is empty."""
    entries = list(entries)
    feed = Element(f"{{{ATOM}}}feed")
    _say(feed, "id", f"urn:uuid:{id}")
    _say(feed, "title", title)
    _say(feed, "updated", max((entry.updated_at for entry in entries), default=otherwise).isoformat())
    _say(SubElement(feed, f"{{{ATOM}}}author"), "name", author)
    _link(feed, "self", f"{address}/feed")
    _link(feed, "alternate", address)
    for told in entries:
        entry = SubElement(feed, f"{{{ATOM}}}entry")
        _say(entry, "id", f"urn:uuid:{told.id}")
        _say(entry, "title", told.title)
        _say(entry, "published", told.published_at.isoformat())
        _say(entry, "updated", told.updated_at.isoformat())
        _link(entry, "alternate", told.address)
        SubElement(entry, f"{{{ATOM}}}category", term=told.category[0], label=told.category[1])
        _say(entry, "summary", told.summary)
    whole: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return whole


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _link(parent: Element, rel: str, address: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", rel=rel, href=address)
