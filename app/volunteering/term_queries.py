"""Which words a compound offers."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.kit.i18n import _
from app.kit.refusals import Malformed
from app.volunteering.term_models import DEFAULTS, TABLES, TermOf


@dataclass(frozen=True, slots=True)
class TermLine:
    name: str
    offered: bool


def terms_of(session: Session, compound_id: UUID, of: TermOf) -> list[TermLine]:
    """The defaults, then what the compound has added, in the order in which it did."""
    table = TABLES[of]
    rows = session.exec(select(table.name, table.offered).where(table.compound_id == compound_id).order_by(col(table.id)))
    said = dict.fromkeys(DEFAULTS[of], True) | dict(rows.all())
    return [TermLine(name, offered) for name, offered in said.items()]


def offered(session: Session, compound_id: UUID, of: TermOf, *besides: str) -> list[tuple[str, str]]:
    """What can be chosen, as (name, words for the reader); with what was chosen before, even where it is offered no more."""
    names = [line.name for line in terms_of(session, compound_id, of) if line.offered]
    return [(name, _(name)) for name in dict.fromkeys([*names, *besides])]


def check_offered(session: Session, compound_id: UUID, of: TermOf, at: str, *names: str) -> None:
    """Raises Malformed at the JSON pointer `at` for a word that is not offered."""
    if not {name for name, _words in offered(session, compound_id, of)}.issuperset(names):
        raise Malformed(((at, "not_offered", _("请选一项。")),))
