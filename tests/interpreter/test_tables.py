"""Tables that code shows: their beginning as texts, beside what is printed of them."""

from desktop_app.wire.code import CodeTable
from tests.interpreter.conftest import Bench

SALES = """import pandas as pd
sales = pd.DataFrame({"product": ["Desk", "Lamp | <b>"], "amount": [400, 1.5], "when": pd.Timestamp("2026-01-02")})
"""


def table(bench: Bench, code: str) -> CodeTable:
    result = bench.run(code)
    assert result.outcome == "ok", result.logs
    (shown,) = result.tables
    return shown


def test_a_frame_as_the_last_value_is_printed_and_told_as_a_table(bench: Bench) -> None:
    result = bench.run(SALES + "print('before')\nsales")
    (shown,) = result.tables
    assert shown.head == ["", "product", "amount", "when"]
    assert shown.body == [
        ["0", "Desk", "400", "2026-01-02 00:00:00"],
        ["1", "Lamp | <b>", "1.5", "2026-01-02 00:00:00"],
    ]
    assert (shown.rows, shown.columns) == (2, 3)
    assert result.logs[: shown.start] == "before\n"
    assert result.logs[shown.start : shown.end].split() == bench.told("print(sales)").split()
    assert result.logs[shown.end :] == ""


def test_only_the_beginning_of_a_large_table_is_told_with_its_whole_shape(bench: Bench) -> None:
    shown = table(bench, "import pandas as pd\npd.DataFrame([[1] * 30] * 1200)")
    assert (len(shown.head), len(shown.body), shown.rows, shown.columns) == (21, 50, 1200, 30)
    assert {len(row) for row in shown.body} == {21}
    shown = table(bench, "pd.Series({'x' * 1_000_000: 'y' * 1_000_000, '\\udc80': 'z'}, name='long')")
    assert [[len(text) for text in row] for row in shown.body] == [[80, 80], [1, 1]]
    assert shown.head == ["", "long"]


def test_a_table_whose_text_is_cut_is_told_all_the_same(bench: Bench) -> None:
    result = bench.run(
        "import pandas as pd\nwith pd.option_context('display.max_rows', None):\n    display(pd.Series(range(99_999)))"
    )
    (shown,) = result.tables
    assert shown.rows == 99_999
    assert shown.start == shown.end == len(result.logs)


def test_display_shows_tables_among_what_is_printed(bench: Bench) -> None:
    result = bench.run(SALES + "display(sales.head(1))\nprint('between')\ndisplay(sales['amount'], 7)")
    first, second = result.tables
    assert (first.rows, second.head) == (1, ["", "amount"])
    assert result.logs[first.end : second.start] == "between\n"
    assert result.logs[second.end :] == "7\n"


def test_levels_of_a_grouped_table_and_odd_numbers_are_told_in_words(bench: Bench) -> None:
    grouped = SALES + "sales.groupby(['product', 'when']).agg({'amount': ['sum', 'max']})"
    shown = table(bench, grouped)
    assert shown.head == ["product, when", "amount, sum", "amount, max"]
    assert shown.body[0] == ["Desk, 2026-01-02 00:00:00", "400", "400"]
    shown = table(bench, "pd.Series([0.1 + 0.2, 1e-9, 1e300, float('nan'), 0.0])")
    assert [row[1] for row in shown.body] == ["0.3", "1e-09", "1e+300", "nan", "0"]


def test_the_real_name_of_the_data_folder_is_not_in_a_table(bench: Bench) -> None:
    shown = table(bench, "import os, pandas as pd\nos.chdir('/mnt/data')\npd.Series([os.getcwd()])")
    assert shown.body[0][1].startswith("/mnt/data")


def test_a_table_that_can_not_be_taken_apart_is_still_printed(bench: Bench) -> None:
    result = bench.run(
        "import pandas as pd\nclass Odd(pd.DataFrame):\n    iloc = property(lambda self: 1 / 0)\n"
        "    def __repr__(self): return 'odd'\nOdd({'a': [1]})"
    )
    assert (result.outcome, result.logs, result.tables) == ("ok", "odd\n", [])


def test_no_more_than_five_tables_of_a_cell_are_told(bench: Bench) -> None:
    result = bench.run("import pandas as pd\nfor n in range(9): display(pd.Series([n]))")
    assert (result.outcome, len(result.tables), result.logs.count("dtype")) == ("ok", 5, 9)
