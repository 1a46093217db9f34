"""Code is read out of a call's arguments while they are written, whatever a model makes of them."""

import json

import pytest

from desktop_app.runs.code_argument import CodeArgument, without_fence

CODE = 'import numpy as np\nprint("ä 😀 \\d", f"{1}")\n\tx = {"code": "no"}\n'


def read(*fragments: str) -> tuple[list[str], str]:
    """What each piece brings, and the code in the end."""
    argument = CodeArgument()
    told = [argument.read(fragment) for fragment in fragments]
    told.append(argument.finish("".join(fragments)))
    assert "".join(told) == argument.code
    return told, argument.code


WRITTEN = {
    json.dumps({"code": CODE}): CODE,
    json.dumps({"code": CODE}, ensure_ascii=False): CODE,
    json.dumps({"code": "print('\\\\')"}): "print('\\\\')",
    '{\n  "code" : "a\\u000ab"\n}': "a\nb",
    '{"language": "python", "timeout": 1.5, "code": "x"}': "x",
    '{"note": "say \\"code\\": ", "code": "x"}': "x",
    '{"code": ["a = 1", "print(a)"]}': "a = 1\nprint(a)",
    '{"code": ["a = 1\\n", "print(a)\\n"]}': "a = 1\nprint(a)\n",
    '{"code": ["a = \\"]\\"" , "b"] }': 'a = "]"\nb',
    '{"code": ["a", "", "b"]}': "a\n\nb",
    '{"code": []}': "",
    '{"code": ""}': "",
    '{"code": null}': "",
    '{"code": 7}': "",
    "{}": "",
    "": "",
    '{"input": "print(1)"}': "print(1)",
    '{"a": "x", "b": "y"}': "",
    '"print(1)\\nprint(2)"': "print(1)\nprint(2)",
    '["a", "b"]': "a\nb",
    "print(1)\nprint({})": "print(1)\nprint({})",
    "{1: 2}": "{1: 2}",
    "[x for x in 'ab']": "[x for x in 'ab']",
    '{"code": "print(1)': "print(1)",
    '{"code": "print(1)\\': "print(1)",
    '{"code": "x\\u00': "x",
    '{"code": "re.match(\'\\d+\\.\', s)"}': "re.match('\\d+\\.', s)",
    '{"code": "line\nline"}': "line\nline",
    '{"code": "\\uZZ \\ud83d! \\ude00"}': "\\uZZ �! �",
    '{"code": "a"} and more': "a",
    "```python\nprint(1)\n```": "```python\nprint(1)\n```",
}


@pytest.mark.parametrize("arguments", WRITTEN)
def test_the_same_code_is_read_however_its_arguments_are_cut(arguments: str) -> None:
    assert read(arguments)[1] == WRITTEN[arguments]
    assert read(*arguments)[1] == WRITTEN[arguments]
    for cut in range(len(arguments)):
        assert read(arguments[:cut], arguments[cut:])[1] == WRITTEN[arguments]


def test_code_is_told_while_it_is_written() -> None:
    told, _ = read('{"co', 'de": "pri', "nt(\\", "n1)\\ud8", '3d\\ude00")', '"}')
    assert told == ["", "pri", "nt(", "\n1)", "😀", "", ""]


def test_bare_code_and_lists_of_lines_are_told_while_they_are_written() -> None:
    assert read("imp", "ort os\n", "os")[0] == ["imp", "ort os\n", "os", ""]
    assert read('{"code": ["a =', ' 1", ', '"b"', "]}")[0] == ["a =", " 1", "\nb", "", ""]


def test_megabytes_of_code_are_read_in_pieces() -> None:
    code = 'x = "\\n"\n' * 20_000
    arguments = json.dumps({"code": code})
    pieces = [arguments[at : at + 50] for at in range(0, len(arguments), 50)]
    assert read(*pieces)[1] == code


def test_a_long_member_in_front_does_not_cost_the_code() -> None:
    arguments = json.dumps({"thought": "hm " * 2_000, "code": CODE})
    assert read(*[arguments[at : at + 9] for at in range(0, len(arguments), 9)])[1] == CODE


@pytest.mark.parametrize(
    ("code", "run"),
    [
        ("```python\nprint(1)\n```", "print(1)"),
        ("~~~\nprint(1)\n\nx\n~~~\n", "print(1)\n\nx"),
        ("print('''```python\n```''')", "print('''```python\n```''')"),
        ("```python\nprint(1)", "```python\nprint(1)"),
        ("", ""),
    ],
)
def test_a_fence_around_the_code_is_not_run(code: str, run: str) -> None:
    assert without_fence(code) == run
