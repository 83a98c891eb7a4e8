"""Numbers that people read aloud: gap-free per compound, kind and year."""

from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from app.compounds.models import NumberSeries
from app.kit.clock import today
from app.kit.ids import new_id


def next_number(session: Session, compound_id: UUID, kind: str) -> int:
    """The next number of this year's series. Second in the lock order, after the parent noun.

    One upsert takes the row's lock and counts; a rollback gives the number back, so none is ever missing.
    """
    connection = session.connection()
    series = {"compound_id": compound_id, "id": new_id(), "kind": kind, "year": today().year}
    return int(connection.execute(_NEXT[connection.dialect.name], series).scalar_one())


_NEXT = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(NumberSeries)
    .values(last=1, **{name: bindparam(name) for name in ("compound_id", "id", "kind", "year")})
    .on_conflict_do_update(index_elements=["compound_id", "kind", "year"], set_={"last": col(NumberSeries.last) + 1})
    .returning(col(NumberSeries.last))
    for dialect in (postgresql, sqlite)
}
