"""Two gardeners keep their notes with git, and let Minga merge them, in a folder that knows nothing of Minga."""

import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

COMMAND = pathlib.Path(sys.executable).with_name("minga")
SIDES = ("main", "ana")
BASE = "# Abono\n\n- Estiércol de vaca\n- Paja\n\nSe voltea cada siete días.\n"
HERE = BASE.replace("- Paja\n", "- Paja\n- Ceniza\n").replace("siete", "diez")
INCOMING = BASE.replace("- Paja\n", "- Paja\n- Hojas secas\n")
MERGED = HERE.replace("- Ceniza\n", "- Ceniza\n- Hojas secas\n")

Merge = Callable[[str, str, str], tuple[bool, str]]


def test_items_that_both_wrote_stay_and_one_number_stays(by_git: Merge) -> None:
    assert by_git(BASE, HERE, INCOMING) == (True, MERGED)


def test_two_numbers_are_left_to_people(by_git: Merge) -> None:
    clean, text = by_git(BASE, HERE, INCOMING.replace("siete", "ocho"))
    assert not clean
    asked = "<<<<<<< here\nSe voltea cada diez días.\n=======\nSe voltea cada ocho días.\n>>>>>>> incoming\n"
    assert text == MERGED.replace("Se voltea cada diez días.\n", asked)


@pytest.fixture
def by_git(tmp_path: pathlib.Path) -> Merge:
    """Merges as `git merge` does with Minga for its driver; where there is no git, by what git would call."""
    if not shutil.which("git"):
        return lambda *texts: _called(tmp_path, *texts)
    return lambda *texts: _merged(tmp_path, *texts)


def _called(folder: pathlib.Path, *texts: str) -> tuple[bool, str]:
    paths = [folder / name for name in ("base", "here", "incoming")]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    done = subprocess.run([COMMAND, "merge-file", "--write", *paths], cwd=folder, check=False)
    return done.returncode == 0, paths[1].read_text(encoding="utf-8")


def _merged(folder: pathlib.Path, base: str, here: str, incoming: str) -> tuple[bool, str]:
    notes = folder / "abono.md"

    def git(*words: str, fails: bool = False) -> None:
        known = ("-c", "user.name=Ana", "-c", "user.email=ana@localhost", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *known, *words], cwd=folder, capture_output=True, text=True, check=False)
        assert fails or done.returncode == 0, done.stderr

    def commit(text: str) -> None:
        notes.write_text(text, encoding="utf-8")
        git("commit", "-qam", "notas")

    git("init", "-q", "-b", SIDES[0])
    (folder / ".gitattributes").write_text("*.md merge=minga\n", encoding="utf-8")
    git("config", "merge.minga.driver", f"'{COMMAND}' merge-file --write %O %A %B")
    notes.touch()
    git("add", ".")
    commit(base)
    git("branch", SIDES[1])
    commit(here)
    git("checkout", "-q", SIDES[1])
    commit(incoming)
    git("checkout", "-q", SIDES[0])
    git("merge", "-q", "-m", "junto", SIDES[1], fails=True)
    asked = ["git", "status", "--porcelain"]
    left = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert left.split() in ([], ["UU", notes.name])
    return not left, notes.read_text(encoding="utf-8")
