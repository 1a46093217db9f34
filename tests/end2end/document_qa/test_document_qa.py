"""A public program for the Assistants API runs unchanged, except for the address of its service."""

from pathlib import Path

import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.end2end.conftest import serving
from tests.support.environments import Environments

PROGRAM = Path(__file__).with_name("program.py")
REQUIREMENTS = ("openai==1.40.0", "httpx<0.28")
"""This openai passes an argument to httpx that newer versions took away."""

DOCUMENTS = [
    Path(__file__).parents[2] / "data/kerberos" / name for name in ("concepts.pdf", "building.pdf", "user-guide.pdf")
]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_program_prints_the_right_answers(
    tmp_path: Path, model_files: ModelFiles, environments: Environments
) -> None:
    with serving(tmp_path / "data") as (service, _):
        printed = environments.python(*REQUIREMENTS).run(
            PROGRAM,
            "Where do most installations recommend that you place the kdestroy command?",
            "Which command makes a specified credential cache the primary cache for the collection?",
            *DOCUMENTS,
            service=service,
        )
    asked, followed_up = printed.split("\nfollow-up:")
    assert asked.startswith("batch: completed 3 of 3\nanswer:")
    assert ".logout file" in asked
    assert "kswitch" in followed_up
    assert printed.count("deleted: True") == 2
