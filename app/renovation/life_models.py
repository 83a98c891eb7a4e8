"""Nouns of a project's life, from the proposal to the end of the warranty: one act after the other, none of them ever changed.

Whoever moves a project on holds its row lock (`queries.project_to_change`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import Refusal
from app.renovation.models import ProjectStage


class NotThisStage(Refusal):
    says = mark("工程现在走到的这一步，不能这样记。")
    advice = mark("请刷新再看，可能别人已经记了。")


class NothingToTakeBack(Refusal):
    says = mark("没有可以撤回的一步。")


class ProjectActKind(StrEnum):
    ENTERED = "entered"
    """The project is put on record, at the stage at which it stands that day."""
    APPLIED = "applied"
    ANSWERED = "answered"
    """The office has answered, and not decided: papers are missing, somebody will come and look."""
    ADMITTED = "admitted"
    TURNED_DOWN = "turned_down"
    CONSULTED = "consulted"
    """The design was put before the residents."""
    CONTRACTED = "contracted"
    BEGUN = "begun"
    ACCEPTED = "accepted"
    """竣工验收, arranged by whoever has the works built: from that day the warranty runs."""
    JUDGED = "judged"
    """The residents' own acceptance was concluded. It stands beside the steps and moves none of them; `accepting` writes it."""
    WARRANTY = "warranty"
    """The works are handed over and the warranty runs."""
    FOLLOWED_UP = "followed_up"
    """Somebody went to look whether it holds."""
    ENDED = "ended"
    STOPPED = "stopped"
    RESUMED = "resumed"
    TAKEN_BACK = "taken_back"
    """The act before was a mistake: the project stands where it stood before that."""


K, S = ProjectActKind, ProjectStage

ALIVE = tuple(stage for stage in S if stage not in (S.ENDED, S.STOPPED))


@dataclass(frozen=True)
class ProjectMove:
    """`to`: None leaves the stage, or, of what goes back, is found in the acts before."""

    of: tuple[ProjectStage, ...]
    to: ProjectStage | None


PROJECT_MOVES = {
    K.APPLIED: ProjectMove((S.PROPOSED, S.TURNED_DOWN), S.APPLIED),
    K.ANSWERED: ProjectMove((S.APPLIED,), None),
    K.ADMITTED: ProjectMove((S.APPLIED,), S.ADMITTED),
    K.TURNED_DOWN: ProjectMove((S.APPLIED,), S.TURNED_DOWN),
    K.CONSULTED: ProjectMove((S.ADMITTED, S.DESIGN), S.DESIGN),
    K.CONTRACTED: ProjectMove((S.ADMITTED, S.DESIGN), S.CONTRACTED),
    K.BEGUN: ProjectMove((S.CONTRACTED,), S.BUILDING),
    K.ACCEPTED: ProjectMove((S.BUILDING,), S.ACCEPTED),
    K.WARRANTY: ProjectMove((S.ACCEPTED,), S.WARRANTY),
    K.FOLLOWED_UP: ProjectMove((S.WARRANTY,), None),
    K.ENDED: ProjectMove((S.WARRANTY,), S.ENDED),
    K.STOPPED: ProjectMove(ALIVE, S.STOPPED),
    K.RESUMED: ProjectMove((S.STOPPED,), None),
    K.TAKEN_BACK: ProjectMove(tuple(S), None),
}

PROJECT_ACT_SAYS = {
    K.ENTERED: mark("立项登记"),
    K.APPLIED: mark("向主管部门申请"),
    K.ANSWERED: mark("主管部门回复"),
    K.ADMITTED: mark("获准立项"),
    K.TURNED_DOWN: mark("没有获准"),
    K.CONSULTED: mark("方案征求居民意见"),
    K.CONTRACTED: mark("签订合同"),
    K.BEGUN: mark("开工"),
    K.ACCEPTED: mark("验收"),
    K.JUDGED: mark("居民监督验收意见"),
    K.WARRANTY: mark("进入保修"),
    K.FOLLOWED_UP: mark("保修回访"),
    K.ENDED: mark("保修期满，结束"),
    K.STOPPED: mark("停止"),
    K.RESUMED: mark("恢复"),
    K.TAKEN_BACK: mark("上一步记错了，撤回"),
}

STAGE_SAYS = {
    S.PROPOSED: mark("提出来了"),
    S.APPLIED: mark("申请中"),
    S.ADMITTED: mark("获准立项"),
    S.TURNED_DOWN: mark("没有获准"),
    S.DESIGN: mark("征求方案意见"),
    S.CONTRACTED: mark("签了合同"),
    S.BUILDING: mark("施工中"),
    S.ACCEPTED: mark("验收了"),
    S.WARRANTY: mark("保修中"),
    S.ENDED: mark("结束了"),
    S.STOPPED: mark("停止了"),
}


class ProjectAct(SentOnce, table=True):
    """One step in a project's life: who wrote it down, when, and the day on which it happened. `stage` is the project's after it.

    `office` and `reference`: of an application and its answers. `how` residents were asked, and `until_on` which day.
    """

    __tablename__ = "project_act"
    at = "/works/projects/{row.project_id}/life"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "project_id", "position"),
        CheckConstraint("until_on >= happened_on", name="in_order"),
    )

    project_id: UUID
    position: int
    kind: str = Field(max_length=12)
    stage: str = Field(max_length=12)
    happened_on: date
    until_on: date | None = None
    office: str = Field(default="", max_length=60)
    reference: str = Field(default="", max_length=60)
    how: str = Field(default="", max_length=100)
    text: str = Field(default="", max_length=2000)
    by_id: UUID
    done_at: datetime = Field(default_factory=now)


append_only("project_act")


def standing(acts: Iterable[ProjectAct]) -> list[ProjectAct]:
    """The steps that count, in their order: without those that were taken back and those that took them back."""
    stands: list[ProjectAct] = []
    for act in acts:
        if act.kind == K.TAKEN_BACK:
            stands.pop()
        elif act.kind != K.JUDGED:
            stands.append(act)
    return stands


def next_stage(kind: ProjectActKind, stage: ProjectStage, stands: list[ProjectAct]) -> ProjectStage:
    """Where an act leads from `stage`, `stands` being the acts that count. Raises NotThisStage, NothingToTakeBack."""
    move = PROJECT_MOVES.get(kind)
    if move is None or stage not in move.of:
        raise NotThisStage
    if kind is K.TAKEN_BACK and len(stands) < 2:
        raise NothingToTakeBack
    if kind in (K.TAKEN_BACK, K.RESUMED):
        return ProjectStage(stands[-2].stage)
    return move.to or stage
