"""A project's whole file: what was planned, written, photographed, found and paid, each as this reader may see it, with the
public log's proofs. It is read at once, in one transaction; pictures stay on the disk until their turn comes (`kit.archives`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from fastapi import Response
from pydantic_core import to_json
from sqlmodel import Session

import app
from app import publiclog
from app.access.actors import Actor
from app.kit.archives import Member, zip_response
from app.kit.blobs import Blobs
from app.kit.clock import now, said_moment
from app.kit.i18n import LOCALES, _, mark, speaking
from app.kit.pager import walk
from app.photos.models import Photo, PhotoSize
from app.photos.queries import newest_of_each, photos_of
from app.photos.serving import ORIGINAL_TYPES
from app.publiclog import merkle
from app.publiclog.queries import head_of, proofs_of
from app.renovation import file_check, policy
from app.renovation.acceptance_content import notice_of
from app.renovation.acceptance_queries import acceptances_of
from app.renovation.acceptance_schemas import AcceptanceRead
from app.renovation.acceptance_view import acceptance_view
from app.renovation.contract_queries import contracts_of, costs_of
from app.renovation.dispute_queries import outcomes_of
from app.renovation.dispute_schemas import OutcomeRead
from app.renovation.document_queries import document_for, documents_of, pages_of, versions_of
from app.renovation.document_schemas import DocumentRead
from app.renovation.finding_queries import before_photos, findings_of, life_of
from app.renovation.life_queries import life_of_project
from app.renovation.life_schemas import ProjectActRead
from app.renovation.models import Project
from app.renovation.phase_queries import phase_lines
from app.renovation.point_queries import points_of, views_of
from app.renovation.point_schemas import PointDetail
from app.renovation.queries import project_for, timeline, visit_for
from app.renovation.question_queries import questions_of
from app.renovation.question_schemas import QuestionRead
from app.renovation.schemas import FindingRead, PhaseRead, VisitRead
from app.renovation.warranty_queries import guarantee_of

log = structlog.get_logger()

CHECKER = {
    "__main__.py": file_check,
    "app/__init__.py": app,
    "app/publiclog/__init__.py": publiclog,
    "app/publiclog/merkle.py": merkle,
}
"""What Python runs when it is given the file: lines of this program, as they are."""

README = (
    mark("《%(title)s》全部档案，%(compound)s，%(at)s 导出。只含导出的人看得到的内容。"),
    mark(
        "project.json 工程、步骤和来龙去脉；money.json 合同和付款；documents.json 和 documents/ 文件的各版；"
        "visits/ 监督日志原样，更正的写明更正哪一篇，visits.json 是目录；findings.json 问题和办理的每一步；"
        "acceptances/ 居民监督验收意见原样，acceptances.json 是各次验收；dispute-outcomes.json 各方同意公开的调解结果；"
        "points.json 固定拍照点；questions.json 提问和答复；photos/ 照片，名字是它的编号。"
    ),
    mark(
        "怎样核对：电脑上装好 Python（3.9 以上），不用联网，运行 python3 加这个文件的名字。它重新算每个文件的 SHA-256，"
        "和 manifest.json 对；再算 log.json 里每一条证明（RFC 9162 第 2.1.3 节），"
        "并看每篇监督日志、每份验收意见的 SHA-256 是不是在公开日志里。"
        "最后显示的条数和根，要和公告栏打印件上的，或者小区“公开日志”页上的一样。"
    ),
    mark(
        "不想运行这里的程序，也可以自己算：一条的叶是 SHA-256(0x00 加 entry 的字节)，两个节点合成 SHA-256(0x01 加左加右)。"
        "照片的缩小图是服务器做的，公开日志里记的是手机拍下时的 SHA-256，监督员导出的档案里才有收到的原图。"
    ),
)


@dataclass
class Gathering:
    """What goes into one reader's file: each of PARTS adds what it knows of. `logged`: records whose lines of the public log
    belong to it; `pictures`: photos of the site that are here.
    """

    session: Session
    reader: Actor
    project: Project
    members: list[Member] = field(default_factory=list)
    logged: list[UUID] = field(default_factory=list)
    pictures: dict[UUID, None] = field(default_factory=dict)

    def write(self, path: str, said: Any) -> None:
        self.members.append(_written(path, said))

    def keep(self, folder: str, id: UUID, photo: Photo, size: PhotoSize) -> None:
        ending = ORIGINAL_TYPES[photo.format][1] if size is PhotoSize.ORIGINAL else "jpg"
        self.members.append(Member(f"{folder}/{id}.{ending}", photo.key_of(size)))


def handed_out(session: Session, reader: Actor, id: UUID, blobs: Blobs) -> Response:
    """The answer of both doors. Raises NotFound."""
    project = project_for(session, reader, id)
    name = f"{reader.compound.slug}-{project.id.hex[:8]}.zip"
    return zip_response(gathered(session, reader, project, blobs), blobs, now(), name)


def gathered(session: Session, reader: Actor, project: Project, blobs: Blobs) -> list[Member]:
    """Its members, first those that tell of the others. A picture whose file has gone is named as missing."""
    file = Gathering(session, reader, project)
    for add in PARTS:
        add(file)
    here, missing = [], []
    for one in file.members:
        if one.content is not None or blobs.exists(one.sha256):
            here.append(one)
        else:
            missing.append(one.path)
    if missing:
        log.error("project_file_incomplete", project_id=str(project.id), missing=missing)
    checker = [_written(path, Path(str(module.__file__)).read_bytes()) for path, module in CHECKER.items()]
    whole = [_written("README.txt", _readme(reader, project)), *checker, _written(file_check.LOG, _log(file)), *here]
    files = [{"path": one.path, "sha256": one.sha256} for one in whole]
    manifest = {"v": 1, "project": project.id, "files": files, "missing": missing}
    return [_written(file_check.MANIFEST, manifest), *whole]


def _written(path: str, said: Any) -> Member:
    """Bytes as they are, everything else as JSON."""
    content = said if isinstance(said, bytes) else to_json(said, indent=1)
    return Member(path, sha256(content).hexdigest(), content)


def _project(file: Gathering) -> None:
    project, session = file.project, file.session
    file.logged.append(project.id)
    steps = life_of_project(session, file.reader, project)
    facts = {name: getattr(project, name) for name in ("id", "title", "what", "stage", "contractor", "started_on")}
    file.write(
        "project.json",
        facts
        | {
            "phases": [PhaseRead.model_validate(line, from_attributes=True) for line in phase_lines(session, project)],
            "acts": [ProjectActRead.model_validate(step, from_attributes=True) for step in steps],
            "warranty": guarantee_of(session, project),
        },
    )


def _money(file: Gathering) -> None:
    costs = costs_of(file.session, file.project)
    contracts = [one.model_dump(exclude=OWN) for one in contracts_of(file.session, file.project)]
    file.write("money.json", {"contracts": contracts, "milestones": costs.milestones, "payments": costs.payments})


OWN = {"compound_id", "by_id", "sent_sha256"}
"""What a row keeps for the program."""


def _papers(file: Gathering) -> None:
    size = PhotoSize.ORIGINAL if policy.can_see_all_documents(file.reader) else PhotoSize.LARGE
    lines = []
    for newest in documents_of(file.session, file.reader, file.project):
        for card in versions_of(file.session, file.reader, document_for(file.session, file.reader, newest.id)):
            pages = pages_of(file.session, document_for(file.session, file.reader, card.id))
            own = {name: getattr(card, name) for name in DocumentRead.model_fields if name != "pages"}
            lines.append(DocumentRead(**own, pages=list(pages)))
            file.logged.append(card.id)
            photos = photos_of(file.session, file.project.compound_id, pages)
            for id in pages:
                if size is PhotoSize.LARGE or photos[id].page <= 1:  # the original of each page of a PDF is the PDF
                    file.keep("documents", id, photos[id], size)
    file.write("documents.json", lines)


def _visits(file: Gathering) -> None:
    lines = []
    for card in walk(lambda asked: timeline(file.session, file.reader, file.project, asked)):
        path = f"visits/{card.year}-{card.number:04}.json"
        file.write(path, visit_for(file.session, file.reader, card.id).frozen)
        lines.append({"file": path} | VisitRead.model_validate(card, from_attributes=True).model_dump())
        file.logged.append(card.id)
        file.pictures |= dict.fromkeys(shot.id for shot in card.shots if shot.here)
    file.write("visits.json", lines)


def _findings(file: Gathering) -> None:
    lines = []
    for card in walk(lambda asked: findings_of(file.session, file.reader, file.project, asked)):
        before = before_photos(file.session, file.project.compound_id, card.id)
        acts = life_of(file.session, file.reader, card.id)
        own = FindingRead.model_validate(card, from_attributes=True).model_dump()
        lines.append(own | {"photos": before, "acts": acts})
        file.logged.append(card.id)
        for shown in (before, *(act.photos for act in acts)):
            file.pictures |= dict.fromkeys(id for id, _says in shown)
    file.write("findings.json", lines)


def _acceptances(file: Gathering) -> None:
    """What was signed and published, as the bytes whose SHA-256 stands in the log; and each round as its page shows it."""
    lines = []
    for acceptance in acceptances_of(file.session, file.project):
        file.logged.append(acceptance.id)
        lines.append(AcceptanceRead.model_validate(acceptance_view(file.session, file.reader, acceptance), from_attributes=True))
        if notice := notice_of(file.session, acceptance):
            file.write(f"acceptances/{acceptance.position}.json", notice.frozen)
            file.logged.append(notice.id)
    file.write("acceptances.json", lines)


def _disputes(file: Gathering) -> None:
    """How they ended, where all parties let it be told; nothing else of a dispute is anybody's."""
    outcomes = walk(lambda asked: outcomes_of(file.session, file.reader, asked))
    told = [one for one in outcomes if one.project_id == file.project.id]
    file.write("dispute-outcomes.json", [OutcomeRead.model_validate(one, from_attributes=True) for one in told])
    file.logged += [one.id for one in told]


def _points(file: Gathering) -> None:
    lines = []
    for card in points_of(file.session, file.project):
        own = {name: getattr(card, name) for name in PointDetail.model_fields if name != "views"}
        views = views_of(file.session, file.reader, card.id)
        lines.append(PointDetail.model_validate(own | {"views": views}, from_attributes=True))
        file.pictures |= {card.reference_id: None} if card.reference_id else {}
    file.write("points.json", lines)


def _questions(file: Gathering) -> None:
    cards = list(walk(lambda asked: questions_of(file.session, file.reader, file.project, asked)))
    file.write("questions.json", [QuestionRead.model_validate(card, from_attributes=True) for card in cards])
    file.logged += [card.id for card in cards]


def _photos(file: Gathering) -> None:
    """For supervisors what the camera made, where it was kept, and the largest copy else; for others what everybody sees."""
    compound_id, ids = file.project.compound_id, list(file.pictures)
    if policy.can_see_originals(file.reader):
        photos = photos_of(file.session, compound_id, ids)
        for id in ids:
            file.keep("photos", id, photos[id], PhotoSize.ORIGINAL if photos[id].original_key else PhotoSize.LARGE)
    else:
        photos = newest_of_each(file.session, compound_id, ids)
        for id in ids:
            file.keep("photos", id, photos[id], PhotoSize.MIDDLE)


PARTS: tuple[Callable[[Gathering], None], ...] = (
    _project,
    _money,
    _papers,
    _visits,
    _findings,
    _acceptances,
    _disputes,
    _points,
    _questions,
    _photos,
)
"""Photos last: those of all the others."""


def _log(file: Gathering) -> dict[str, Any]:
    """Everything that was published about the records in it, each with its way to one root."""
    compound_id = file.project.compound_id
    head = head_of(file.session, compound_id)
    entries = [
        {"index": proof.index, "entry": proof.entry.decode(), "path": [one.hex() for one in proof.path]}
        for proof in proofs_of(file.session, compound_id, file.logged)
    ]
    return {"size": head.size, "root": head.root.hex(), "entries": entries}


def _readme(reader: Actor, project: Project) -> bytes:
    said = []
    for language in LOCALES:
        with speaking(language):
            facts = {"title": project.title, "compound": reader.compound.name, "at": said_moment(now())}
            said += [_(README[0], **facts), *map(_, README[1:])]
    return "\n\n".join([*said, ""]).encode()
