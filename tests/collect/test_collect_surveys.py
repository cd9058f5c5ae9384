"""Surveys and reviews are taken for feedback, whatever marks were given."""

import pytest

from mindgap.collect.files.importing import inspect


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("customer_id,date,type,score,product_id", "c{n},2024-01-0{d},csat,{s},p1"),
        ("customer_id,answered_at,nps_score", "c{n},2024-01-0{d},{s}"),
        ("review_id,user,rating,review_text,created", '{n},c{d},{s},"good, and quick",2024-01-0{d}'),
        ("客户编号,提交时间,满意度", "c{n},2024-01-0{d},{s}"),
    ],
)
def test_a_survey_is_feedback(tmp_path, header, row):
    path = tmp_path / "answers.csv"
    rows = [row.format(n=n % 7, d=n % 9 + 1, s=n % 3 + 3) for n in range(60)]
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    found = inspect(path)
    assert found.recognition.kind == "feedback"
    assert found.recognition.column("score")
