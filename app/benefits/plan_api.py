"""The programs' door to plans: written, approved, published, corrected, closed."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.access.permissions import Permission
from app.benefits import approving, drafting, planning, policy, publishing
from app.benefits.distribution_queries import (
    card_of,
    distribution_for,
    distributions,
    exclusions_of,
    holds_of,
    listed_item_for,
    told_until,
)
from app.benefits.draft_schemas import ListWish, PreviewRead
from app.benefits.models import Distribution
from app.benefits.plan_schemas import (
    DistributionRead,
    DistributionWish,
    FundingRead,
    RollCorrectionWish,
    StandingRead,
    UnitLabel,
    UnitNoteRead,
    UnitNoteWish,
    UnitWish,
)
from app.benefits.rolling import roll_now
from app.benefits.working import preview_of
from app.kit.pager import AskedPage, Page, link_next
from app.kit.refusals import NotAllowed, NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import VERSIONS, IfMatch, known_version
from app.treasury.draft_schemas import ApproveWish, ReasonWish

router = APIRouter(route_class=OneTransaction, tags=["benefits"])


@router.get("/distributions", operation_id="list_distributions", summary="Published plans, newest first")
def get_distributions(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response
) -> Page[DistributionRead]:
    page = distributions(session, visitor, asked)
    link_next(request, response, page)
    return Page[DistributionRead].model_validate(page, from_attributes=True)


@router.get("/distributions/{id}", operation_id="get_distribution", summary="One plan and how far it is handed out")
def get_distribution(session: DbSession, visitor: Anyone, response: Response, id: UUID) -> DistributionRead:
    return _read(session, visitor, distribution_for(session, visitor, id), response)


@router.put("/distributions/{id}", status_code=201, operation_id="put_distribution", summary="Plan a distribution (a draft)")
def put_distribution(
    session: DbSession, actor: Resident, response: Response, id: UUID, wish: DistributionWish
) -> DistributionRead:
    distribution, made = planning.plan(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, actor, distribution, response)


@router.patch("/distributions/{id}", operation_id="change_distribution", summary="Write a draft anew", responses=VERSIONS)
def patch_distribution(
    session: DbSession, actor: Resident, response: Response, id: UUID, wish: DistributionWish, if_match: IfMatch = None
) -> DistributionRead:
    """Whoever had approved it approves again."""
    return _read(session, actor, planning.change_plan(session, actor, id, known_version(if_match), wish), response)


@router.delete(
    "/distributions/{id}", status_code=204, operation_id="delete_distribution", summary="Delete a draft", responses=VERSIONS
)
def delete_distribution(session: DbSession, actor: Resident, id: UUID, if_match: IfMatch = None) -> Response:
    """With its lists, exclusions and signatures. What is published stays."""
    actor.need(Permission.PLAN_BENEFIT)
    planning.delete_plan(session, actor, id, known_version(if_match))
    return Response(status_code=204)


@router.put(
    "/distributions/{id}/items/{item_id}/list",
    operation_id="put_item_list",
    summary="The list that an item goes by, as a whole",
    responses=VERSIONS,
)
def put_list(
    session: DbSession, actor: Resident, response: Response, id: UUID, item_id: UUID, wish: ListWish, if_match: IfMatch = None
) -> StandingRead:
    """Of a draft, or of a published plan whose list was wrong: there it shows in the roll once a correction is published. The
    `ETag` is the plan's.
    """
    distribution = distribution_for(session, actor, id)
    listed = wish.listed(listed_item_for(session, distribution, item_id))
    drafting.keep_list(session, actor, id, item_id, known_version(if_match), listed)
    response.headers["ETag"] = f'"{distribution.edition}"'
    return _standing(session, actor, distribution)


@router.get("/distributions/{id}/preview", operation_id="preview_unit", summary="What one unit would get, and the arithmetic")
def get_preview(session: DbSession, actor: Resident, id: UUID, unit: UnitLabel) -> PreviewRead:
    """Of a plan that is still to be published, for who plans and who approves."""
    distribution = distribution_for(session, actor, id)
    if not policy.can_see_plans(actor):
        raise NotAllowed
    found = preview_of(roll_now(session, distribution), unit)
    if found is None:
        raise NotFound
    return PreviewRead.model_validate(found, from_attributes=True)


@router.get("/distributions/{id}/standing", operation_id="get_distribution_standing", summary="How far a plan is approved")
def get_standing(session: DbSession, actor: Resident, id: UUID) -> StandingRead:
    """For who plans and who approves."""
    return _standing(session, actor, distribution_for(session, actor, id))


@router.post("/distributions/{id}/submit", operation_id="submit_distribution", summary="Hand a draft to the supervisors")
def post_submit(session: DbSession, actor: Resident, id: UUID) -> StandingRead:
    return _standing(session, actor, approving.submit(session, actor, id))


@router.post("/distributions/{id}/corrections", operation_id="propose_correction", summary="Ask to publish the roll again")
def post_correction(session: DbSession, actor: Resident, id: UUID, wish: RollCorrectionWish) -> StandingRead:
    """As the roster, the exclusions and the lists say now, on the same record date; it is approved and published as the first
    one was, and what it replaces stays to be read.
    """
    return _standing(session, actor, approving.propose_correction(session, actor, id, wish))


@router.post("/distributions/{id}/return", operation_id="return_distribution", summary="Back to its planner, with the reason")
def post_return(session: DbSession, actor: Resident, id: UUID, wish: ReasonWish) -> StandingRead:
    return _standing(session, actor, approving.return_plan(session, actor, id, wish))


@router.post("/distributions/{id}/approve", operation_id="approve_distribution", summary="Sign a plan and its roll")
def post_approve(session: DbSession, actor: Resident, id: UUID, wish: ApproveWish) -> StandingRead:
    return _standing(session, actor, approving.approve(session, actor, id, wish))


@router.post("/distributions/{id}/publish", operation_id="publish_distribution", summary="Freeze the roll and publish the plan")
def post_publish(session: DbSession, actor: Resident, response: Response, id: UUID) -> DistributionRead:
    return _read(session, actor, publishing.publish_plan(session, actor, id), response)


@router.post("/distributions/{id}/close", operation_id="close_distribution", summary="Close the table; what is left stays owed")
def post_close(session: DbSession, actor: Resident, response: Response, id: UUID) -> DistributionRead:
    return _read(session, actor, publishing.close(session, actor, id), response)


@router.post("/distributions/{id}/reopen", operation_id="reopen_distribution", summary="Open the table again for late collection")
def post_reopen(session: DbSession, actor: Resident, response: Response, id: UUID) -> DistributionRead:
    return _read(session, actor, publishing.reopen(session, actor, id), response)


@router.post("/distributions/{id}/exclusions", operation_id="exclude_unit", summary="Leave a unit out, with the reason")
def post_exclusion(session: DbSession, actor: Resident, id: UUID, wish: UnitNoteWish) -> StandingRead:
    """Of a published plan it shows in the roll once a correction is published."""
    planning.exclude(session, actor, id, wish)
    return _standing(session, actor, distribution_for(session, actor, id))


@router.post("/distributions/{id}/inclusions", operation_id="include_unit", summary="Take a unit in again")
def post_inclusion(session: DbSession, actor: Resident, id: UUID, wish: UnitWish) -> StandingRead:
    planning.include(session, actor, id, wish)
    return _standing(session, actor, distribution_for(session, actor, id))


@router.post("/distributions/{id}/holds", operation_id="hold_unit", summary="Hold what a unit is due, on a stated basis")
def post_hold(session: DbSession, actor: Resident, id: UUID, wish: UnitNoteWish) -> StandingRead:
    planning.hold(session, actor, id, wish)
    return _standing(session, actor, distribution_for(session, actor, id))


@router.post("/distributions/{id}/lifted-holds", operation_id="lift_hold", summary="Hand out again what was held")
def post_lift(session: DbSession, actor: Resident, id: UUID, wish: UnitWish) -> StandingRead:
    planning.lift(session, actor, id, wish)
    return _standing(session, actor, distribution_for(session, actor, id))


def _read(session: Session, visitor: Visitor, distribution: Distribution, response: Response) -> DistributionRead:
    response.headers["ETag"] = f'"{distribution.edition}"'
    return DistributionRead.model_validate(
        card_of(session, distribution, told_until(session, visitor, distribution)), from_attributes=True
    )


def _standing(session: Session, visitor: Visitor, distribution: Distribution) -> StandingRead:
    if not policy.can_see_plans(visitor):
        raise NotAllowed
    stands = approving.standing_of(session, distribution)
    return StandingRead(
        edition=distribution.edition,
        submitted=distribution.submitted_at is not None,
        correction=distribution.correction,
        returned_because=distribution.returned_because,
        content_hash=stands.content_hash,
        approvals_had=stands.had,
        approvals_needed=stands.needed,
        funding=FundingRead.model_validate(stands.funding, from_attributes=True) if stands.funding else None,
        excluded=[UnitNoteRead(unit=label, why=one.reason) for label, one in exclusions_of(session, distribution)],
        held=[UnitNoteRead(unit=label, why=one.basis) for label, one in holds_of(session, distribution)],
    )
