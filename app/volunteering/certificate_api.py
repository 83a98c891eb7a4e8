"""Certificates for programs: issued, read, revoked; and checked by anybody who holds the paper."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Anyone, Resident
from app.access.addresses import address_of
from app.accounts import service as accounts
from app.kit.requests import DbSession, OneTransaction
from app.volunteering.certificate_content import read_content
from app.volunteering.certificate_file import certificate_file
from app.volunteering.certificate_models import Certificate, CertificateAltered
from app.volunteering.certificate_queries import Verdict, certificate_for, check_by_name, my_certificates, sheet_of
from app.volunteering.certificate_schemas import (
    CertificateCheckWish,
    CertificateLine,
    CertificateList,
    CertificateRead,
    CertificateWish,
    CheckedRead,
    RevokeWish,
)
from app.volunteering.certifying import issue_certificate, revoke_certificate

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/certificates", operation_id="list_my_certificates", summary="Certificates of my service, the latest first")
def get_certificates(session: DbSession, actor: Resident) -> CertificateList:
    return CertificateList(
        items=[
            CertificateLine(id=one.id, number=f"{one.year}-{one.number}", issued_at=one.issued_at, revoked_at=one.revoked_at)
            for one in my_certificates(session, actor)
        ]
    )


@router.put("/certificates/{id}", status_code=201, operation_id="put_certificate", summary="Certify somebody's hours")
def put_certificate(session: DbSession, actor: Resident, response: Response, id: UUID, wish: CertificateWish) -> CertificateRead:
    certificate, made = issue_certificate(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _read(certificate)


@router.post(
    "/certificate-checks", operation_id="check_certificate", summary="Whether a certificate holds, by what stands on the paper"
)
def post_check(session: DbSession, visitor: Anyone, request: Request, wish: CertificateCheckWish) -> CheckedRead:
    """A wrong name and an unknown number are the same answer, and are counted."""
    subject, address = wish.counted_as(visitor.compound.id), address_of(request)
    if request.app.state.settings.throttled and not accounts.may_attempt(session, subject, address):
        raise accounts.TooManyAttempts
    checked = check_by_name(session, visitor, wish.number, wish.name, wish.mark or "")
    if checked.verdict == Verdict.UNKNOWN:
        accounts.count_attempt(session, subject, address)
    content = checked.content
    return CheckedRead(
        verdict=checked.verdict,
        number=checked.number,
        name=checked.name,
        from_on=content.from_on if content else None,
        to_on=content.to_on if content else None,
        total=content.total if content else None,
        minutes=content.minutes if content else {},
        issuer=content.issuer if content else "",
        issued_on=content.issued_on if content else None,
        revoked_at=checked.revoked_at,
        log_index=checked.log_index,
    )


@router.get("/certificates/{id}", operation_id="get_certificate", summary="One certificate")
def get_certificate(session: DbSession, actor: Resident, id: UUID) -> CertificateRead:
    return _read(certificate_for(session, actor, id))


@router.get(
    "/certificates/{id}/content", operation_id="get_certificate_content", summary="The exact bytes whose digest is in the log"
)
def get_content(session: DbSession, actor: Resident, id: UUID) -> Response:
    """Canonical JSON (RFC 8785)."""
    return Response(certificate_for(session, actor, id).content, media_type="application/json")


@router.get(
    "/certificates/{id}/file.pdf",
    operation_id="get_certificate_file",
    summary="A certificate as a PDF file",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "One page, A4."}},
)
def get_file(session: DbSession, actor: Resident, request: Request, id: UUID) -> Response:
    """503 NoChineseFont where the server has no letters to print it with."""
    settings = request.app.state.settings
    return certificate_file(sheet_of(session, actor, id, settings.public_url, settings.secret), settings.font_dir)


@router.post("/certificates/{id}/revoke", operation_id="revoke_certificate", summary="Take a certificate back, with the reason")
def post_revoke(session: DbSession, actor: Resident, id: UUID, wish: RevokeWish) -> CertificateRead:
    return _read(revoke_certificate(session, actor, id, wish))


def _read(certificate: Certificate) -> CertificateRead:
    content = read_content(certificate.content)
    if content is None:
        raise CertificateAltered
    return CertificateRead(
        id=certificate.id,
        number=certificate.reference,
        issued_at=certificate.issued_at,
        revoked_at=certificate.revoked_at,
        revoked_because=certificate.revoked_because,
        sha256=certificate.digest,
        content=content,
    )
