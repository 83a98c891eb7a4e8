"""Verbs: certify somebody's hours, and take a certificate back."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.models import Person
from app.compounds.numbers import next_number
from app.inbox.service import send
from app.kit import events
from app.kit.clock import local, today
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.publiclog.queries import first_index_of
from app.publiclog.service import Attachment, Entry, commit_to, publish
from app.volunteering.certificate_content import content_of
from app.volunteering.certificate_models import Certificate, NothingToCertify, OwnCertificate
from app.volunteering.certificate_queries import ISSUED, REVOKED, certificate_for
from app.volunteering.certificate_schemas import CertificateWish, RevokeWish
from app.volunteering.hour_queries import hours_of


def issue_certificate(session: Session, actor: Actor, id: UUID, wish: CertificateWish) -> tuple[Certificate, bool]:
    """Numbered, frozen, its digest in the public log; free of charge. And whether this call made it.

    Raises NotAllowed, NotFound, OwnCertificate, SameIdOtherContent, NothingToCertify.
    """
    actor.need(Permission.CHECK_IN)
    person = session.get(Person, (actor.compound.id, wish.person_id), with_for_update=True)
    if person is None:
        raise NotFound
    sent = digest(wish, actor.person_id)
    if before := already(session, Certificate, actor.compound.id, id, sent):
        return before, False
    if person.id == actor.person_id:
        raise OwnCertificate
    hours = [
        hour
        for hour in hours_of(session, actor.compound.id, person.id)
        if wish.from_on <= local(hour.starts_at).date() <= wish.to_on
    ]
    if sum(hour.minutes for hour in hours) <= 0:
        raise NothingToCertify
    year, number = today().year, next_number(session, actor.compound.id, "certificate")
    content = content_of(
        hours,
        number=f"{year}-{number}",
        issued_on=today(),
        compound=actor.compound.name,
        name=person.name,
        from_on=wish.from_on,
        to_on=wish.to_on,
        issuer=_("%(compound)s志愿服务队", compound=actor.compound.name),
        handler=actor.name,
        contact=actor.compound.help_phone,
    )
    certificate = Certificate(
        compound_id=actor.compound.id,
        id=id,
        year=year,
        number=number,
        person_id=person.id,
        from_on=wish.from_on,
        to_on=wish.to_on,
        content=content.frozen(),
        issued_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(certificate)
    entry = Entry(
        type=ISSUED,
        compound_id=certificate.compound_id,
        record_id=certificate.id,
        attachments=(Attachment(certificate.digest, len(certificate.content.encode()), "application/json"),),
        facts={"number": certificate.reference},
    )
    publish(session, certificate.compound_id, lambda _index: entry.values())
    words = _("编号 %(number)s，可以打印。", number=certificate.reference)
    address = f"/volunteering/certificates/{certificate.id}"
    send(session, certificate.compound_id, person.id, _("志愿服务证明开好了"), words, address)
    events.tell(session, certificate.compound_id, ISSUED, certificate_id=certificate.id)
    on_record(session, actor, ISSUED, certificate.id)
    return certificate, True


def revoke_certificate(session: Session, actor: Actor, id: UUID, wish: RevokeWish) -> Certificate:
    """From then on whoever checks the paper reads that it is revoked. The reason may name people: in the log it is a commitment.

    Raises NotAllowed, NotFound, NotThisState.
    """
    actor.need(Permission.CHECK_IN)
    certificate = certificate_for(session, actor, id, to_change=True)
    certificate.revoke(actor.person_id, wish.reason)
    entry = Entry(
        type=REVOKED,
        compound_id=certificate.compound_id,
        record_id=certificate.id,
        record_version=2,
        supersedes=first_index_of(session, certificate),
        commits={"reason": commit_to(session, certificate.compound_id, wish.reason, of=certificate.person_id)},
        facts={"number": certificate.reference},
    )
    publish(session, certificate.compound_id, lambda _index: entry.values())
    words = _("编号 %(number)s：%(why)s", number=certificate.reference, why=wish.reason)
    address = f"/volunteering/certificates/{certificate.id}"
    send(session, certificate.compound_id, certificate.person_id, _("志愿服务证明撤销了"), words, address)
    events.tell(session, certificate.compound_id, REVOKED, certificate_id=certificate.id)
    on_record(session, actor, REVOKED, certificate.id)
    return certificate
