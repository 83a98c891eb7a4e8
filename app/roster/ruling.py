"""Verbs: set a rule from a day on, and put a dated figure beside its source. Rows are added, never changed."""

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.models import Baseline, Rule
from app.compounds.rules import RULES
from app.kit import events
from app.kit.clock import today
from app.publiclog.service import Entry, commit_to, publish
from app.roster.models import AlreadyThatDay, BadRuleValue, RuleInThePast
from app.roster.schemas import BaselineWish, RuleWish


def set_rule(session: Session, actor: Actor, wish: RuleWish) -> Rule:
    """A new value of a rule from `valid_from_on`, today at the earliest; what began under the old one keeps it.

    Raises NotAllowed, SecondFactorNeeded, BadRuleValue, RuleInThePast, AlreadyThatDay.
    """
    actor.need(Permission.CHANGE_RULES)
    actor.need_second_factor()
    kind = RULES[wish.name]
    if not kind.least <= wish.value <= kind.most:
        raise BadRuleValue(least=kind.least, most=kind.most)
    if wish.valid_from_on < today():
        raise RuleInThePast
    same = select(Rule.id).where(
        Rule.compound_id == actor.compound.id, Rule.name == wish.name, Rule.valid_from_on == wish.valid_from_on
    )
    if session.exec(same).first():
        raise AlreadyThatDay
    row = Rule(compound_id=actor.compound.id, **wish.model_dump() | {"value": str(wish.value)})
    session.add(row)
    entry = Entry(
        type="rule.set",
        compound_id=row.compound_id,
        record_id=row.id,
        commits={name: commit_to(session, row.compound_id, getattr(wish, name)) for name in ("source", "decided_by")},
        facts={
            "name": wish.name,
            "value": wish.value,
            "valid_from_on": wish.valid_from_on.isoformat(),
        },
    )
    publish(session, row.compound_id, lambda _index: entry.values())
    events.tell(session, row.compound_id, "rule.set", rule_id=row.id)
    on_record(session, actor, "rule.set", row.id)
    return row


def record_baseline(session: Session, actor: Actor, wish: BaselineWish) -> Baseline:
    """How the neighbourhood fared on a day. Raises NotAllowed, SecondFactorNeeded, AlreadyThatDay."""
    actor.need(Permission.CHANGE_RULES)
    actor.need_second_factor()
    same = select(Baseline.id).where(
        Baseline.compound_id == actor.compound.id, Baseline.kind == wish.kind, Baseline.on_date == wish.on_date
    )
    if session.exec(same).first():
        raise AlreadyThatDay
    row = Baseline(compound_id=actor.compound.id, **wish.model_dump())
    session.add(row)
    on_record(session, actor, "baseline.recorded", row.id)
    return row
