"""The table where gifts are handed out: found, signed for, voided; the roll and the sheet to sign on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, Resident
from app.access.permissions import Permission
from app.benefits import policy, service
from app.benefits.claim_models import (
    AUTHORITY_SAYS,
    TABLE_WAYS,
    WAY_SAYS,
    Authority,
    Claim,
    ClaimPhoto,
    ClaimWay,
    NoAuthority,
    NotAnOwner,
    NotOfThisHousehold,
)
from app.benefits.delivery_queries import giver
from app.benefits.distribution_queries import DistributionCard, card_of, desks_of, distribution_for
from app.benefits.gift_queries import Gift, entitlement_for, gift_for, household_of, my_stop, owners_of, roll
from app.benefits.models import Distribution
from app.benefits.queue_queries import numbered_batches
from app.benefits.roll_queries import lines_of, stairs
from app.benefits.schemas import ClaimWish, VoidWish
from app.benefits.stock_models import Desk
from app.benefits.table_queries import (
    Collector,
    asked_at_table,
    claim_for,
    find_at_table,
    handed_in,
    is_own_home,
    not_on_desk,
    sheet_rows,
    usual_collectors,
)
from app.compounds.models import Person
from app.compounds.names import masked_phone
from app.kit.clock import now
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _, mark
from app.kit.pager import AskedPage, Page
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotAllowed, NotFound
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.views import View, see_other
from app.photos.arriving import Sent, sent_photos
from app.photos.models import Photo, PhotoSize, PhotoSource
from app.photos.service import keep
from app.photos.serving import photo_response
from app.publiclog.queries import first_index_of, head_of

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledClaim = Annotated[Filled[ClaimWish], filled(ClaimWish)]
FilledVoid = Annotated[Filled[VoidWish], filled(VoidWish)]


PhotoIn = Annotated[Sent, sent_photos(giver, (("photo", PhotoSource.UNKNOWN),)), TakesFiles()]

PHOTO_SAYS = {
    ClaimPhoto.PAPER: (mark("纸上的签名"), mark("请拍下纸上的签名"), mark("纸上的签名存好了。")),
    ClaimPhoto.SLIP: (mark("委托书或字条"), mark("请拍下委托书或字条"), mark("委托书或字条存好了。")),
}
"""What it is, what to do, and that it is done."""

Carried = Annotated[UUID | None, Query(alias="with", description="A claim whose collector goes on for another unit.")]


@dataclass(frozen=True)
class DeskPage(View):
    template = "benefits/desk.html"
    tab = "home"
    camera = True

    d: DistributionCard
    q: str
    found: list[Gift]
    carried: Claim | None
    """Whose collector goes on for another unit."""


@dataclass(frozen=True)
class ConfirmPage(View):
    template = "benefits/confirm.html"

    d: DistributionCard
    gift: Gift
    owners: list[tuple[UUID, str, str]]
    """Each with the name and the masked telephone, to be asked for its last digits."""
    usual: list[Collector]
    before: list[tuple[Claim, str, str]]
    """Earlier claims that stand, with the way and the officer."""
    lines: list[tuple[UUID, str]]
    """What can be handed out now."""
    desks: list[tuple[UUID, str]]
    form: Filled[ClaimWish]
    ways: list[tuple[str, str]]
    authorities: list[tuple[str, str, str]]
    """With what helps to choose."""
    back: tuple[str, str]


@dataclass(frozen=True)
class ClaimPage(View):
    template = "benefits/claim.html"
    tab = "home"

    claim: Claim
    gift: Gift
    handed: str
    """What was handed over, in words."""
    way: str
    officer: str
    voided_by: str
    form: Filled[Any]
    """Of a photo: it has no field but the picture."""
    photos: list[tuple[str, str]]
    lacking: list[tuple[str, str]]
    """What is still to be photographed, and the words that ask for it."""
    back: tuple[str, str]
    at_table: bool
    """Or at the unit's door: the reader handed it over."""
    can_hand_out: bool
    can_void: bool


@dataclass(frozen=True)
class VoidPage(View):
    template = "benefits/void.html"

    claim: Claim
    gift: Gift
    handed: str
    goods: bool
    money: bool
    officer: str
    form: Filled[VoidWish]


@dataclass(frozen=True)
class RollPage(View):
    template = "benefits/roll.html"
    tab = "home"

    d: DistributionCard
    claimed: bool
    page: Page[Gift]
    buildings: list[str]


@dataclass(frozen=True)
class SheetPage(View):
    template = "benefits/sheet.html"

    d: DistributionCard
    building: str
    lines: list[tuple[Gift, Qr]]
    """Each with the address of its code: a signed row is scanned and typed in at the table."""
    qr: Qr
    log_index: int
    log_size: int
    log_root: str
    printed_at: datetime


@router.get("/entitlements/{entitlement_id}")
def show_line(session: DbSession, actor: Resident, entitlement_id: UUID, with_: Carried = None) -> ConfirmPage:
    if not policy.can_confirm(actor, my_stop(session, actor, entitlement_id)):
        raise NotAllowed
    return confirm_page(session, actor, entitlement_id, carried=carried_on(session, actor, with_))


@router.post("/entitlements/{entitlement_id}/claims")
def post_claim(session: DbSession, actor: Resident, request: Request, entitlement_id: UUID, form: FilledClaim) -> Response:
    if not policy.can_confirm(actor, my_stop(session, actor, entitlement_id)):
        raise NotAllowed
    wish, gift = form.wish, gift_for(session, actor, entitlement_id)
    if wish and wish.lacks_authority:
        form = form.with_problem("authority", _(NoAuthority.says))
    if wish and not wish.lines and len(gift.now) > 1:
        form = form.with_problem("lines", _("请勾上他拿到的东西。"))  # a program that names none means all of them
    elif wish and (lacking := not_on_desk(session, actor, gift, wish)):
        form = form.with_problem("lines", _("发放台上没有%(item)s了。先不勾它，或者换一个台；有货的，先登记到货。", item=lacking))
    if wish and not form.problems:
        try:
            made, _new = service.claim(session, actor, entitlement_id, form.id, wish)
            return see_other(f"{actor.frame.base}/benefits/claims/{made.id}")
        except (NotAnOwner, NotOfThisHousehold) as no:  # before anything is written
            form = form.with_problem("authority" if wish.proxy_name else "proxy_name", f"{no.message}{no.next_step}")
    return confirm_page(session, actor, entitlement_id, form).reply(request, 422)


@router.get("/claims/{claim_id}")
def show_claim(session: DbSession, actor: Resident, claim_id: UUID) -> ClaimPage:
    return claim_page(session, actor, claim_for(session, actor, claim_id), empty())


@router.get("/claims/{claim_id}/void")
def show_void(session: DbSession, actor: Officer, claim_id: UUID) -> VoidPage:
    return void_page(session, actor, service.voidable_claim(session, actor, claim_id), empty())


@router.post("/claims/{claim_id}/void")
def post_void(session: DbSession, actor: Officer, request: Request, claim_id: UUID, form: FilledVoid) -> Response:
    actor.need(Permission.VOID_CLAIM)
    if form.wish is None:
        return void_page(session, actor, service.voidable_claim(session, actor, claim_id), form).reply(request, 422)
    service.void(session, actor, claim_id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/claims/{claim_id}", _("作废了，这一户可以再领。"))


@router.post("/claims/{claim_id}/{what}")
def post_photo(
    session: DbSession, actor: Resident, request: Request, claim_id: UUID, what: ClaimPhoto, photo: PhotoIn
) -> Response:
    """A picture's id follows from its bytes: the same form sent twice brings the same picture."""
    claim = claim_for(session, actor, claim_id)
    taken = next(iter(photo.taken.values()), None)
    if taken is None:
        problem = "".join(photo.refused) or _("请先拍一张照片。")
        return claim_page(session, actor, claim, empty().with_problem(what, problem)).reply(request, 422)
    kept = keep(session, actor.compound.id, uuid5(claim_id, f"{what} {taken.sha256}"), taken, actor.person_id).photo
    service.add_photo(session, actor, claim_id, what, kept)
    return see_other(f"{actor.frame.base}/benefits/claims/{claim_id}", _(PHOTO_SAYS[what][2]))


@router.get("/claims/{claim_id}/{what}/{size}")
def show_photo(
    session: DbSession, actor: Resident, request: Request, claim_id: UUID, what: ClaimPhoto, size: PhotoSize
) -> Response:
    """A slip is in the owner's name and for them too. A signed sheet may hold the neighbours' lines, so it is for the table and
    the supervisors only.
    """
    claim = claim_for(session, actor, claim_id)
    if not policy.can_see_photo(actor, what):
        raise NotAllowed
    photo_id = claim.photo_of(what)
    if photo_id is None:
        raise NotFound
    return photo_response(session.get_one(Photo, (claim.compound_id, photo_id)), size, request.app.state.blobs)


@router.get("/{id}/desk")
def show_desk(
    session: DbSession, actor: Officer, id: UUID, q: str = "", paper: bool = False, with_: Carried = None
) -> DeskPage | ConfirmPage:
    """One match is shown at once, ready to be confirmed; `paper`: as signed on the sheet that its code stands on."""
    if not policy.can_hand_out(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    asked, scanned_off_paper = asked_at_table(q[:200])
    found, carried = find_at_table(session, distribution, asked), carried_on(session, actor, with_)
    if len(found) == 1:
        way = ClaimWay.PAPER_PHOTO if paper or scanned_off_paper else ClaimWay.TICK_WITH_WITNESS
        return confirm_page(session, actor, found[0].id, carried=carried, way=way)
    return DeskPage(actor.frame, card_of(session, distribution), asked, found, carried)


@router.get("/{id}/roll")
def show_roll(session: DbSession, actor: Officer, id: UUID, asked: AskedPage, claimed: bool = False) -> RollPage:
    if not policy.can_see_roll(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    buildings = list(dict.fromkeys(s.building for s in stairs(session, distribution)))
    return RollPage(
        actor.frame, card_of(session, distribution), claimed, roll(session, distribution, asked, claimed=claimed), buildings
    )


@router.get("/{id}/sheet")
def show_sheet(session: DbSession, actor: Officer, request: Request, id: UUID, building: str) -> SheetPage:
    """The list to sign on paper when the telephone is dead, one building a sheet."""
    if not policy.can_see_roll(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    if building not in {s.building for s in stairs(session, distribution)}:
        raise NotFound
    head = head_of(session, actor.compound.id)
    here = f"{request.app.state.settings.public_url}{actor.frame.base}/benefits/{id}"
    return SheetPage(
        actor.frame,
        card_of(session, distribution),
        building,
        [(gift, qr_path(f"{here}/desk?q={gift.code}&paper=1")) for gift in sheet_rows(session, distribution, building)],
        qr_path(here),
        first_index_of(session, distribution),
        head.size,
        head.root.hex(),
        now(),
    )


def carried_on(session: Session, actor: Actor, claim_id: UUID | None) -> Claim | None:
    """The claim whose collector goes on for another unit: what is filled in comes from it. Raises NotFound."""
    return claim_for(session, actor, claim_id) if claim_id else None


def confirm_page(
    session: Session,
    actor: Actor,
    entitlement_id: UUID,
    form: Filled[ClaimWish] | None = None,
    *,
    carried: Claim | None = None,
    way: ClaimWay = ClaimWay.TICK_WITH_WITNESS,
) -> ConfirmPage:
    """Whoever delivers it sees what is due, and not who collected earlier."""
    unit = entitlement_for(session, actor, entitlement_id)
    gift = gift_for(session, actor, entitlement_id)
    distribution = session.get_one(Distribution, (unit.compound_id, unit.distribution_id))
    owners, desks = owners_of(session, unit), desks_of(session, distribution)
    at_table = policy.can_see_roll(actor)
    before = gift.claimed if at_table else ()
    claims = [session.get_one(Claim, (unit.compound_id, line.claim_id)) for line in before]
    named = {person.name for person in owners}
    household = "、".join(name for name in household_of(session, unit) if name not in named)
    hints = {Authority.PHONE: _("写下打给了谁。"), Authority.SLIP: _("登记以后拍照。"), Authority.HOUSEHOLD: household}
    return ConfirmPage(
        actor.frame,
        card_of(session, distribution),
        gift,
        [(owner.id, owner.name, masked_phone(owner.phone) if owner.phone and at_table else "") for owner in owners],
        usual_collectors(session, unit, owners) if at_table else [],
        [(claim, _(WAY_SAYS[ClaimWay(claim.way)]), name_of(session, claim.compound_id, claim.officer_id)) for claim in claims],
        [(line.id, line.said) for line in gift.now],
        [(desk.id, desk.name) for desk in desks],
        form or empty({"way": way.value, **first_filled(gift, owners, desks, carried)}),
        [(way.value, _(WAY_SAYS[way])) for way in TABLE_WAYS],
        [(way.value, _(AUTHORITY_SAYS[way]), hints[way]) for way in Authority if hints[way]],
        back_of(session, actor, distribution),
    )


def first_filled(gift: Gift, owners: list[Person], desks: list[Desk], carried: Claim | None) -> dict[str, Any]:
    """Of who goes on for another unit the name; how they are related to this one, and who allowed it, is asked anew."""
    chosen: dict[str, Any] = {"desk_id": desks[0].id, "cash": "true"}
    chosen["lines"] = [line.id for line in gift.now]
    own = [person for person in owners if carried and not carried.by_proxy and person.id == carried.owner_id]
    if owners:
        chosen["owner_id"] = (own or owners)[0].id
    if carried and not own:
        chosen["proxy_name"] = carried.collector
    return chosen


def back_of(session: Session, actor: Actor, distribution: Distribution) -> tuple[str, str]:
    """Where the next one waits: in the line where numbers are given today, else at the table; or on one's route."""
    at = f"{actor.frame.base}/benefits/{distribution.id}"
    if not policy.can_hand_out(actor):
        return f"{at}/route", _("送货上门")
    return (f"{at}/queue", _("排队叫号")) if numbered_batches(session, distribution) else (f"{at}/desk", _("发放登记"))


def claim_page(session: Session, actor: Actor, claim: Claim, form: Filled[Any]) -> ClaimPage:
    gift = gift_for(session, actor, claim.entitlement_id)
    distribution = session.get_one(Distribution, (claim.compound_id, claim.distribution_id))
    at_table = policy.can_add_photo(actor, claim)
    kept = [(what.value, _(says)) for what, (says, _ask, _done) in PHOTO_SAYS.items() if claim.photo_of(what)]
    return ClaimPage(
        actor.frame,
        claim,
        gift,
        handed(session, claim),
        _(WAY_SAYS[ClaimWay(claim.way)]),
        name_of(session, claim.compound_id, claim.officer_id),
        name_of(session, claim.compound_id, claim.voided_by_id) if claim.voided_by_id else "",
        form,
        [(what, says) for what, says in kept if policy.can_see_photo(actor, ClaimPhoto(what))],
        [(what.value, _(ask)) for what, (_says, ask, _done) in PHOTO_SAYS.items() if at_table and claim.lacks(what)],
        back_of(session, actor, distribution)
        if at_table
        else (f"{actor.frame.base}/benefits/{gift.distribution_id}", gift.title),
        at_table,
        policy.can_hand_out(actor),
        policy.can_void(actor, claim, own_home=is_own_home(session, actor, claim)),
    )


def void_page(session: Session, actor: Actor, claim: Claim, form: Filled[VoidWish]) -> VoidPage:
    kinds = {line.quantity > 0 for line in handed_in(session, claim)}
    return VoidPage(
        actor.frame,
        claim,
        gift_for(session, actor, claim.entitlement_id),
        handed(session, claim),
        True in kinds,
        False in kinds,
        name_of(session, claim.compound_id, claim.officer_id),
        form,
    )


def handed(session: Session, claim: Claim) -> str:
    ids = {line.id for line in handed_in(session, claim)}
    lines = lines_of(session, claim.compound_id, [claim.entitlement_id])[claim.entitlement_id]
    return "、".join(line.said for line in lines if line.id in ids)


def name_of(session: Session, compound_id: UUID, person_id: UUID) -> str:
    return session.get_one(Person, (compound_id, person_id)).name
