"""The Merkle tree of RFC 6962 §2.1 (= RFC 9162 §2.1): pure arithmetic over SHA-256.

A *node* is the root of a complete subtree: (level, index) covers the leaves index·2^level up to (index + 1)·2^level.
Nodes never change once made, so they are stored; every other hash folds at most log2(n) of them. A *span* (start, end)
of leaves is a subtree met on the way from a leaf to the root: its start is a multiple of the largest complete subtree in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

Node = tuple[int, int]
Span = tuple[int, int]
Fetch = Callable[[int, int], bytes]
"""(level, index) -> the stored hash of that node."""

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def nodes_of(span: Span) -> list[Node]:
    """The complete subtrees that tile `span`, largest first."""
    start, end = span
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over adjoining complete subtrees, given largest first."""
    if not hashes:
        return EMPTY_ROOT
    *lefts, root = hashes
    for left in reversed(lefts):
        root = node_hash(left, root)
    return root


def root_over(span: Span, fetch: Fetch) -> bytes:
    return fold([fetch(level, index) for level, index in nodes_of(span)])


@dataclass
class Frontier:
    """The right edge of a growing tree: its complete subtrees, largest first. All that an append and the root need."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> "Frontier":
        return cls(size, [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)])

    @property
    def packed(self) -> bytes:
        return b"".join(self.peaks)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash; gives the nodes that this completes, (level, index, hash), the leaf first."""
        level, index, made = 0, self.size, leaf
        completed = [(level, index, made)]
        while index & 1:
            level, index, made = level + 1, index >> 1, node_hash(self.peaks.pop(), made)
            completed.append((level, index, made))
        self.peaks.append(made)
        self.size += 1
        return completed

    @property
    def root(self) -> bytes:
        return fold(self.peaks)


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees beside the way from leaf `index` to the root, nearest first (RFC 9162 §2.1.3.1).

    Raises ValueError unless 0 ≤ index < size.
    """
    if not 0 <= index < size:
        raise ValueError("the tree has no such leaf")
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(size1: int, size2: int) -> list[Span]:
    """The subtrees that show the first `size1` leaves unchanged in a tree of `size2` (RFC 9162 §2.1.4.1).

    Raises ValueError unless 0 < size1 ≤ size2: everything is consistent with an empty tree, so it shows nothing.
    """
    if not 0 < size1 <= size2:
        raise ValueError("the sizes must be 0 < size1 <= size2")
    start, end, spans = 0, size2, []
    while end != size1:
        middle = _split(start, end)
        if size1 <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:  # a first tree that is itself a node of the second is known to the verifier: it is its root
        spans.append((start, end))
    return spans[::-1]


def inclusion_proof(index: int, size: int, fetch: Fetch) -> list[bytes]:
    return [root_over(span, fetch) for span in inclusion_spans(index, size)]


def consistency_proof(size1: int, size2: int, fetch: Fetch) -> list[bytes]:
    return [root_over(span, fetch) for span in consistency_spans(size1, size2)]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 §2.1.3.2. `leaf` is the leaf hash."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *path):
        return False
    fn, sn, computed = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            computed = node_hash(sibling, computed)
            fn, sn = _up_to_a_right_child(fn, sn)
        else:
            computed = node_hash(computed, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and computed == root


def verify_consistency(size1: int, size2: int, path: Sequence[bytes], root1: bytes, root2: bytes) -> bool:
    """RFC 9162 §2.1.4.2, and False for size1 = 0, which would say yes to anything."""
    if not 0 < size1 <= size2 or not _are_hashes(root1, root2, *path):
        return False
    if size1 == size2:
        return not path and root1 == root2
    if not path:
        return False
    if size1 & (size1 - 1) == 0:
        path = [root1, *path]
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            fn, sn = _up_to_a_right_child(fn, sn)
        else:
            second = node_hash(second, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == root1 and second == root2


def _split(start: int, end: int) -> int:
    """The largest power of two below the span's length, from its start."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _up_to_a_right_child(fn: int, sn: int) -> tuple[int, int]:
    while fn and not fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _are_hashes(*hashes: bytes) -> bool:
    return all(len(h) == HASH_BYTES for h in hashes)
