"""What programs get. Hashes are lower-case hex; the hash is RFC 6962's (leaf 0x00, node 0x01, SHA-256)."""

from typing import Annotated

from pydantic import BaseModel, Field

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Path = Annotated[list[Hash], Field(max_length=64)]


class HeadRead(BaseModel):
    size: int
    root: Hash


class InclusionRead(BaseModel):
    """Entry `index` is in the log of `size` entries with this root (RFC 9162 §2.1.3)."""

    index: int
    size: int
    leaf_hash: Hash
    path: Path
    root: Hash


class ConsistencyRead(BaseModel):
    """The first `size1` entries are unchanged in the log of `size2` (RFC 9162 §2.1.4)."""

    size1: int
    size2: int
    path: Path
    root1: Hash
    root2: Hash
