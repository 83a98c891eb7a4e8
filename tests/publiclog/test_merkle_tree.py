"""The tree against the published vectors, and against the recursive definition of RFC 9162 read literally."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.publiclog import merkle
from app.publiclog.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_over,
    verify_consistency,
    verify_inclusion,
)
from tests.publiclog.trees import root_of

LEAVES = [
    bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION_0_OF_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
CONSISTENCY_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]


class Stored:
    """The nodes of a log, kept as the database keeps them, counting what is read."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.frontier = Frontier()
        self.reads = 0
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> int:
        made = self.frontier.append(leaf)
        self.nodes |= {(level, index): h for level, index, h in made}
        return len(made)

    def fetch(self, level: int, index: int) -> bytes:
        self.reads += 1
        return self.nodes[level, index]


def hashed(n: int) -> list[bytes]:
    return [leaf_hash(b"%d" % i) for i in range(n)]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, over leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162 §2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 9162 §2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def test_the_published_hashes_and_roots():
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    assert [root_of(map(leaf_hash, LEAVES[:n])).hex() for n in range(9)] == ROOTS
    assert merkle.EMPTY_ROOT.hex() == ROOTS[0]


def test_the_published_proofs():
    stored = Stored([leaf_hash(entry) for entry in LEAVES])
    assert [h.hex() for h in inclusion_proof(0, 8, stored.fetch)] == INCLUSION_0_OF_8
    assert [h.hex() for h in consistency_proof(6, 8, stored.fetch)] == CONSISTENCY_6_TO_8
    assert verify_inclusion(leaf_hash(b""), 0, 8, [bytes.fromhex(h) for h in INCLUSION_0_OF_8], bytes.fromhex(ROOTS[8]))
    assert verify_consistency(
        6, 8, [bytes.fromhex(h) for h in CONSISTENCY_6_TO_8], bytes.fromhex(ROOTS[6]), bytes.fromhex(ROOTS[8])
    )


@pytest.mark.parametrize("size", range(1, 40))
def test_every_small_tree_is_the_one_of_the_definition(size: int):
    leaves = hashed(size)
    stored = Stored(leaves)
    root = mth(leaves)
    assert stored.frontier.root == root_of(leaves) == root
    assert stored.frontier.peaks == [stored.fetch(level, place) for level, place in merkle.nodes_of((0, size))]
    assert Frontier.unpack(size, stored.frontier.packed) == stored.frontier
    for index in range(size):
        proof = inclusion_proof(index, size, stored.fetch)
        assert proof == path(index, leaves)
        assert verify_inclusion(leaves[index], index, size, proof, root)
    for size1 in range(1, size + 1):
        proof = consistency_proof(size1, size, stored.fetch)
        assert proof == subproof(size1, leaves)
        assert verify_consistency(size1, size, proof, mth(leaves[:size1]), root)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=300), st.data())
def test_any_tree_is_the_one_of_the_definition(entries: list[bytes], data: st.DataObject):
    leaves = [leaf_hash(entry) for entry in entries]
    stored = Stored(leaves)
    size2 = data.draw(st.integers(1, len(leaves)))
    size1 = data.draw(st.integers(1, size2))
    index = data.draw(st.integers(0, size2 - 1))
    assert inclusion_proof(index, size2, stored.fetch) == path(index, leaves[:size2])
    assert consistency_proof(size1, size2, stored.fetch) == subproof(size1, leaves[:size2])


@given(st.integers(1, 70), st.data())
def test_a_proof_with_anything_changed_is_refused(size: int, data: st.DataObject):
    leaves = hashed(size)
    stored, root = Stored(leaves), mth(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, stored.fetch)
    good = [leaves[index], index, size, proof, root]
    assert verify_inclusion(*good)
    for place, wrong in (
        (0, flipped(leaves[index], data)),
        (0, leaves[index][:-1]),
        (1, data.draw(st.integers(-2, size + 2).filter(lambda i: i != index))),
        (2, index),
        (3, [*proof, leaves[0]]),
        (3, proof[:-1] if proof else [root]),
        (4, flipped(root, data)),
        (4, root + b"\0"),
    ):
        bad = good.copy()
        bad[place] = wrong
        assert not verify_inclusion(*bad), (place, wrong)
    for i, h in enumerate(proof):
        for wrong in (flipped(h, data), h[:-1], h + b"\0", b""):
            assert not verify_inclusion(leaves[index], index, size, [*proof[:i], wrong, *proof[i + 1 :]], root)


@given(st.integers(1, 70), st.data())
def test_a_consistency_proof_with_anything_changed_is_refused(size2: int, data: st.DataObject):
    leaves = hashed(size2)
    stored = Stored(leaves)
    size1 = data.draw(st.integers(1, size2))
    root1, root2, proof = mth(leaves[:size1]), mth(leaves), consistency_proof(size1, size2, stored.fetch)
    good = [size1, size2, proof, root1, root2]
    assert verify_consistency(*good)
    for place, wrong in (
        (0, data.draw(st.integers(-1, size2 + 1).filter(lambda s: s != size1))),
        (2, [*proof, leaves[0]]),
        (2, proof[:-1] if proof else [root1]),
        (3, flipped(root1, data)),
        (3, root1[:-1]),
        (4, flipped(root2, data)),
        (4, root2 + b"\0"),
    ):
        bad = good.copy()
        bad[place] = wrong
        assert not verify_consistency(*bad), (place, wrong)
    for i, h in enumerate(proof):
        for wrong in (flipped(h, data), h[:-1], h + b"\0"):
            assert not verify_consistency(size1, size2, [*proof[:i], wrong, *proof[i + 1 :]], root1, root2)


def flipped(h: bytes, data: st.DataObject) -> bytes:
    place = data.draw(st.integers(0, len(h) * 8 - 1))
    return (int.from_bytes(h) ^ 1 << place).to_bytes(len(h))


def test_an_empty_first_tree_proves_nothing():
    root = mth(hashed(5))
    assert not verify_consistency(0, 5, [], merkle.EMPTY_ROOT, root)
    assert not verify_consistency(0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    with pytest.raises(ValueError, match="0 < size1"):
        consistency_proof(0, 5, Stored(hashed(5)).fetch)


def test_equal_sizes_need_equal_roots_and_an_empty_proof():
    root, other = mth(hashed(5)), mth(hashed(6))
    assert verify_consistency(5, 5, [], root, root)
    assert not verify_consistency(5, 5, [], root, other)
    assert not verify_consistency(5, 5, [root], root, root)
    assert not verify_consistency(4, 5, [], mth(hashed(4)), root)


def test_the_second_size_must_be_used_up():
    """A proof for a smaller tree, passed off as one for a larger tree whose left part it is."""
    leaves = hashed(4)
    stored = Stored(leaves)
    assert not verify_inclusion(leaves[0], 0, 8, inclusion_proof(0, 4, stored.fetch), mth(leaves))
    assert not verify_consistency(2, 8, consistency_proof(2, 4, stored.fetch), mth(leaves[:2]), mth(leaves))
    assert not verify_inclusion(leaves[0], 0, 1, [leaves[1]], node_hash(leaves[1], leaves[0]))


def test_a_path_longer_than_the_tree_is_high_is_refused_even_if_its_roots_fit():
    leaves = hashed(7)
    proof = consistency_proof(3, 7, Stored(leaves).fetch)
    above = leaf_hash(b"above")
    root1, root2 = node_hash(above, mth(leaves[:3])), node_hash(above, mth(leaves))
    assert not verify_consistency(3, 7, [*proof, above], root1, root2)
    assert not verify_inclusion(leaves[6], 6, 7, [*path(6, leaves), above], root2)


@pytest.mark.parametrize("h", [b"", bytes(31), bytes(33)])
def test_a_leaf_hash_and_a_root_have_32_bytes(h: bytes):
    assert not verify_inclusion(h, 0, 1, [], h)
    assert not verify_consistency(5, 5, [], h, h)
    assert verify_inclusion(bytes(32), 0, 1, [], bytes(32))
    assert verify_consistency(5, 5, [], bytes(32), bytes(32))


@pytest.mark.parametrize("h", [b"", bytes(31), bytes(33)])
def test_every_hash_of_a_path_has_32_bytes(h: bytes):
    first, second = leaf_hash(b"first"), leaf_hash(b"second")
    assert not verify_inclusion(first, 0, 2, [h], node_hash(first, h))
    assert not verify_consistency(1, 2, [h], first, node_hash(first, h))
    assert verify_inclusion(first, 0, 2, [second], node_hash(first, second))


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_there_is_no_proof_for_a_leaf_outside_the_tree(index: int):
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof(index, 5, Stored(hashed(5)).fetch)


def test_reads_grow_with_the_logarithm_at_a_hundred_thousand_entries():
    size = 131_071  # all ones in binary: the most peaks there can be
    stored = Stored(hashed(size))
    depth = size.bit_length()

    def reads(work) -> int:
        stored.reads = 0
        work()
        return stored.reads

    assert max(reads(lambda i=i: inclusion_proof(i, size, stored.fetch)) for i in range(0, size, 997)) <= 2 * depth
    assert max(reads(lambda s=s: consistency_proof(s, size, stored.fetch)) for s in range(1, size, 997)) <= 2 * depth
    assert reads(lambda: root_over((0, size), stored.fetch)) <= depth
    assert len(stored.frontier.peaks) <= depth
    assert stored.append(leaf_hash(b"one more")) <= depth + 1
    assert len(stored.nodes) < 2 * stored.frontier.size
