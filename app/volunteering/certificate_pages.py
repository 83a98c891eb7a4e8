"""Certificates: issued by who leads, printed by whom they are for, checked by whoever holds the paper."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident
from app.access.addresses import address_of
from app.access.permissions import Permission
from app.accounts import service as accounts
from app.compounds.people import PersonChoice, find_people, name_at_home
from app.kit.clock import today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.qr import Qr, qr_path
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import policy
from app.volunteering.certificate_file import certificate_file
from app.volunteering.certificate_models import NothingToCertify, OwnCertificate
from app.volunteering.certificate_queries import (
    CertificateCard,
    Checked,
    Sheet,
    Verdict,
    certificates,
    check_by_key,
    check_by_name,
    sheet_of,
)
from app.volunteering.certificate_schemas import CertificateCheckWish, CertificateWish, RevokeWish
from app.volunteering.certifying import issue_certificate, revoke_certificate
from app.volunteering.hour_models import source_names
from app.volunteering.models import kind_names

router = APIRouter(route_class=OneTransaction, prefix="/volunteering/certificates", include_in_schema=False)

FilledCertificate = Annotated[Filled[CertificateWish], filled(CertificateWish)]
FilledRevoke = Annotated[Filled[RevokeWish], filled(RevokeWish)]
FilledCheck = Annotated[Filled[CertificateCheckWish], filled(CertificateCheckWish)]


@dataclass(frozen=True)
class CertificatesPage(View):
    template = "volunteering/certificates.html"

    issued: list[CertificateCard]
    q: str
    people: list[PersonChoice]


@dataclass(frozen=True)
class IssuePage(View):
    template = "volunteering/certificate_issue.html"

    name: str
    form: Filled[CertificateWish]


@dataclass(frozen=True)
class CertificatePage(View):
    template = "volunteering/certificate.html"

    sheet: Sheet
    kinds: dict[str, str]
    sources: dict[str, str]
    qr: Qr
    can_revoke: bool
    revoking: bool
    form: Filled[RevokeWish]


@dataclass(frozen=True)
class CheckCertificatePage(View):
    template = "volunteering/certificate_check.html"

    form: Filled[CertificateCheckWish]
    checked: Checked | None
    sources: dict[str, str]


@router.get("")
def show_certificates(session: DbSession, actor: Officer, q: Annotated[str, Query(max_length=60)] = "") -> CertificatesPage:
    actor.need(Permission.CHECK_IN)
    return CertificatesPage(actor.frame, certificates(session, actor), q, find_people(session, actor.compound.id, q))


@router.get("/issue")
def show_issue(session: DbSession, actor: Officer, person_id: UUID) -> IssuePage:
    actor.need(Permission.CHECK_IN)
    day = today()
    typed = {"person_id": person_id, "from_on": date(day.year, 1, 1), "to_on": day}
    return issue_page(session, actor, empty(typed))


@router.post("/issue")
def post_issue(session: DbSession, actor: Officer, request: Request, form: FilledCertificate) -> Response:
    actor.need(Permission.CHECK_IN)
    if form.wish is None:
        return issue_page(session, actor, form).reply(request, 422)
    try:
        certificate, _made = issue_certificate(session, actor, form.id, form.wish)
    except (NothingToCertify, OwnCertificate) as no:
        return issue_page(session, actor, form.with_problem("from_on", no.message)).reply(request, 422)
    return see_other(f"{actor.frame.base}/volunteering/certificates/{certificate.id}", _("证明开好了，已通知本人。"))


@router.get("/check")
def show_check(
    session: DbSession,
    visitor: Anyone,
    request: Request,
    n: Annotated[str, Query(max_length=20)] = "",
    h: Annotated[str, Query(max_length=64)] = "",
    k: Annotated[str, Query(max_length=64)] = "",
) -> CheckCertificatePage:
    """By the QR on the paper: number, digest and our signature over both; no name stands in an address."""
    secret = request.app.state.settings.secret
    checked = check_by_key(session, visitor, n, h, k, secret) if n and h and k else None
    return CheckCertificatePage(visitor.frame, empty({"number": n}), checked, source_names())


@router.post("/check")
def post_check(session: DbSession, visitor: Anyone, request: Request, form: FilledCheck) -> Response:
    """By number and name. A wrong name is counted, and after eight for one number it is too many."""
    if form.wish is None:
        return CheckCertificatePage(visitor.frame, form, None, source_names()).reply(request, 422)
    wish = form.wish
    subject, address = wish.counted_as(visitor.compound.id), address_of(request)
    if request.app.state.settings.throttled and not accounts.may_attempt(session, subject, address):
        raise accounts.TooManyAttempts
    checked = check_by_name(session, visitor, wish.number, wish.name, wish.mark or "")
    if checked.verdict == Verdict.UNKNOWN:
        accounts.count_attempt(session, subject, address)
    return CheckCertificatePage(visitor.frame, form, checked, source_names()).reply(request)


@router.get("/{id}")
def show_certificate(session: DbSession, actor: Resident, request: Request, id: UUID, revoking: bool = False) -> CertificatePage:
    return certificate_page(session, actor, request, id, empty(), revoking=revoking)


@router.get("/{id}/file.pdf")
def show_file(session: DbSession, actor: Resident, request: Request, id: UUID) -> Response:
    settings = request.app.state.settings
    return certificate_file(sheet_of(session, actor, id, settings.public_url, settings.secret), settings.font_dir)


@router.post("/{id}/revoke")
def post_revoke(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledRevoke) -> Response:
    actor.need(Permission.CHECK_IN)
    if form.wish is None:
        return certificate_page(session, actor, request, id, form, revoking=True).reply(request, 422)
    revoke_certificate(session, actor, id, form.wish)
    return see_other(f"{actor.frame.base}/volunteering/certificates/{id}", _("已撤销，核对时会说明。"))


def issue_page(session: Session, actor: Actor, form: Filled[CertificateWish]) -> IssuePage:
    try:
        person_id = UUID(str(form.typed.get("person_id", "")))
    except ValueError:
        person_id = actor.person_id
    name = name_at_home(session, actor.compound.id, person_id) or ""
    return IssuePage(actor.frame, name, form)


def certificate_page(
    session: Session, actor: Actor, request: Request, id: UUID, form: Filled[RevokeWish], *, revoking: bool
) -> CertificatePage:
    settings = request.app.state.settings
    sheet = sheet_of(session, actor, id, settings.public_url, settings.secret)
    can_revoke = policy.can_check_in(actor) and sheet.certificate.revoked_at is None
    qr = qr_path(sheet.checked_at)
    return CertificatePage(actor.frame, sheet, kind_names(), source_names(), qr, can_revoke, revoking and can_revoke, form)
