"""The team's own page with its honour roll, and the figures for the street office."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.access.actors import Anyone, Officer
from app.compounds.models import SeatKind
from app.compounds.people import seated
from app.kit.charts import Share, shares
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import Cell, Form, sheet
from app.kit.views import View
from app.volunteering import policy
from app.volunteering.hour_models import HourSource, source_names
from app.volunteering.models import kind_names
from app.volunteering.skill_models import LEVEL_SAYS
from app.volunteering.team_queries import Honoured, Statistics, Teammate, honour_roll, statistics, team_size, teammates

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

Year = Annotated[int | None, Query(ge=2000, le=2200)]
Bars = list[tuple[str, str, Share]]


@dataclass(frozen=True)
class TeamPage(View):
    template = "volunteering/team.html"
    tab = "volunteering"

    size: int
    leaders: list[str]
    mates: list[Teammate]
    levels: dict[str, str]
    roll: list[Honoured]
    sources: dict[str, str]
    year: int
    counts: bool
    """The reader may see the figures."""


@dataclass(frozen=True)
class StatisticsPage(View):
    template = "volunteering/statistics.html"
    tab = "volunteering"

    figures: Statistics
    stars: str | None
    hours: Bars
    buildings: Bars


@router.get("/team")
def show_team(session: DbSession, visitor: Anyone) -> TeamPage:
    year = today().year
    return TeamPage(
        visitor.frame,
        team_size(session, visitor.compound.id),
        seated(session, visitor.compound.id).get(SeatKind.COORDINATOR, []) if visitor.is_resident else [],
        teammates(session, visitor),
        {level.value: _(says) for level, says in LEVEL_SAYS.items()},
        honour_roll(session, visitor.compound.id, year),
        source_names(),
        year,
        policy.may_count(visitor),
    )


@router.get("/statistics")
def show_statistics(session: DbSession, actor: Officer, year: Year = None) -> StatisticsPage:
    figures = statistics(session, actor, year or today().year)
    kinds: dict[str, int] = {}
    for (kind, _source), minutes in figures.hours.items():
        kinds[kind] = kinds.get(kind, 0) + minutes
    hours = sorted(kinds.items(), key=lambda one: -one[1])
    homes = sorted(figures.by_building.items())
    return StatisticsPage(
        actor.frame,
        figures,
        stars_of(figures),
        [
            (kind_names()[kind], _("%(n)s 小时", n=f"{minutes / 60:.1f}"), share)
            for (kind, minutes), share in zip(hours, shares([max(minutes, 0) for _kind, minutes in hours]), strict=True)
        ],
        [
            (name or _("不在楼里"), _("请 %(asked)s 次，办好 %(done)s 次", asked=asked, done=done), share)
            for (name, (asked, done)), share in zip(homes, shares([asked for _name, (asked, _done) in homes]), strict=True)
        ],
    )


@router.get("/statistics/file")
def show_file(session: DbSession, actor: Officer, year: Year = None) -> Response:
    """The same as a workbook."""
    figures = statistics(session, actor, year or today().year)
    return sheet(Form.XLSX, _("志愿服务统计"), lines_of(figures), f"volunteering-{figures.year}")


def lines_of(figures: Statistics) -> list[list[Cell]]:
    lines: list[list[Cell]] = [
        [_("志愿服务统计"), figures.year],
        [_("志愿者"), figures.team],
        [_("登记特长"), figures.in_census],
        [_("来过的人"), figures.served],
        [_("请人帮忙"), figures.asked],
        [_("办好了"), figures.fulfilled],
        [_("评过"), figures.ratings],
        [_("平均几颗星"), stars_of(figures) or ""],
        [_("哪一类"), _("时长从哪来"), _("分钟")],
    ]
    for (kind, source), minutes in figures.hours.items():
        lines.append([kind_names()[kind], source_names()[HourSource(source)], minutes])
    lines.append([_("楼栋"), _("请人帮忙"), _("办好了")])
    for name, (asked, done) in figures.by_building.items():
        lines.append([name or _("不在楼里"), asked, done])
    return lines


def stars_of(figures: Statistics) -> str | None:
    """None below three ratings."""
    if not figures.stars:
        return None
    return str((Decimal(figures.stars) / figures.ratings).quantize(Decimal("0.1"), ROUND_HALF_UP))
