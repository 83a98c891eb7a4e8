"""What was published, for feed readers. Nothing personal."""

from collections.abc import Iterable
from datetime import datetime

from app.access.actors import CompoundFacts
from app.kit.atom import FeedEntry, atom
from app.kit.clock import said_day
from app.kit.i18n import _
from app.notices.models import KIND_SAYS, NoticeKind
from app.notices.queries import NoticeCard


def feed_of(compound: CompoundFacts, address: str, cards: Iterable[NoticeCard], otherwise: datetime) -> bytes:
    """`address` of the compound's notices, whole; `otherwise`: the feed's date while nothing was published."""
    title = _("%(name)s的公示", name=compound.name)
    return atom(compound.id, title, compound.name, address, (_entry(address, card) for card in cards), otherwise)


def _entry(address: str, card: NoticeCard) -> FeedEntry:
    return FeedEntry(
        id=card.id,
        title=card.title,
        address=f"{address}/{card.id}",
        published_at=card.published_at,
        updated_at=card.withdrawn_at or card.published_at,
        summary=_summary(card),
        category=(card.kind, _(KIND_SAYS[NoticeKind(card.kind)])),
    )


def _summary(card: NoticeCard) -> str:
    if card.withdrawn_at:
        return _("已撤回")
    if card.superseded_by_id:
        return _("有更正")
    return _("异议期到 %(until)s。", until=said_day(card.last_on))
