"""Messages also go by e-mail: for who named a mailbox, confirmed it there, and has not ended it since."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from traceback import format_exception

import pytest
import time_machine
from sqlmodel import Session, select

from app.access.consents import Purpose, consented
from app.inbox.models import MailAddress, Message
from app.inbox.service import MAIL, send, send_to_many
from app.kit.clock import now
from app.kit.jobs import Job, run_once
from app.kit.mailing import Letter, Mailer, NoSuchMailbox
from app.kit.posting import NotTaken
from app.main import handlers, lines_of_jobs
from app.settings import Settings, UnsafeSetting
from tests.cast import House, One, open_house
from tests.inbox.post_office import PostOffice, post_office

WANG = "wang@example.org"


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def posted(house_url: str, tmp_path: Path, office: PostOffice) -> Iterator[House]:
    """A house with a mail server."""
    with open_house(house_url, tmp_path, mail_url=office.url, mail_password="its-password", mail_from="we@here.example") as house:
        yield house


def work(house: House) -> int:
    return run_once(house.db, handlers(house.app.state.settings))


def named(house: House, one: One, address: str = WANG) -> None:
    assert house.wang.post("/me/mail", {"address": address}).status == 303
    work(house)


def link_in(office: PostOffice, act: str) -> str:
    """Inside the compound."""
    (link,) = re.findall(rf"http://\S+/{act}\?key=\w+", office.letters[-1][1].get_content())
    return link.partition("/c/fengshu")[2]


def reached(house: House, office: PostOffice, one: One) -> None:
    named(house, one)
    assert house.nobody.post(link_in(office, "confirm")).status == 200
    office.letters.clear()


def tell(house: House, one: One, title: str = "有名额了") -> None:
    with house.session() as session:
        send(session, house.compound.id, one.id, title, "给独居老人送饭", "/volunteering/signups/7")


def test_a_mailbox_is_asked_first_and_then_gets_each_message_once(posted: House, office: PostOffice) -> None:
    named(posted, posted.wang)
    [(to, question)] = office.letters
    assert (to, question["subject"], question["list-unsubscribe"]) == (WANG, "请确认您的邮箱", None)
    tell(posted, posted.wang)
    assert work(posted) == 0, "nobody has letters sent to a stranger"
    here = link_in(office, "confirm")
    assert "是我的邮箱" in posted.nobody.get(here).words
    tell(posted, posted.wang)
    assert work(posted) == 0, "a program that looked behind the link has confirmed nothing"
    assert "确认好了" in posted.nobody.post(here).words
    office.letters.clear()
    tell(posted, posted.wang)
    tell(posted, posted.li)
    assert office.letters == [], "the request does not wait for it"
    assert [work(posted), work(posted)] == [1, 0]
    [(to, letter)] = office.letters
    assert (to, letter["subject"], letter["from"]) == (WANG, "有名额了", "枫树小区 <we@here.example>")
    text = letter.get_content()
    assert text.startswith("给独居老人送饭\r\n")
    assert "http://127.0.0.1:8000/c/fengshu/volunteering/signups/7" in text
    assert letter["list-unsubscribe"] == f"<{posted.app.state.settings.public_url}/c/fengshu{link_in(office, 'stop')}>"
    assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"


def test_what_is_sent_to_many_reaches_whoever_wants_letters(posted: House, office: PostOffice) -> None:
    reached(posted, office, posted.wang)
    with posted.session() as session:
        told = ((one.id, "明天", "", "/") for one in (posted.wang, posted.li, posted.he))
        send_to_many(session, posted.compound.id, told)
    assert work(posted) == 1
    assert [to for to, _ in office.letters] == [WANG]


def test_a_link_in_each_letter_ends_them_and_erases_the_address(posted: House, office: PostOffice) -> None:
    reached(posted, office, posted.wang)
    tell(posted, posted.wang)
    work(posted)
    here = link_in(office, "stop")
    assert posted.nobody.get(here).status == 200
    assert posted.nobody.get(here.replace("key=", "key=0")).status == 404
    with posted.session() as session:
        assert session.exec(select(MailAddress)).all(), "a program that looked behind the link has ended nothing"
    one_click = posted.client.build_request("POST", f"/c/fengshu{here}", data={"List-Unsubscribe": "One-Click"})
    assert posted.portal.call(posted.client.send, one_click).status_code == 200
    with posted.session() as session:
        assert session.exec(select(MailAddress)).all() == []
        assert not consented(session, posted.compound.id, posted.wang.id, Purpose.MAIL)
    tell(posted, posted.wang)
    assert work(posted) == 0
    assert posted.nobody.get(here).status == 404


@pytest.mark.parametrize("way", ["/me/mail/end", "/me/consents/withdraw", "/me/close"])
def test_whoever_takes_it_back_leaves_no_address_and_gets_nothing_that_was_on_its_way(
    posted: House, office: PostOffice, way: str
) -> None:
    reached(posted, office, posted.wang)
    tell(posted, posted.wang)
    assert posted.wang.post(way, {"purpose": "mail", "sure": "true"}).status == 303
    work(posted)
    assert office.letters == []
    with posted.session() as session:
        assert session.exec(select(MailAddress)).all() == []


def test_another_mailbox_is_asked_anew_and_the_old_link_is_dead(posted: House, office: PostOffice) -> None:
    named(posted, posted.wang)
    old = link_in(office, "confirm")
    named(posted, posted.wang, "a.wang@example.org")
    assert posted.nobody.post(old).status == 404
    assert posted.nobody.post(link_in(office, "confirm")).status == 200
    named(posted, posted.wang, "a.wang@example.org")
    assert len(office.letters) == 2, "who confirmed it is not asked again"
    assert "a.wang@example.org" in posted.wang.get("/me").words


def test_strangers_are_not_asked_all_day(posted: House, office: PostOffice) -> None:
    answers = [posted.wang.post("/me/mail", {"address": f"n{n}@example.org"}).status for n in range(6)]
    assert answers == [303] * 5 + [429]


@pytest.mark.parametrize("typed", ["wang", "a@b", "a@b.cn\nBcc: x@y.cn", "a b@c.cn", "王@例子.cn", "<a@b.cn>", "a@b.cn,c@d.cn"])
def test_what_is_no_mailbox_is_drawn_again(posted: House, typed: str) -> None:
    answer = posted.wang.post("/me/mail", {"address": typed})
    assert answer.status == 422
    with posted.session() as session:
        assert session.exec(select(MailAddress)).all() == []
        assert not consented(session, posted.compound.id, posted.wang.id, Purpose.MAIL)


def test_a_server_that_fails_is_tried_again_and_the_letter_is_the_same(posted: House, office: PostOffice) -> None:
    reached(posted, office, posted.wang)
    tell(posted, posted.wang)
    office.answers = ["451 come back"]
    begun = now()
    assert work(posted) == 1
    with posted.session() as session:
        job = session.exec(select(Job).where(Job.kind == MAIL)).one()
        assert (job.attempts, job.ended_at) == (1, None)
        assert str(job.last_error).startswith("NotTaken at kit/mailing.py")
        assert WANG not in str(job.last_error)
        message = session.exec(select(Message)).one()
    with time_machine.travel(begun + timedelta(minutes=1), tick=False):
        assert work(posted) == 1
    [(_, letter)] = office.letters
    assert letter["message-id"] == f"<{message.id}@here.example>", "sent twice, a mailbox would know it for the same"


def test_what_was_read_or_is_a_day_old_is_not_sent_any_more(posted: House, office: PostOffice) -> None:
    reached(posted, office, posted.wang)
    tell(posted, posted.wang)
    posted.wang.post("/me/messages/read")
    tell(posted, posted.wang, "又一条")
    with time_machine.travel(now() + timedelta(days=1, seconds=1), tick=False):
        assert work(posted) == 2
    assert office.letters == []


def test_a_mailbox_that_does_not_exist_is_told_to_its_owner_and_left_alone(posted: House, office: PostOffice) -> None:
    reached(posted, office, posted.wang)
    tell(posted, posted.wang)
    office.answers = ["550 no such user"]
    assert work(posted) == 1
    tell(posted, posted.wang)
    assert work(posted) == 0
    assert "退信" in posted.wang.get("/me/mail").words


def test_an_act_that_was_rolled_back_sends_no_letter(posted: House, office: PostOffice) -> None:
    reached(posted, office, posted.wang)

    def act(session: Session) -> None:
        send(session, posted.compound.id, posted.wang.id, "有名额了", "", "/")
        raise RuntimeError

    with pytest.raises(RuntimeError), posted.session() as session:
        act(session)
    assert work(posted) == 0


def test_without_a_server_nothing_is_offered_and_nothing_waits(house_sqlite: House) -> None:
    house = house_sqlite
    assert "邮箱" not in house.wang.get("/me").words
    assert "邮箱" not in house.wang.get("/me/consents").words
    assert house.wang.get("/me/mail").status == 404
    assert house.wang.post("/me/mail", {"address": WANG}).status == 404
    assert len(lines_of_jobs(house.app.state.settings)) == 1


def test_letters_are_worked_off_beside_what_the_house_does_itself(tmp_path: Path) -> None:
    """A mail server that takes its time keeps no waiting list from moving on."""
    settings = Settings(data_dir=tmp_path, mail_url="smtps://a@b.example", mail_from="a@b.example")
    own, outside = lines_of_jobs(settings)
    assert "volunteering.settle" in own
    assert set(outside) == {MAIL, "inbox.ask_mailbox", "volunteering.mail_reminder"}
    assert not set(own) & set(outside)


LETTER = Letter(WANG, "枫树小区", "您好", "您好\n", "7")


def test_a_server_elsewhere_is_never_spoken_to_in_the_clear(office: PostOffice) -> None:
    with pytest.raises(Exception, match="STARTTLS"):
        Mailer(office.url, "its-password", "we@here.example").send(LETTER)
    assert [word for word in office.said if word.startswith(("AUTH", "MAIL", "DATA"))] == []


def test_what_the_server_says_stays_out_of_the_mistake_and_a_rude_goodbye_sends_nothing_twice(office: PostOffice) -> None:
    mailer = Mailer(office.url, "its-password", "we@here.example", on_this_machine=True)
    assert "its-password" not in repr(mailer)
    for answer, mistake in (("550 no wang@example.org", NoSuchMailbox), ("452 full", NotTaken)):
        office.answers = [answer]
        with pytest.raises(mistake) as caught:
            mailer.send(LETTER)
        assert WANG not in "".join(format_exception(caught.value))
    office.goodbye = "500 what?"
    mailer.send(LETTER)
    assert len(office.letters) == 1


def test_only_settings_that_keep_passwords_are_taken(tmp_path: Path) -> None:
    for wrong in (
        {"mail_url": "https://a:its-password@mail.example", "mail_from": "a@b.example"},
        {"mail_url": "https://mail.example", "mail_from": "a@b.example"},
        {"mail_url": "smtps://a:its-password@mail.example", "mail_from": "a@b.example"},
        {"mail_url": "smtps://a@mail.example"},
    ):
        with pytest.raises(UnsafeSetting, match="MAIL_URL") as refused:
            Settings(data_dir=tmp_path, **wrong).check_safe()  # type: ignore[arg-type]
        assert "its-password" not in str(refused.value)
    good = Settings(data_dir=tmp_path, mail_url="smtps://a@mail.example", mail_password="its-password", mail_from="a@b.example")
    good.check_safe()
    assert "its-password" not in repr(good)
