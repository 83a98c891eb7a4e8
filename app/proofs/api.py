"""The programs' door: what a verifier on another machine downloads. No account is needed to check."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from app.access.actors import Anyone
from app.kit.requests import DbSession, OneTransaction
from app.proofs.schemas import ConsistencyRead, HeadRead, InclusionRead
from app.publiclog.queries import consistency_for, entry_at, head_of, proof_for

router = APIRouter(route_class=OneTransaction, prefix="/log", tags=["proofs"])

MOST = 2**53 - 1
Index = Annotated[int, Path(ge=0, le=MOST, description="The entry's place in the log, from 0.")]


@router.get("/head", operation_id="get_log_head", summary="How long the log is, and its root")
def get_head(session: DbSession, visitor: Anyone) -> HeadRead:
    head = head_of(session, visitor.compound.id)
    return HeadRead(size=head.size, root=head.root.hex())


@router.get("/entries/{index}", operation_id="get_log_entry", summary="The exact bytes of one entry")
def get_entry(session: DbSession, visitor: Anyone, index: Index) -> Response:
    """Canonical JSON (RFC 8785). Hash the bytes as they come: leaf = SHA-256(0x00 ‖ bytes)."""
    return Response(entry_at(session, visitor.compound.id, index).entry, media_type="application/json")


@router.get("/proofs/{index}", operation_id="get_log_proof", summary="That an entry is in the log")
def get_proof(
    session: DbSession,
    visitor: Anyone,
    index: Index,
    size: Annotated[int | None, Query(ge=1, le=MOST, description="The log's length to prove against; now, if absent.")] = None,
) -> InclusionRead:
    proof = proof_for(session, visitor.compound.id, index, size)
    return InclusionRead(
        index=index,
        size=proof.size,
        leaf_hash=proof.leaf_hash.hex(),
        path=[h.hex() for h in proof.path],
        root=proof.root.hex(),
    )


@router.get("/consistency", operation_id="get_log_consistency", summary="That a shorter log is the beginning of a longer one")
def get_consistency(
    session: DbSession,
    visitor: Anyone,
    size1: Annotated[int, Query(alias="from", ge=1, le=MOST, description="The shorter length.")],
    size2: Annotated[int, Query(alias="to", ge=1, le=MOST, description="The longer length.")],
) -> ConsistencyRead:
    proof = consistency_for(session, visitor.compound.id, size1, size2)
    return ConsistencyRead(
        size1=size1,
        size2=size2,
        path=[h.hex() for h in proof.path],
        root1=proof.root1.hex(),
        root2=proof.root2.hex(),
    )
