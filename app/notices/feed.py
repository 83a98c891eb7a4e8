"""What was published, for feed readers: Atom 1.0 (RFC 4287). Nothing personal, and ids that never change."""

from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from app.access.actors import CompoundFacts
from app.kit.clock import said_day
from app.kit.i18n import _
from app.notices.models import KIND_SAYS, NoticeKind
from app.notices.queries import NoticeCard

MEDIA_TYPE = "application/atom+xml"
ATOM = "http://www.w3.org/2005/Atom"
MOST = 50
register_namespace("", ATOM)


def atom(compound: CompoundFacts, address: str, cards: Iterable[NoticeCard], otherwise: datetime) -> bytes:
    """`address` of the compound's notices, whole; `otherwise`: the feed's date while nothing was published."""
    cards = list(cards)
    feed = Element(f"{{{ATOM}}}feed")
    _say(feed, "id", f"urn:uuid:{compound.id}")
    _say(feed, "title", _("%(name)s的公示", name=compound.name))
    _say(feed, "updated", max((_changed_at(card) for card in cards), default=otherwise).isoformat())
    _say(SubElement(feed, f"{{{ATOM}}}author"), "name", compound.name)
    _link(feed, "self", f"{address}/feed")
    _link(feed, "alternate", address)
    for card in cards:
        entry = SubElement(feed, f"{{{ATOM}}}entry")
        _say(entry, "id", f"urn:uuid:{card.id}")
        _say(entry, "title", card.title)
        _say(entry, "published", card.published_at.isoformat())
        _say(entry, "updated", _changed_at(card).isoformat())
        _link(entry, "alternate", f"{address}/{card.id}")
        SubElement(entry, f"{{{ATOM}}}category", term=card.kind, label=_(KIND_SAYS[NoticeKind(card.kind)]))
        _say(entry, "summary", _summary(card))
    whole: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return whole


def _summary(card: NoticeCard) -> str:
    if card.withdrawn_at:
        return _("已撤回")
    if card.superseded_by_id:
        return _("有更正")
    return _("异议期到 %(until)s。", until=said_day(card.last_on))


def _changed_at(card: NoticeCard) -> datetime:
    return card.withdrawn_at or card.published_at


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _link(parent: Element, rel: str, address: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", rel=rel, href=address)
