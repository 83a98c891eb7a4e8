"""The page that asks for the reason before something published is taken back: a notice, or a photo of the board."""

from dataclasses import dataclass

from app.kit.forms import Filled
from app.kit.views import View
from app.notices.queries import NoticeCard
from app.notices.schemas import WithdrawalWish


@dataclass(frozen=True)
class TakeBackPage(View):
    template = "notices/withdraw.html"

    notice: NoticeCard
    form: Filled[WithdrawalWish]
    question: str
    words: str
    action: str
    button_says: str
