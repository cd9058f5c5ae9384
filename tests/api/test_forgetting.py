"""Forgetting by the JSON API: at once, with a receipt, only for who may do everything."""

import pytest

from mindgap.api.sign_in import make_key
from mindgap.store.accounts import Scope

FORGET = "/api/v1/forget"


def test_a_request_is_taken_and_told(signed_in, csrf, workspace):
    headers = {"x-csrf-token": csrf(signed_in)}
    answer = signed_in.post(FORGET, json={"customer_id": "household-7"}, headers=headers)
    assert answer.status_code == 200
    assert list(workspace.forgotten) == ["household-7"]
    assert "household" not in answer.text
    told = signed_in.get(f"{FORGET}/{answer.json()['id']}").json()
    assert told == answer.json()
    assert told["removed"] == {"events": 7, "tables": 2, "models": 0}
    assert told["recipients"][0]["recipient"] == "out.csv"
    assert signed_in.get(f"{FORGET}/elsewhere").status_code == 404


@pytest.mark.parametrize("body", [{}, {"customer_id": ""}, {"customer_id": "x" * 201}, {"customer_id": 7}])
def test_nobody_is_forgotten_by_mistake(signed_in, csrf, workspace, *, body):
    answer = signed_in.post(FORGET, json=body, headers={"x-csrf-token": csrf(signed_in)})
    assert answer.status_code == 400
    assert signed_in.post(FORGET, json={"customer_id": "household-7"}).status_code == 403
    assert not workspace.forgotten


@pytest.mark.parametrize("scope", [Scope.READ, Scope.DECIDE])
def test_keys_need_every_right(visit, accounts, clock, workspace, *, scope):
    key = make_key(accounts, "till", scopes={scope}, at=clock())
    headers = {"authorization": f"Bearer {key}"}
    assert visit().post(FORGET, json={"customer_id": "household-7"}, headers=headers).status_code == 403
    assert visit().get(f"{FORGET}/request0", headers=headers).status_code == 403
    assert not workspace.forgotten
