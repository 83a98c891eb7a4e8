"""The census, the promises and the requests for help of a story, through the product's own verbs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from app.access.consents import Purpose, give
from app.demo import shapes
from app.demo.dice import Dice
from app.demo.telling import Happening, Loader, moment
from app.kit.clock import today
from app.volunteering.census import enter
from app.volunteering.census_models import SLOTS, SeenBy
from app.volunteering.census_schemas import CensusWish, LevelWish
from app.volunteering.home_visit_schemas import HomeVisitWish
from app.volunteering.home_visiting import ask_for_what_was_needed, write_visit
from app.volunteering.pledge_models import PledgeVerdict, Verdict
from app.volunteering.pledge_schemas import PledgeWish
from app.volunteering.pledging import keep, promise
from app.volunteering.request_models import Rank, RequestActKind
from app.volunteering.request_schemas import RequestActWish, RequestWish
from app.volunteering.requesting import act, ask
from app.volunteering.skill_models import SkillLevel
from app.volunteering.term_models import DEFAULTS, TermOf

DICE = Dice("service of neighbours")
K = RequestActKind

CENSUS_DAYS_AGO = 90


def happenings_of_service(loader: Loader) -> Iterator[Happening]:
    yield from _census(loader)
    yield from _pledges(loader)
    yield from _home_visits(loader)
    yield from _requests(loader)


def _census(loader: Loader) -> Iterator[Happening]:
    """Whoever the story gave a skill that the census offers, one in four of them long ago enough to be asked again."""
    at_home = {tie.person for tie in loader.story.ownerships} | {tie.person for tie in loader.story.residencies}
    for person in loader.story.people:
        skills = [name for name in person.skills.split("、") if name in DEFAULTS[TermOf.SKILL]]
        if skills and person.phone and person.key in at_home:
            days = 400 if DICE.percent(f"stale {person.key}", 25) else CENSUS_DAYS_AGO
            began = max(moment(today() - timedelta(days=days)), moment(loader.story.compound.founded_on))
            yield Happening(began, partial(_tell, loader, person, skills))


def _tell(loader: Loader, person: shapes.Person, skills: list[str]) -> None:
    level = DICE.one(f"level {person.key}", list(SkillLevel))
    wish = CensusWish(
        occupation=person.occupation or None,
        interests=person.interests or None,
        skills=tuple(LevelWish(name=name, level=level) for name in skills),
        times=tuple(DICE.some(f"times {person.key}", SLOTS, 3)),
        may_call=DICE.percent(f"call {person.key}", 60),
        seen_by=DICE.one(f"seen {person.key}", list(SeenBy)),
        agrees=True,
    )
    actor = loader.actor(person.key)
    enter(loader.session, actor, loader.id("census", person.key), wish)
    if DICE.percent(f"honour {person.key}", 70):
        give(loader.session, actor, Purpose.HONOUR)


def _pledges(loader: Loader) -> Iterator[Happening]:
    seats = {seat.key: seat.person for seat in loader.story.seats}
    judges = [person.key for person in loader.story.people if person.phone and person.key not in seats.values()]
    for told in loader.story.pledges:
        member = seats[told.seat]
        yield Happening(moment(told.pledged_on), partial(_promise, loader, member, told))
        if told.kept_on:
            yield Happening(moment(told.kept_on, 15), partial(_keep, loader, member, told))
            words = [Verdict.GOOD] * told.good + [Verdict.FAIR] * told.fair + [Verdict.POOR] * told.poor
            who = DICE.some(f"judges {told.key}", judges, len(words))
            yield Happening(moment(told.kept_on, 20), partial(_judge, loader, told, list(zip(who, words, strict=False))))


def _promise(loader: Loader, member: str, told: shapes.Pledge) -> None:
    actor = loader.actor(member)
    give(loader.session, actor, Purpose.APPEAR)
    promise(loader.session, actor, loader.id("pledge", told.key), PledgeWish(says=told.says))


def _keep(loader: Loader, member: str, told: shapes.Pledge) -> None:
    photos = {loader.id("photo", photo.key): loader.prints[photo.key] for photo in told.evidence}
    keep(loader.session, loader.actor(member), loader.id("pledge", told.key), told.kept_how, photos)


def _judge(loader: Loader, told: shapes.Pledge, said: list[tuple[str, Verdict]]) -> None:
    """Two hundred words of neighbours, as rows: each by the verb would take longer than all the rest of this file."""
    compound_id, pledge_id = loader.compound.id, loader.id("pledge", told.key)
    loader.session.add_all(
        PledgeVerdict(compound_id=compound_id, pledge_id=pledge_id, person_id=loader.id("person", who), verdict=verdict)
        for who, verdict in said
    )


def _home_visits(loader: Loader) -> Iterator[Happening]:
    seats = {seat.key: seat.person for seat in loader.story.seats}
    for n, told in enumerate(loader.story.home_visits):
        yield Happening(moment(told.visited_on, 17), partial(_look_in, loader, seats[told.seat], n, told))


def _look_in(loader: Loader, member: str, n: int, told: shapes.HomeVisit) -> None:
    actor, id = loader.actor(member), loader.id("home visit", str(n))
    wish = HomeVisitWish(
        unit_id=loader.id("unit", told.unit), visited_on=told.visited_on, seen=told.saw, needed=told.needed or None
    )
    write_visit(loader.session, actor, id, wish)
    if told.helped:
        ask_for_what_was_needed(loader.session, actor, id, loader.id("home visit request", str(n)))


STEPS = (K.CONFIRMED, K.CLAIMED, K.HELPED, K.RECEIVED, K.RATED)

ASKED = (
    ("代买东西", "买一袋米，十斤的，提不动。", Rank.SPECIAL, 5, 5),
    ("陪去看病", "去县医院复查，来回有人陪着就行。", Rank.URGENT, 5, 4),
    ("水电小修", "厨房的灯一闪一闪，怕是镇流器坏了。", Rank.ORDINARY, 5, 5),
    ("教用手机", "想跟孙子视频，不会弄。", Rank.ORDINARY, 4, 0),
    ("搬东西", "旧柜子搬到楼下。", Rank.ORDINARY, 3, 0),
    ("上门理发", "腿脚不便，想在家里理个发。", Rank.SPECIAL, 2, 0),
    ("代买东西", "药吃完了，今天要买到。", Rank.URGENT, 1, 0),
    ("陪着说话", "一个人闷，想有人来坐坐。", Rank.SPECIAL, 1, 0),
    ("别的事", "帮着看看电费单。", Rank.ORDINARY, 0, 0),
)
"""Kind, words, rank, how many steps were taken, stars. In every state once; one more was cancelled, one declined."""


def _requests(loader: Loader) -> Iterator[Happening]:
    """Asked in the last days by people who live here; the coordinator confirms, volunteers help."""
    coordinator = next((seat.person for seat in loader.story.seats if seat.kind == "coordinator"), "")
    if not coordinator:
        return
    busy = {seat.person for seat in loader.story.seats}
    homes = sorted({tie.person for tie in loader.story.ownerships} - busy)
    phones = {person.key for person in loader.story.people if person.phone}
    askers = DICE.some("askers", [key for key in homes if key in phones], len(ASKED))
    helpers = sorted({seat.person for seat in loader.story.seats if seat.kind == "volunteer"} - set(askers))
    if len(askers) < len(ASKED) or not helpers:
        return
    for n, ((kind, what, rank, steps, stars), asker) in enumerate(zip(ASKED, askers, strict=True)):
        began = moment(today() - timedelta(days=12 - n), 8)
        helper = DICE.one(f"helper {n}", helpers)
        wish = RequestWish(kind=kind, what=what, rank=rank, wanted_at=_wanted(began, steps, n))
        yield Happening(began, partial(_ask, loader, asker, n, wish))
        for k, step in enumerate(STEPS[:steps]):
            by = coordinator if step is K.CONFIRMED else helper if step in (K.CLAIMED, K.HELPED) else asker
            said = RequestActWish(kind=step, stars=stars if step is K.RATED else None)
            yield Happening(began + timedelta(hours=1 + 3 * k), partial(_act, loader, by, n, said))
    for n, (kind, text) in enumerate(((K.CANCELLED, ""), (K.DECLINED, "这件事要找物业，已经转过去了。")), len(ASKED)):
        began, asker = moment(today() - timedelta(days=20 - n), 9), askers[n - len(ASKED)]
        wish = RequestWish(kind="别的事", what="楼下的自行车挪一挪。", wanted_at=began + timedelta(days=2))
        yield Happening(began, partial(_ask, loader, asker, n, wish))
        by = asker if kind is K.CANCELLED else coordinator
        yield Happening(began + timedelta(hours=5), partial(_act, loader, by, n, RequestActWish(kind=kind, text=text or None)))


def _wanted(began: datetime, steps: int, n: int) -> datetime:
    """What is done was wanted then; what waits is wanted in the days to come."""
    return began + timedelta(days=1) if steps == len(STEPS) else moment(today() + timedelta(days=1 + n % 3), 10)


def _ask(loader: Loader, asker: str, n: int, wish: RequestWish) -> None:
    home = next(tie.unit for tie in loader.story.ownerships if tie.person == asker)
    with_home = wish.model_copy(update={"unit_id": loader.id("unit", home)})
    ask(loader.session, loader.actor(asker), loader.id("request", str(n)), with_home)


def _act(loader: Loader, by: str, n: int, wish: RequestActWish) -> None:
    act(loader.session, loader.actor(by), loader.id("request", str(n)), loader.id("request act", f"{n} {wish.kind}"), wish)
