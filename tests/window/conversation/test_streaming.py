"""An answer that grows while it is read."""

from pytestqt.qtbot import QtBot

from desktop_app.window.conversation import ConversationView, MessageItem
from desktop_app.window.conversation.rows import TextRow
from tests.window.conversation.conftest import HANDBOOK, cited

ANSWER = (
    "Invoices are kept for **ten years**.\n\n- the original\n\n- the copy\n\n"
    "```python\nkeep(invoice)\n```\n\nThat [is][d] all.\n\n[d]: https://a.example\n"
)


def begin(view: ConversationView) -> None:
    view.append(MessageItem("q", "user", "How long?"))
    view.append(MessageItem("a", "assistant", status="in_progress"))


def text_of(view: ConversationView, message_id: str = "a") -> str:
    message = view.message(message_id)
    assert message is not None
    return message.plain_text(view.scene, 1 << 20)


def test_text_that_arrives_in_one_moment_is_shown_at_once(
    qtbot: QtBot, view: ConversationView, built: list[str]
) -> None:
    begin(view)
    built.clear()
    for letter in "Invoices are kept for ten years.":
        view.add_text("a", letter)
    assert text_of(view) == ""
    qtbot.waitUntil(lambda: text_of(view) == "Invoices are kept for ten years.", timeout=1000)
    assert len(built) == 1


def test_finished_blocks_are_laid_out_once(view: ConversationView, built: list[str]) -> None:
    begin(view)
    view.add_text("a", "First block, finished.\n\nSecond block, finished.\n\nThird block, unfinished")
    view.flush()
    view.grab()
    built.clear()
    for word in ("and", "it", "goes", "on"):
        view.add_text("a", " " + word)
        view.flush()
        view.grab()
    assert len(built) == 4
    assert all("Third block" in page and "Second" not in page for page in built)


def test_the_end_of_an_answer_renders_it_as_a_whole(view: ConversationView) -> None:
    begin(view)
    for start in range(0, len(ANSWER), 3):
        view.add_text("a", ANSWER[start : start + 3])
        view.flush()
    view.replace(MessageItem("a", "assistant", ANSWER))
    whole = ConversationView()
    whole.set_messages([MessageItem("a", "assistant", ANSWER)])
    assert text_of(view) == text_of(whole)
    assert text_of(view) == (
        "Invoices are kept for ten years.\n\n• the original\n• the copy\n\nkeep(invoice)\n\nThat is all."
    )
    message = view.message("a")
    assert message is not None
    assert len(message.rows) == 1


def test_code_is_plain_while_it_is_written_and_coloured_when_it_is_finished(
    view: ConversationView, built: list[str]
) -> None:
    begin(view)
    view.add_text("a", "```python\nreturn 1\n")
    view.flush()
    assert "<span" not in built[-1]
    view.add_text("a", "```\n")
    view.flush()
    assert "<span" in built[-1]


def test_a_growing_answer_is_followed_until_the_user_scrolls_away(view: ConversationView) -> None:
    begin(view)
    for number in range(60):
        view.add_text("a", f"Paragraph {number} of a long answer.\n\n")
        view.flush()
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(bar.value() - 300)
    assert not view.stuck
    seen = bar.value()
    for number in range(20):
        view.add_text("a", f"More {number}.\n\n")
        view.flush()
    assert bar.value() == seen
    view.scroll_to_bottom()
    view.add_text("a", "The end.\n\n" * 10)
    view.flush()
    assert bar.value() == bar.maximum()


def test_a_question_leads_back_to_the_end(view: ConversationView) -> None:
    view.set_messages([MessageItem(str(number), "assistant", "A line.\n\n" * 5) for number in range(20)])
    view.verticalScrollBar().setValue(0)
    view.append(MessageItem("q", "user", "And now?"))
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_an_answer_that_ends_while_its_middle_is_read_stays_in_place(view: ConversationView) -> None:
    begin(view)
    text = "".join(f"Paragraph {number} has a few words in it.\n\n" for number in range(80))
    view.add_text("a", text)
    view.flush()
    view.verticalScrollBar().setValue(900)
    before = view.grab().toImage()
    view.replace(MessageItem("a", "assistant", text))
    difference = view.verticalScrollBar().value() - 900
    assert abs(difference) <= 2
    assert before.size() == view.grab().toImage().size()


def test_citations_that_come_while_an_answer_grows_become_chips(view: ConversationView) -> None:
    begin(view)
    text = "Thirty days【4】.\n\nThe second paragraph"
    view.add_text("a", text)
    view.flush()
    item = cited(text, ("【4】", HANDBOOK), id="a")
    view.replace(MessageItem("a", "assistant", item.text, item.citations, "in_progress"))
    view.add_text("a", " is coming.")
    view.flush()
    assert text_of(view) == "Thirty days[1].\n\nThe second paragraph is coming."


def test_text_for_a_message_that_is_not_shown_is_ignored(view: ConversationView) -> None:
    view.add_text("nobody", "text")
    view.flush()
    view.replace(MessageItem("nobody", "assistant", "text"))
    assert view.messages == []


def test_what_a_run_does_is_said_until_it_ends(view: ConversationView) -> None:
    view.append(MessageItem("q", "user", "How long?"))
    view.set_activity("Searching 3 documents…")
    assert view.row_count() == 2
    view.append(MessageItem("a", "assistant", "Ten", status="in_progress"))
    view.set_activity("Writing…")
    view.add_text("a", " years.\n\nAnd more.\n")
    view.flush()
    assert view.row_count() == 4
    view.set_activity(None)
    assert view.row_count() == 3
    assert text_of(view) == "Ten years.\n\nAnd more."


def test_a_failed_answer_offers_another_try_only_while_it_is_the_last_message(
    qtbot: QtBot, view: ConversationView
) -> None:
    begin(view)
    view.add_text("a", "Ten")
    view.replace(MessageItem("a", "assistant", "Ten", status="failed", note="The provider went away."))
    assert text_of(view) == "Ten\n\nThe provider went away."
    view.setFocus()
    with qtbot.waitSignal(view.retry_clicked) as signal:
        view.focusNextPrevChild(True)
        qtbot.keyClick(view, " ")
    assert signal.args == ["a"]
    message = view.message("a")
    assert message is not None
    assert message.can_retry
    view.append(MessageItem("q2", "user", "Again"))
    assert not message.can_retry


def test_a_new_state_of_the_same_thread_keeps_the_place_that_is_read(view: ConversationView) -> None:
    items = [MessageItem(str(number), "assistant", f"Answer {number}.\n\n" * 8) for number in range(50)]
    view.set_messages(items[25:])
    view.scroll_to_row(3, 7)
    view.set_messages([*items, MessageItem("q", "user", "New")])
    assert view.row_rect(28).top() == -7
    view.set_messages([MessageItem("other", "user", "Another thread")])
    assert [message.item.id for message in view.messages] == ["other"]


def test_the_end_of_an_answer_moves_next_to_nothing(view: ConversationView) -> None:
    begin(view)
    blocks = [
        "Words.",
        "- one\n- two",
        "```\ncode\n```",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "> quote",
        "## Head",
        "End.",
    ]
    text = "\n\n".join(blocks) + "\n"
    view.add_text("a", text)
    view.flush()
    streamed = view.verticalScrollBar().maximum() + view.row_rect(view.row_count() - 1).bottom()
    view.replace(MessageItem("a", "assistant", text))
    whole = view.verticalScrollBar().maximum() + view.row_rect(view.row_count() - 1).bottom()
    assert abs(whole - streamed) <= 12


def test_no_line_is_cut_off_at_the_end_of_a_part(view: ConversationView) -> None:
    view.set_messages([MessageItem("q", "user", "jgpq " * 300), MessageItem("a", "assistant", "jgpq.\n\n" * 3)])
    for row in (0, 1):
        text = view._rows[row]
        assert isinstance(text, TextRow)
        needed = text._origin(view.scene).y() + text.laid_out(view.scene).size().height()
        assert view.row_rect(row).height() >= needed
