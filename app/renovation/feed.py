"""What befell a project, for feed readers: its steps and its public papers. Nothing personal, and no words that people wrote."""

from app.kit.atom import MOST, FeedEntry, atom
from app.kit.i18n import _
from app.renovation.document_queries import DocumentCard
from app.renovation.life_queries import LifeStep
from app.renovation.models import Project


def feed_of(project: Project, author: str, base: str, steps: list[LifeStep], papers: list[DocumentCard]) -> bytes:
    """`base`: the address of the compound, whole; `papers`: the public ones."""
    address = f"{base}/works/projects/{project.id}"
    entries = [_step(address, step) for step in steps] + [_paper(base, paper) for paper in papers]
    latest = sorted(entries, key=lambda entry: entry.published_at, reverse=True)[:MOST]
    return atom(project.id, project.title, author, address, latest, project.made_at)


def _step(address: str, step: LifeStep) -> FeedEntry:
    kind = (step.kind, step.says)
    summary = step.happened_on.isoformat() if step.stands else _("已撤回")
    return FeedEntry(step.id, step.says, f"{address}/life", step.done_at, step.done_at, summary, kind)


def _paper(base: str, paper: DocumentCard) -> FeedEntry:
    address, summary = f"{base}/works/documents/{paper.id}", _("第 %(n)s 版", n=paper.version)
    return FeedEntry(paper.id, paper.title, address, paper.made_at, paper.made_at, summary, (paper.kind, paper.says))
