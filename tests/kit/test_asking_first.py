"""What is hard to undo is asked about first, also where no script can ask."""

from tests.cast import Answer, House, One
from tests.making import fresh, make_shift


def signed_up(house: House, one: One) -> str:
    """The address of this person's sign-up."""
    with house.session() as session:
        shift = make_shift(session, house.he.person)
    id = str(fresh())
    one.api.put(f"/shifts/{shift.id}/signups/{id}", {})
    return f"/volunteering/signups/{id}"


def fields_of(answer: Answer, action: str) -> dict[str, str]:
    form = answer.page.find("form", action=action)
    assert form, answer
    return {field["name"]: field["value"] for field in form.find_all("input")}


def state(one: One, signup: str) -> str:
    return one.api.get(signup.removeprefix("/volunteering")).json["state"]


def test_without_script_the_question_is_a_page_and_nothing_has_happened_yet(house: House) -> None:
    signup = signed_up(house, house.wang)
    action = f"{house.wang.base}{signup}/withdraw"
    came_from = {"referer": f"http://127.0.0.1:8000{house.wang.base}{signup}"}
    asked = house.wang.post(f"{signup}/withdraw", fields_of(house.wang.get(signup), action), headers=came_from)
    assert asked.status == 200
    assert "真的取消报名？给独居老人送饭" in asked.words
    assert state(house.wang, signup) == "confirmed"
    assert asked.page.find("a", string="返回，不办了")["href"] == f"{house.wang.base}{signup}"

    done = house.wang.post(f"{signup}/withdraw", fields_of(asked, action))
    assert "已取消报名" in house.wang.follow(done).words
    assert state(house.wang, signup) == "withdrawn"


def test_whoever_was_asked_by_the_dialog_is_not_asked_again(house_sqlite: House) -> None:
    house = house_sqlite
    signup = signed_up(house, house.wang)
    form = fields_of(house.wang.get(signup), f"{house.wang.base}{signup}/withdraw")
    assert house.wang.post(f"{signup}/withdraw", form, headers={"hx-request": "true"}).status == 303


def test_everything_typed_is_sent_again_as_it_was(house_sqlite: House) -> None:
    house = house_sqlite
    typed = {"ask_first": "真的？<b>", "room": ["3-2-602", "3-2-601"], "why": '"漏水" & <br>'}
    asked = house.wang.post(f"/volunteering/signups/{fresh()}/withdraw", typed)
    sent = [(field["name"], field["value"]) for field in asked.page.select("main .card form input")]
    assert sent == [("csrf", sent[0][1]), ("room", "3-2-602"), ("room", "3-2-601"), ("why", '"漏水" & <br>')]
    assert "真的？<b>" in asked.words, "shown as it was written, never as markup"


def test_a_browser_that_does_not_say_where_it_comes_from_proves_itself_on_both_pages(house_sqlite: House) -> None:
    house = house_sqlite
    signup = signed_up(house, house.wang)
    action = f"{house.wang.base}{signup}/withdraw"
    cookie = {"cookie": f"sid={house.wang.cookies['sid']}"}
    form = fields_of(house.wang.get(signup), action)
    asked = house.ask("POST", action, cookie, data=form)
    again = fields_of(asked, action)
    assert house.ask("POST", action, cookie, data=again | {"csrf": "made up"}).status == 401
    assert house.ask("POST", action, cookie, data=again).status == 303


def test_a_refusal_after_the_question_leads_to_a_page_that_exists(house_sqlite: House) -> None:
    house = house_sqlite
    signup = signed_up(house, house.wang)
    house.wang.post(f"{signup}/withdraw")
    action = f"{house.wang.base}{signup}/withdraw"
    refused = house.wang.post(f"{signup}/withdraw", headers={"referer": f"http://127.0.0.1:8000{action}"})
    assert refused.status == 409
    assert house.wang.get(refused.page.select_one(".card a.go")["href"].removeprefix(house.wang.base)).status == 200


def test_who_may_not_act_is_told_so_and_not_asked(house_sqlite: House) -> None:
    house = house_sqlite
    assert house.nobody.post(f"/volunteering/signups/{fresh()}/withdraw", {"ask_first": "真的？"}).status == 401
