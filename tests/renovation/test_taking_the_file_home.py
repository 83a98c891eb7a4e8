"""The whole file of a project: one ZIP for each reader's rights, which says by itself whether anybody has changed it."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from sqlmodel import select

from app.kit.clock import today
from app.photos.models import Photo
from app.publiclog.merkle import leaf_hash, verify_inclusion
from app.renovation.file_check import problems
from app.renovation.models import Project
from app.renovation.queries import VOLUME
from tests.cast import House, One
from tests.making import fresh
from tests.photos.papers import pdf
from tests.renovation.rounds import building_site, concluded, ready
from tests.renovation.sites import answered, finding_in, project_in, said, snapshot, visit_in
from tests.renovation.test_mediating_a_dispute import SUBJECT, WORDS, all_consented, done

Files = dict[str, bytes]


def built(house: House) -> Project:
    """With a paper of two pages that is not public, a visit of two photos and its correction, a finding that was answered."""
    project = project_in(house)
    paper = fresh()
    wish = {"kind": "letter", "title": "居民签名原件", "public": False}
    assert house.liu.api.put(f"/projects/{project.id}/documents/{paper}", wish).status == 201
    pages = f"/documents/{paper}/pages/{fresh()}"
    assert house.liu.api.ask("PUT", pages, content=pdf(2), headers={"content-type": "application/pdf"}).status == 201
    visit, _photos = visit_in(house, project, photos=2)
    again = said(project, progress="全铺好了", supersedes_id=str(visit))
    assert house.chen.api.put(f"/visits/{fresh()}", again).status == 201
    answered(house, finding_in(house, project, visit_id=str(visit)))
    return project


def taken_home(one: One, project: Project) -> bytes:
    answer = one.get(f"/works/projects/{project.id}/file")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip"), answer
    return answer.response.content


def inside(content: bytes) -> Files:
    with ZipFile(BytesIO(content)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def wrong_in(content: bytes) -> list[str]:
    with ZipFile(BytesIO(content)) as file:
        return list(problems(file))


def named(files: Files, folder: str) -> list[str]:
    return [name for name in files if name.startswith(f"{folder}/")]


def test_everything_is_in_it_and_every_hash_and_every_proof_holds(house: House) -> None:
    files = inside(taken_home(house.chen, built(house)))
    manifest, log, visits = (json.loads(files[name]) for name in ("manifest.json", "log.json", "visits.json"))
    listed = {one["path"]: one["sha256"] for one in manifest["files"]}
    assert listed == {name: sha256(content).hexdigest() for name, content in files.items() if name != "manifest.json"}
    assert manifest["missing"] == []
    types = set()
    for entry in log["entries"]:
        path = [bytes.fromhex(one) for one in entry["path"]]
        leaf = leaf_hash(entry["entry"].encode())
        assert verify_inclusion(leaf, entry["index"], log["size"], path, bytes.fromhex(log["root"]))
        types.add(json.loads(entry["entry"])["type"])
    told = ("project.planned", "document.filed", "visit.submitted", "visit.completed", "finding.raised", "finding.answered")
    assert types.issuperset(told)
    head = house.nobody.api.get("/log/head").json
    assert (log["size"], log["root"]) == (head["size"], head["root"])
    assert [one["number"] for one in visits] == [2, 1]
    assert visits[0]["supersedes_id"] == visits[1]["id"]
    assert {sha256(files[one["file"]]).hexdigest() for one in visits} == {one["sha256"] for one in visits}
    (finding,) = json.loads(files["findings.json"])
    assert [act["kind"] for act in finding["acts"]] == ["issued", "answered"]
    assert len(json.loads(files["project.json"])["phases"]) == 3
    assert b"19900008801" not in files["project.json"], "the contractor's telephone is for officers at their desk"
    assert "怎样核对" in files["README.txt"].decode()
    assert "How to check" in files["README.txt"].decode()


def test_each_takes_home_what_they_may_see(house_sqlite: House) -> None:
    house = house_sqlite
    project = built(house)
    whole, officers, public = (inside(taken_home(one, project)) for one in (house.chen, house.liu, house.wang))
    assert {snapshot(1), snapshot(2), snapshot(9)} <= {whole[name] for name in named(whole, "photos")}, "as the camera made them"
    for files in (officers, public):
        assert named(files, "photos") == named(whole, "photos")
        assert not {snapshot(1), snapshot(2), snapshot(9)} & set(files.values())
    for files in (whole, officers):
        assert [files[name] for name in named(files, "documents")] == [pdf(2)], "once, and not for each of its pages"
        assert "居民签名原件" in files["documents.json"].decode()
    assert (named(public, "documents"), json.loads(public["documents.json"])) == ([], [])
    assert b"document.filed" not in public["log.json"]
    assert wrong_in(taken_home(house.wang, project)) == []
    assert house.nobody.get(f"/works/projects/{project.id}/file").status == 303
    assert house.wang.get(f"/works/projects/{fresh()}/file").status == 404


def test_a_covered_face_is_covered_in_a_residents_file(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    visit, (photo,) = visit_in(house, project, photos=1)
    before = inside(taken_home(house.wang, project))
    boxes = {"boxes": [{"left": 0, "top": 0, "width": 90, "height": 50}]}
    assert house.chen.api.put(f"/visits/{visit}/photos/{photo}/copies/{fresh()}", boxes).status == 201
    after = inside(taken_home(house.wang, project))
    name = f"photos/{photo}.jpg"
    assert before[name] != after[name]
    assert inside(taken_home(house.chen, project))[name] == snapshot(1)


def changed(name: str, was: bytes, becomes: bytes, files: Files) -> None:
    assert was in files[name]
    files[name] = files[name].replace(was, becomes, 1)


def listed_anew(name: str, was: bytes, becomes: bytes, files: Files) -> None:
    """By who knows that there is a list."""
    old = sha256(files[name]).hexdigest()
    changed(name, was, becomes, files)
    changed("manifest.json", old.encode(), sha256(files[name]).hexdigest().encode(), files)


def left_out(name: str, files: Files) -> None:
    del files[name]


def slipped_in(files: Files) -> None:
    files["visits/9.json"] = b"{}"


VISIT = f"visits/{today().year}-0001.json"


def test_an_acceptance_is_in_it_as_it_was_signed(house_sqlite: House) -> None:
    house = house_sqlite
    project = building_site(house)
    round_ = ready(house, project)
    assert named(inside(taken_home(house.wang, project)), "acceptances") == [], "it is not concluded"
    assert concluded(house, round_).status == 200
    content = taken_home(house.wang, project)
    files = inside(content)
    assert files["acceptances/1.json"].decode() == house.nobody.api.get(f"/acceptances/{round_}/content").text
    (judged,) = json.loads(files["acceptances.json"])
    assert judged["outcome"] == "accepted"
    book = house.nobody.get(f"/works/projects/{project.id}/book").words
    assert "不是竣工验收" in book
    assert judged["content_sha256"] in book
    assert wrong_in(content) == []
    listed_anew("acceptances/1.json", b'"accepted"', b'"acceptable"', files)
    assert wrong_in(zipped_again(files)) == ["acceptances/1.json: the log holds no such record 公开日志里没有这份记录"]


def test_of_a_dispute_only_what_all_let_be_told_is_in_it_also_for_officers(house_sqlite: House) -> None:
    house = house_sqlite
    dispute, words = all_consented(house)
    project = house.liu.api.get(f"/disputes/{dispute}").json["project_id"]

    def told(one: One) -> str:
        files = inside(one.get(f"/works/projects/{project}/file").response.content)
        return b"".join(content for name, content in files.items() if name.endswith(".json")).decode()

    assert not [said for said in (SUBJECT, WORDS, dispute) if said in told(house.liu)]
    done(house.liu, dispute, "published", of_id=words)
    for one in (house.liu, house.wang):
        assert WORDS in told(one)
        assert "dispute.published" in told(one)
        assert SUBJECT not in told(one)


HOW: dict[str, Callable[[Files], None]] = {
    f"{VISIT}: was changed": partial(changed, VISIT, "盖板".encode(), "地板".encode()),
    f"{VISIT}: the log holds no such record": partial(listed_anew, VISIT, "盖板".encode(), "地板".encode()),
    "findings.json: was changed": partial(changed, "findings.json", b"rectified_claimed", b"closed"),
    f"{VISIT}: is not there once": partial(left_out, VISIT),
    "visits/9.json: is not there once": slipped_in,
    "is not in the log": partial(listed_anew, "log.json", b"visit.submitted", b"visit.forgotten"),
}


def test_whoever_changes_it_is_found_by_the_file_itself(house_sqlite: House, tmp_path: Path) -> None:
    """As Python runs it, away from this program: `python3 FILE.zip`."""
    content = taken_home(house_sqlite.wang, built(house_sqlite))
    head = house_sqlite.nobody.api.get("/log/head").json
    said = ran(content, tmp_path)
    assert said.startswith("OK")
    assert f"{head['size']}, root 根 {head['root']}" in said
    for says, change in HOW.items():
        files = inside(content)
        change(files)
        other = zipped_again(files)
        assert any(says in line for line in wrong_in(other)), says
    assert "WRONG" in ran(other, tmp_path)


def zipped_again(files: Files) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def ran(content: bytes, folder: Path) -> str:
    (folder / "home.zip").write_bytes(content)
    done = subprocess.run([sys.executable, "-I", "home.zip"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode()


def test_a_picture_whose_file_has_gone_is_named_and_the_rest_is_there(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    _visit, (photo, other) = visit_in(house, project, photos=2)
    with house.session() as session:
        gone = session.exec(select(Photo).where(Photo.id == photo)).one().k960
    house.app.state.blobs.delete(gone)
    content = taken_home(house.wang, project)
    files = inside(content)
    assert json.loads(files["manifest.json"])["missing"] == [f"photos/{photo}.jpg"]
    assert named(files, "photos") == [f"photos/{other}.jpg"]
    assert wrong_in(content) == []


def test_the_book_tells_it_in_order_and_names_the_log_on_paper(house: House) -> None:
    project = built(house)
    head = house.nobody.api.get("/log/head").json
    book = house.nobody.get(f"/works/projects/{project.id}/book")
    assert book.status == 200
    in_order = ("目录", "立项登记", "管网改造", "第 1 号", "第 2 号", "签发整改通知", "施工方说改好了")
    told = [book.words.index(words) for words in in_order]
    assert told == sorted(told)
    assert head["root"] in book.words
    assert book.text.count("/photos/") >= 3
    assert "居民签名原件" not in book.words
    assert "居民签名原件" in house.liu.get(f"/works/projects/{project.id}/book").words
    for visit in house.nobody.api.get(f"/projects/{project.id}/visits").json["items"]:
        assert visit["sha256"] in book.words
    assert house.nobody.get(f"/works/projects/{project.id}/book?volume=2").status == 404


def test_a_long_book_comes_in_volumes(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    finding_in(house, project)
    for n in range(VOLUME + 1):
        assert house.chen.api.put(f"/visits/{fresh()}", said(project, place=f"{n + 1}号井")).status == 201
    first, second = (house.nobody.get(f"/works/projects/{project.id}/book?volume={n}").words for n in (1, 2))
    assert "第 1 册，共 2 册" in first
    assert ("立项登记" in first, "立项登记" in second) == (True, False)
    assert ("充电棚配电箱" in first, "充电棚配电箱" in second) == (False, True)
    assert (f"{VOLUME}号井" in first, f"{VOLUME + 1}号井" in first) == (True, False)
    assert (f"{VOLUME}号井" in second, f"{VOLUME + 1}号井" in second) == (False, True)
