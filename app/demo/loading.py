"""Puts the invented world into a database, through the product's own verbs where an act is public.

The past is made under `clock.pretending`; ids come from the story's keys, so that two loads of one day are alike.
"""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from itertools import chain
from uuid import UUID, uuid5

from sqlalchemy import event, update
from sqlmodel import Session, col, select

from app.access.service import keep_key
from app.accounts.models import Account
from app.compounds.models import (
    Baseline,
    Body,
    Building,
    CareLink,
    Community,
    Compound,
    Entrance,
    Ownership,
    Person,
    Residency,
    Rule,
    Seat,
    Unit,
)
from app.compounds.numbers import next_number
from app.council.models import DecisionKind
from app.council.schemas import DecisionWish
from app.council.service import record_decision
from app.demo import shapes
from app.demo.loading_gifts import happenings_of_gifts
from app.demo.loading_money import happenings_of_money, rule_for_vouchers
from app.demo.loading_service import happenings_of_service
from app.demo.loading_works import happenings_of_works
from app.demo.prints import Prints, develop
from app.demo.sandbox import SANDBOX_KEY, SANDBOX_SCOPES
from app.demo.shapes import Story
from app.demo.telling import NAMESPACE, Happening, Loader, moment
from app.demo.world import invented_world
from app.inbox.models import Message
from app.kit.blobs import Blobs, LocalBlobs
from app.kit.clock import ZONE, local, now, pretending, today
from app.kit.db import Database, reading, writing
from app.kit.jobs import enqueue
from app.kit.pictures import PictureDesk
from app.publiclog.service import start_log
from app.settings import Settings
from app.volunteering.check_in_codes import Way
from app.volunteering.check_in_models import CheckIn, Seen
from app.volunteering.hour_models import HourEntry, HourSource
from app.volunteering.models import Activity, Shift
from app.volunteering.reminding import remind_later
from app.volunteering.repeating import MAKE_SHIFTS
from app.volunteering.series_models import Series
from app.volunteering.signup_models import Signup

DECIDED_BY = {
    "owners": DecisionKind.OWNERS,
    "owners_three_quarters": DecisionKind.OWNERS,
    "council": DecisionKind.MEETING,
    "election": DecisionKind.ELECTION,
}

Told = Callable[[str], object]


def load_world(db: Database, desk: PictureDesk, blobs: Blobs, stories: tuple[Story, ...], told: Told) -> None:
    """Every story whose compound is not there yet, each in one transaction: a second start keeps the data."""
    with reading(db) as session:
        known = set(session.exec(select(Compound.slug)))
    # As many pictures at a time as keep the desk's children busy, beside the one thread that writes.
    with ThreadPoolExecutor(4) as pool:
        coming = [(story, develop(pool, desk, blobs, story)) for story in stories if story.compound.slug not in known]
        for story, prints in coming:
            told(story.compound.name)
            with writing(db) as session:
                keep_what_is_read(session)
                load_story(session, story, prints, blobs)


def keep_what_is_read(session: Session) -> None:
    """A session holds its rows weakly: three years of verbs would read the same people and accounts thousands of times."""
    kept: list[object] = []
    for turn in ("loaded_as_persistent", "pending_to_persistent"):
        event.listen(session, turn, lambda _session, row: kept.append(row))


def load_demo(settings: Settings, db: Database, *, only: str = "", told: Told = str) -> None:
    """The invented world of today, or one compound of it, into a migrated database and its folder of photos."""
    stories = tuple(s for s in invented_world(today()).stories if s.compound.slug.startswith(only))
    with PictureDesk(settings.data_dir / "incoming", children=2) as desk:
        load_world(db, desk, LocalBlobs(settings.data_dir / "photos"), stories, told)


def load_story(session: Session, story: Story, prints: Prints, blobs: Blobs) -> None:
    loader = Loader(session, story, _compound(session, story), prints, blobs)
    with pretending(moment(story.compound.founded_on)):
        _homes(loader)
        _people(loader)
        _bodies(loader)
        session.flush()
    life = [*_decisions(loader), *happenings_of_money(loader), *happenings_of_gifts(loader), *happenings_of_works(loader)]
    life += happenings_of_service(loader)
    for happening in sorted(life, key=lambda h: h.at):
        with pretending(min(happening.at, now())):  # what is due later today has just happened
            happening.act()
            session.flush()
    _service(loader)
    _read_old_messages(loader)
    if story.compound.slug == "sandbox":
        maker = loader.id("person", story.people[0].key)
        keep_key(session, loader.compound.id, maker, "sandbox", frozenset(SANDBOX_SCOPES), 3650, SANDBOX_KEY)


def _compound(session: Session, story: Story) -> Compound:
    told = story.compound
    community = session.exec(select(Community).where(Community.name == told.community.name)).first()
    if community is None:
        community = Community(name=told.community.name, city=told.community.city)
        session.add(community)
        session.flush()
    compound = Compound(
        id=uuid5(NAMESPACE, told.slug),
        community_id=community.id,
        slug=told.slug,
        name=told.name,
        city=told.city,
        help_phone=told.help_phone,
    )
    session.add(compound)
    session.flush()
    start_log(session, compound.id)
    return compound


def _homes(loader: Loader) -> None:
    session, compound_id = loader.session, loader.compound.id
    buildings = list(dict.fromkeys(u.building for u in loader.story.units))
    entrances = list(dict.fromkeys((u.building, u.entrance) for u in loader.story.units))
    for position, name in enumerate(buildings):
        session.add(Building(compound_id=compound_id, id=loader.id("building", name), name=name, position=position))
    session.flush()
    for position, (building, name) in enumerate(entrances):
        id = loader.id("entrance", f"{building}/{name}")
        of = loader.id("building", building)
        session.add(Entrance(compound_id=compound_id, id=id, building_id=of, name=name, position=position))
    session.flush()
    for u in loader.story.units:
        session.add(
            Unit(
                compound_id=compound_id,
                id=loader.id("unit", u.key),
                entrance_id=loader.id("entrance", f"{u.building}/{u.entrance}"),
                kind=u.kind,
                room=u.room,
                label=u.key,
                area=u.area,
            )
        )
    session.flush()


def _people(loader: Loader) -> None:
    session, compound_id = loader.session, loader.compound.id
    accounts = _accounts(session, {p.phone for p in loader.story.people if p.phone})
    for p in loader.story.people:
        account_id = accounts[p.phone] if p.phone else None
        session.add(
            Person(compound_id=compound_id, id=loader.id("person", p.key), name=p.name, phone=p.phone, account_id=account_id)
        )
    session.flush()
    for n, o in enumerate(loader.story.ownerships):
        session.add(
            Ownership(
                compound_id=compound_id,
                id=loader.id("ownership", str(n)),
                unit_id=loader.id("unit", o.unit),
                person_id=loader.id("person", o.person),
                share=o.share,
                share_of=o.share_of,
                from_on=o.from_on,
                to_on=o.to_on,
            )
        )
    for n, r in enumerate(loader.story.residencies):
        session.add(
            Residency(
                compound_id=compound_id,
                id=loader.id("residency", str(n)),
                unit_id=loader.id("unit", r.unit),
                person_id=loader.id("person", r.person),
                tenant=r.tenant,
                from_on=r.from_on,
                to_on=r.to_on,
            )
        )
    session.flush()


def _accounts(session: Session, phones: Collection[str]) -> dict[str, UUID]:
    """By phone. Without a password: the demo's people are entered by a tap, and by nothing else."""
    known = {account.phone: account for account in session.exec(select(Account).where(col(Account.phone).in_(phones)))}
    new = {phone: Account(phone=phone) for phone in sorted(set(phones) - known.keys())}
    session.add_all(new.values())
    session.flush()
    return {phone: account.id for phone, account in (known | new).items()}


def _bodies(loader: Loader) -> None:
    session, compound_id, story = loader.session, loader.compound.id, loader.story
    for b in story.bodies:
        session.add(Body(compound_id=compound_id, id=loader.id("body", b.key), kind=b.kind, name=b.name))
    session.flush()
    for s in story.seats:
        session.add(
            Seat(
                compound_id=compound_id,
                id=loader.id("seat", s.key),
                body_id=loader.id("body", s.body),
                person_id=loader.id("person", s.person),
                kind=s.kind,
                title=s.title,
                basis=s.basis,
                from_on=s.from_on,
                to_on=s.to_on,
            )
        )
    session.flush()
    for c in story.care_links:
        session.add(
            CareLink(
                compound_id=compound_id,
                id=loader.id("care", c.unit),
                seat_id=loader.id("seat", c.seat),
                unit_id=loader.id("unit", c.unit),
                from_on=c.from_on,
            )
        )
    for f in story.baselines:
        session.add(
            Baseline(compound_id=compound_id, kind=f.kind, on_date=f.on_date, value=f.value, measure=f.measure, source=f.source)
        )
    if story.books:
        first, photographed_from = rule_for_vouchers(story.books)
        for value, on in ((10_000_000, first), (1, photographed_from)):
            session.add(
                Rule(
                    compound_id=compound_id,
                    name="voucher_needed_fen",
                    value=str(value),
                    source="自治公约第 12 条",
                    decided_by="管理委员会",
                    valid_from_on=on,
                )
            )
    for r in story.rules:
        session.add(
            Rule(
                compound_id=compound_id,
                name=r.name,
                value=str(r.value),
                source=r.source,
                decided_by=r.decided_by,
                valid_from_on=r.valid_from_on,
            )
        )


def _decisions(loader: Loader) -> Iterator[Happening]:
    """By whoever may record them on that day."""
    recorder = next((s.person for s in loader.story.seats if s.kind in ("director", "secretary")), "")
    office_began = min((s.from_on for s in loader.story.seats if s.person == recorder), default=date.min)
    for d in loader.story.decisions:
        yield Happening(moment(max(d.decided_on, office_began), 20), partial(_decide, loader, recorder, d))


def _decide(loader: Loader, recorder: str, told: shapes.Decision) -> None:
    record_decision(
        loader.session,
        loader.actor(recorder),
        loader.id("decision", told.key),
        DecisionWish(
            kind=DECIDED_BY[told.by],
            title=told.title,
            what=told.what,
            decided_on=told.decided_on,
            votes_for=told.votes.persons_yes,
            votes_against=told.votes.persons_no,
            votes_abstained=told.votes.persons_abstained,
        ),
    )


def _read_old_messages(loader: Loader) -> None:
    """What is older than a fortnight has been read: nobody's first page begins with three years of messages."""
    old = now() - timedelta(days=14)
    loader.session.flush()
    loader.session.execute(
        update(Message)
        .where(col(Message.compound_id) == loader.compound.id, col(Message.sent_at) < old)
        .values(read_at=col(Message.sent_at))
    )


def _service(loader: Loader) -> None:
    session, compound_id = loader.session, loader.compound.id
    for a in loader.story.activities:
        session.add(
            Activity(
                compound_id=compound_id,
                id=loader.id("activity", a.key),
                kind=a.kind,
                title=a.title,
                place=a.place,
                what=a.what,
                bring=a.bring,
                leader_id=loader.id("person", a.leader),
                sent_sha256=b"demo",
            )
        )
    session.flush()
    series = _series(loader)
    for s in loader.story.shifts:
        session.add(
            Shift(
                compound_id=compound_id,
                id=loader.id("shift", s.key),
                activity_id=loader.id("activity", s.activity),
                starts_at=s.starts_at,
                ends_at=s.ends_at,
                capacity=s.capacity,
                minimum=s.minimum,
                line=len(s.signups),
                series_id=series.get(s.activity),
                occurs_on=local(s.starts_at).date() if s.activity in series else None,
                taken=sum(one.state == "confirmed" for one in s.signups),
            )
        )
    session.flush()
    leaders = {a.key: a.leader for a in loader.story.activities}
    told = [(s, n, one) for s in loader.story.shifts for n, one in enumerate(s.signups, 1)]
    with session.no_autoflush:  # or each number would write the sign-up before it
        for s, n, one in told:
            with pretending(min(one.asked_at, now())):
                session.add(_signup(loader, s, n, one))
    session.flush()
    for s in loader.story.shifts:
        if s.starts_at > now() and s.signups:
            remind_later(session, compound_id, s.starts_at)
    session.add_all(chain.from_iterable(_marks(loader, one, leaders[s.activity]) for s, _n, one in told))
    session.add_all(_hours(loader, s, one, leaders[s.activity]) for s, _n, one in told if one.minutes)
    session.flush()


def _series(loader: Loader) -> dict[str, UUID]:
    """What takes place more than once does so every week, and the worker goes on with it."""
    found: dict[str, UUID] = {}
    for key in dict.fromkeys(shift.activity for shift in loader.story.shifts):
        shifts = [shift for shift in loader.story.shifts if shift.activity == key]
        if len(shifts) == 1:
            continue
        first = local(min(shift.starts_at for shift in shifts))
        series = Series(
            compound_id=loader.compound.id,
            id=loader.id("series", key),
            activity_id=loader.id("activity", key),
            rrule="FREQ=WEEKLY",
            first_on=first.date(),
            starts_minute=first.hour * 60 + first.minute,
            minutes=int((shifts[0].ends_at - shifts[0].starts_at).total_seconds() // 60),
            skip_holidays=False,
            capacity=shifts[0].capacity,
            minimum=shifts[0].minimum,
        )
        loader.session.add(series)
        ids = {"compound_id": str(loader.compound.id), "series_id": str(series.id)}
        enqueue(loader.session, MAKE_SHIFTS, ids, key=f"{MAKE_SHIFTS}:{series.id}:{today()}")
        found[key] = series.id
    loader.session.flush()
    return found


def _signup(loader: Loader, shift: shapes.Shift, line: int, told: shapes.Signup) -> Signup:
    came = shift.starts_at - timedelta(minutes=5) if told.attended and not told.added_because else None
    return Signup(
        compound_id=loader.compound.id,
        id=loader.id("signup", told.key),
        shift_id=loader.id("shift", shift.key),
        person_id=loader.id("person", told.person),
        entered_by_id=loader.id("person", told.entered_by),
        state=told.state,
        year=now().astimezone(ZONE).year,
        number=next_number(loader.session, loader.compound.id, "signup"),
        line=line,
        checked_in_at=came,
        checked_out_at=came + timedelta(minutes=told.minutes) if came else None,
        ended_at=now() if told.state == "withdrawn" else None,
        sent_sha256=b"demo",
    )


def _marks(loader: Loader, told: shapes.Signup, leader: str) -> Iterator[CheckIn]:
    """The leader saw everybody come and go."""
    signup = loader.session.get_one(Signup, (loader.compound.id, loader.id("signup", told.key)))
    for way, at in ((Way.IN, signup.checked_in_at), (Way.OUT, signup.checked_out_at)):
        if at:
            yield CheckIn(
                compound_id=loader.compound.id,
                id=loader.id(f"check-{way}", told.key),
                signup_id=signup.id,
                person_id=signup.person_id,
                way=way,
                how=Seen.LEADER,
                happened_at=at,
                received_at=at,
                seen_by_id=loader.id("person", leader),
                sent_sha256=b"demo",
            )


def _hours(loader: Loader, shift: shapes.Shift, told: shapes.Signup, leader: str) -> HourEntry:
    return HourEntry(
        compound_id=loader.compound.id,
        id=loader.id("hours", told.key),
        signup_id=loader.id("signup", told.key),
        person_id=loader.id("person", told.person),
        minutes=told.minutes,
        source=HourSource.ADDED_LATER if told.added_because else HourSource.LEADER,
        recorded_by_id=loader.id("person", leader),
        recorded_at=shift.ends_at,
        reason=told.added_because,
    )
