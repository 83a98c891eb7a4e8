"""A forged request, a browser that says nothing of itself, the demo's door, and what stands outside of any compound."""

from pathlib import Path

import pytest

from app.demo.guests import guests_in
from app.main import create_app
from app.settings import Settings, UnsafeSetting
from tests.cast import Answer, House, One, open_house


def ask(house: House, one: One, path: str, data: dict[str, str], **headers: str) -> Answer:
    """Without the headers that a browser would send by itself."""
    cookies = "; ".join(f"{name}={value}" for name, value in one.cookies.items())
    return house.ask("POST", path, {"cookie": cookies} | headers, data=data)


def token_on(page: Answer, action: str) -> str:
    form = page.page.find("form", action=action)
    assert form
    return str(form.find("input", {"name": "csrf"})["value"])  # type: ignore[index]


def test_another_sites_page_may_not_act_for_a_neighbour(house: House) -> None:
    answer = ask(house, house.wang, "/c/fengshu/me/consents", {"purpose": "thanks"}, **{"sec-fetch-site": "cross-site"})
    assert answer.status == 403
    assert ask(house, house.wang, "/sign-out", {}, origin="https://evil.example").status == 403
    assert "已同意" not in house.wang.get("/me/consents").words


def test_a_browser_that_says_nothing_proves_itself_by_the_forms_token(house: House) -> None:
    path = "/c/fengshu/me/consents"
    unproven = ask(house, house.wang, path, {"purpose": "thanks"})
    assert unproven.status == 401, "its cookie does not count"
    token = token_on(house.wang.get("/me/consents"), path)
    assert ask(house, house.wang, path, {"purpose": "thanks", "csrf": token}).status == 303
    assert "已同意" in house.wang.get("/me/consents").words
    neighbours = token_on(house.li.get("/me/consents"), path)
    assert neighbours != token
    assert ask(house, house.wang, path, {"purpose": "thanks", "csrf": neighbours}).status == 401


def test_the_slow_part_of_a_door_sees_the_token_too(house_sqlite: House) -> None:
    house = house_sqlite
    token = token_on(house.wang.get("/me/phone"), "/c/fengshu/me/phone")
    assert (
        ask(house, house.wang, "/c/fengshu/me/phone", {"phone": "13812345678", "again": "13812345678", "csrf": token}).status
        == 303
    )


def test_the_outbox_proves_itself_by_a_header(house_sqlite: House) -> None:
    house = house_sqlite
    pong = house.wang.get("//ping").json
    assert pong["gongzhi"] is True
    assert pong["user"] == str(house.wang.person.account_id)
    assert ask(house, house.wang, "/c/fengshu/me/consents", {"purpose": "thanks"}, **{"x-csrf-token": pong["csrf"]}).status == 303
    nobody = house.nobody.get("//ping").json
    assert (nobody["gongzhi"], nobody["user"], nobody["csrf"]) == (True, None, None)


def test_every_form_of_a_page_carries_the_token(house_sqlite: House) -> None:
    for path in ("/", "/me", "/me/sessions", "/me/keys", "/me/close", "/me/messages", "/volunteering"):
        forms = [f for f in house_sqlite.wang.get(path).page.find_all("form") if f["method"] == "post"]
        assert forms
        assert all(form.find("input", {"name": "csrf"}) for form in forms), path
    assert "csrf" not in house_sqlite.nobody.get("/").text, "who has no session needs none"


def test_signing_out_unproven_ends_nothing(house_sqlite: House) -> None:
    house = house_sqlite
    assert ask(house, house.wang, "/sign-out", {}).status == 403
    assert "王阿姨" in house.wang.get("/").words
    assert ask(house, house.wang, "/sign-out", {"csrf": token_on(house.wang.get("/me"), "/sign-out")}).status == 303
    assert "王阿姨" not in house.wang.get("/").words


def test_who_am_i(house_sqlite: House) -> None:
    me = house_sqlite.wang.get("//api/v1/me").json
    assert (me["kind"], me["account_id"]) == ("session", str(house_sqlite.wang.person.account_id))
    answer = house_sqlite.nobody.get("//api/v1/me")
    assert (answer.status, answer.json["code"]) == (401, "SignInNeeded")
    assert house_sqlite.wang.get("//api/v1/me", headers={"authorization": "Bearer gz_live_none"}).status == 401


def test_the_reference_lists_every_operation_and_every_problem(house_sqlite: House) -> None:
    page = house_sqlite.nobody.get("//api/v1/docs")
    assert page.status == 200
    listed = {details["id"] for details in page.page.select("details.op")}
    paths = house_sqlite.app.openapi()["paths"].values()
    assert listed == {operation["operationId"] for methods in paths for operation in methods.values()}
    assert not page.page.select("script:not([src^='/static/'])")
    problems = house_sqlite.nobody.get("//api/v1/docs/problems").page
    assert {"NotFound", "SignInNeeded", "WrongScope", "OfferGone", "Fault"} <= {card["id"] for card in problems.select(".card")}


def test_half_an_address_leads_home(house_sqlite: House) -> None:
    """ "//[" is no address at all, and must not take the answer down with it, nor a refusal by its Referer."""
    for half in ("//[", "//a\u2100b"):
        assert house_sqlite.nobody.ask("POST", "//size", data={"size": "large", "next": half}).place == "/"
    refused = house_sqlite.wang.post("/volunteering/plan", headers={"referer": "http://["})
    assert refused.status == 403


def test_a_nul_in_an_address_is_an_address_that_does_not_exist(house: House) -> None:
    """PostgreSQL cannot compare it with anything; both engines say the same."""
    for address in ("//c/%00/", "//c/%00/works/answer/x", "//api/v1/c/%00/notices"):
        assert house.nobody.ask("GET", address).status == 404
        assert house.wang.ask("GET", address).status == 404
    assert house.liu.get("/roster?q=a%00b").status == 422


def test_the_demos_door_does_not_exist_outside_the_demo(house_sqlite: House) -> None:
    phone = house_sqlite.wang.person.phone
    assert house_sqlite.nobody.post("//demo/enter", {"phone": phone}).status == 404
    assert "试用" not in house_sqlite.nobody.get("//sign-in").words


@pytest.mark.parametrize("url", ["https://gongzhi.example", "http://gongzhi.example"])
def test_the_demo_does_not_start_on_a_public_address(url: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeSetting):
        create_app(Settings(data_dir=tmp_path, demo=True, public_url=url))


def test_in_the_demo_one_tap_is_enough_and_only_from_this_machine(sqlite_house_url: str, tmp_path: Path) -> None:
    import httpx

    from app.main import dressed
    from tests.making import make_person, make_unit

    with open_house(sqlite_house_url, tmp_path, demo=True) as house:
        app = create_app(Settings(data_dir=tmp_path, database_url=sqlite_house_url, demo=True, worker_in_server=False))
        with house.session() as session:
            zhou = make_person(session, house.compound, "周美兰", make_unit(session, house.compound, room="801"))
            phone = zhou.phone
            assert [guest.name for guest in guests_in(session)] == ["周美兰"]

        def knock(address: str, host: str, phone: str) -> httpx.Response:
            async def send() -> httpx.Response:
                transport = httpx.ASGITransport(app=dressed(app), client=(address, 1234))
                async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}:8000") as client:
                    return await client.post("/demo/enter", data={"phone": phone}, headers={"sec-fetch-site": "same-origin"})

            return house.portal.call(send)

        let_in = knock("127.0.0.1", "127.0.0.1", phone)
        assert (let_in.status_code, let_in.headers["location"]) == (303, "/c/fengshu/")
        token = let_in.cookies["sid"]
        assert "周美兰" in house.nobody.get("/", cookies={"sid": token}).words
        assert "演示数据" in house.nobody.get("/").text
        assert house.nobody.post("/second-factor", {}, cookies={"sid": token}).status == 303, "one labelled button"
        assert knock("192.168.1.20", "127.0.0.1", phone).status_code == 404
        assert knock("127.0.0.1", "evil.example", phone).status_code == 404
        assert knock("127.0.0.1", "127.0.0.1", house.wang.person.phone).status_code == 404, "only the listed people"
        app.state.db.dispose()
        app.state.desk.close()
