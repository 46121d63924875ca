from local.simulators.common.cloudformation import references


def test_finds_every_form_of_reference() -> None:
    value = [{"Ref": "A"}, {"Fn::GetAtt": ["B", "Arn"]}, {"Fn::Sub": ["${C} ${D.Arn} ${e}", {"e": {"Ref": "F"}}]}]
    assert list(references(value)) == ["A", "B", "C", "D", "F"]
