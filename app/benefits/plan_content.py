"""What a plan says: to the approver who signs it, and to everybody once it is published."""

from collections.abc import Sequence
from hashlib import sha256

from sqlmodel import Session

from app.benefits.distribution_queries import batches_of, exclusions_of
from app.benefits.models import Batch, Distribution
from app.benefits.roll_queries import in_public
from app.benefits.rolling import Part, Roll
from app.publiclog.canonical import Value, canonical


def content_hash(session: Session, distribution: Distribution, roll: Roll) -> str:
    """What an approval binds: every word of the plan, the edition of it, and each unit's part of the roll."""
    excluded: list[Value] = [[label, exclusion.reason] for label, exclusion in exclusions_of(session, distribution)]
    whole: dict[str, Value] = {
        "plan": public_plan(distribution, batches_of(session, distribution), roll, len(excluded)),
        "decision": str(distribution.decision_id),
        "edition": distribution.edition,
        "correction": distribution.correction,
        "excluded": excluded,
        "roll": roll.sha256,
    }
    return sha256(canonical(whole)).hexdigest()


def public_plan(distribution: Distribution, batches: Sequence[Batch], roll: Roll, excluded: int) -> dict[str, Value]:
    """Totals by entrance, never a room with its amount (DOMAIN §4)."""
    places = {batch.id: batch.position for batch in batches}
    return {
        "v": 2,
        "number": distribution.reference,
        "title": distribution.title,
        "fund": distribution.fund,
        "record_on": distribution.record_on.isoformat() if distribution.record_on else None,
        "batches": [
            {
                "name": batch.name,
                "place": batch.place,
                "hours": batch.hours,
                "from_on": batch.from_on.isoformat(),
                "until_on": batch.until_on.isoformat(),
            }
            for batch in batches
        ],
        "items": [_item(part, places[part.item.batch_id]) for part in roll.parts],
        "total_fen": roll.total_fen,
        "total_area": roll.total_area,
        "units": len(roll.units),
        "excluded": excluded,
        "entrances": [
            {"building": s.building, "entrance": s.entrance, "units": s.units, "total_fen": s.total_fen}
            for s in in_public(roll.stairs)
        ],
    }


def _item(part: Part, batch: int) -> dict[str, Value]:
    """Own lists stay out: they name rooms."""
    item = part.item
    terms: dict[str, Value] = {name: said for name, said in item.terms.items() if name not in ("listed", "persons")}
    return {
        "batch": batch,
        "kind": item.kind,
        "name": item.name,
        "supplier": item.supplier,
        "unit": item.unit,
        "unit_price_fen": item.unit_price_fen,
        "spare": item.spare,
        "rule": item.rule,
        "rounding": item.rounding,
        "asked": item.asked,
        "terms": terms,
        "given": sum(part.shares.each),
        "residue": part.shares.residue,
    }
