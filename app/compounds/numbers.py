"""Numbers that people read aloud: gap-free per compound, kind and year."""

from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from app.compounds.models import NumberSeries
from app.kit.clock import today
from app.kit.ids import new_id


def next_number(session: Session, compound_id: UUID, kind: str) -> int:
    """The next number of this year's series. Second in the lock order, after the parent noun.

    One upsert takes the row's lock and counts; a rollback gives the number back, so none is ever missing.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(NumberSeries)
        .values(compound_id=compound_id, id=new_id(), kind=kind, year=today().year, last=1)
        .on_conflict_do_update(index_elements=["compound_id", "kind", "year"], set_={"last": col(NumberSeries.last) + 1})
        .returning(col(NumberSeries.last))
    )
    return int(session.execute(statement).scalar_one())
