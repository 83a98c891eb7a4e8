"""The people whom a visitor of the demo can be, as they stand in this database."""

from collections.abc import Iterator

from sqlmodel import Session, select

from app.access.demo_door import DemoPerson
from app.accounts.models import Account
from app.compounds.models import Compound, Person
from app.demo.world import GUESTS
from app.kit.i18n import current


def guests_in(session: Session) -> Iterator[DemoPerson]:
    """Those who are loaded and have an account. The contractor has none: he comes by the link of his finding."""
    for guest in GUESTS:
        if not guest.person:
            continue
        phone = session.exec(
            select(Account.phone)
            .join(Person, Person.account_id == Account.id)  # type: ignore[arg-type]
            .join(Compound, Compound.id == Person.compound_id)  # type: ignore[arg-type]
            .where(Compound.slug == guest.slug, Person.name == guest.name)
        ).first()
        if phone is not None:
            role, can_try = (guest.role_en, guest.can_try_en) if current() == "en" else (guest.role, guest.can_try)
            yield DemoPerson(guest.slug, phone, guest.name, f"{role}{'. ' if current() == 'en' else '。'}{can_try}")
