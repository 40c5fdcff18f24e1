"""What the command line writes: nothing twice, nothing over what it reads, and nothing is lost that was made."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.test_edit import ONE, edit, pixels, work
from PIL import Image

from pixels_ext import demo
from pixels_ext.cli import demo as demo_edits
from pixels_ext.cli import maps
from pixels_ext.cli.main import main
from pixels_ext.cli.outputs import check_outputs
from pixels_ext.diffusers_host import Editor
from pixels_ext.errors import RequestError

__all__ = ["edit", "work"]

E = ("--exemplar", "b.webp", "--map", "m.png")


@pytest.fixture
def links(work: Path) -> None:
    """Names that lead to other files, and files that are not plain."""
    (work / "folder").mkdir()
    (work / "below").symlink_to(".")
    (work / "linked.png").symlink_to("new.png")
    (work / "circle.png").symlink_to("circle.png")
    (work / "map.png").symlink_to("m.png")
    (work / "hard.png").hardlink_to(work / "m.png")
    (work / "source.png").symlink_to("a.jpg")
    (work / "request.png").symlink_to("r.json")
    (work / "weights.png").symlink_to("style.safetensors")
    (work / "void.png").symlink_to("/dev/null")
    (work / "folder.png").mkdir()
    os.mkfifo(work / "pipe.png")
    (work / "style.safetensors").write_bytes(b"weights")
    (work / "r.json").write_text(json.dumps({"exemplars": [{"image": "b.webp", "edit_map": "m.png"}]}))
    for name in ("one.png", "two.png"):
        Image.new("L", (2, 2)).save(work / name)
    (work / "two.png").unlink()
    (work / "two.png").hardlink_to(work / "one.png")


SAME = [
    ("-o", "new.png", "--composite", "new.png"),
    ("-o", "new.png", "--composite", "./new.png"),
    ("-o", "new.png", "--timeline", "folder/../new.png"),
    ("-o", "new.png", "--timeline", "below/new.png"),
    ("-o", "new.png", "--composite", "linked.png"),
    ("-o", "linked.png", "--composite", "new.png"),
    ("-o", "one.png", "--composite", "two.png"),
    ("-o", "new.png", "--composite", "new-2.png", "--num-images", "2"),
    ("-o", "new.png", "--timeline", "new.png", "--num-images", "2"),
    ("-o", "new.png", "--composite", "x.png", "--timeline", "x.png"),
]
READ = [
    ("-o", "m.png"),
    ("-o", "map.png"),
    ("-o", "hard.png"),
    ("-o", "below/m.png"),
    ("-o", "source.png"),
    ("-o", "new.png", "--composite", "./m.png"),
    ("-o", "new.png", "--timeline", "source.png"),
    ("-o", "weights.png", "--lora", "style.safetensors"),
]
UNWRITABLE = [
    ("/proc/x.png", "which cannot be written: "),
    ("/proc/version/x.png", "which cannot be written: "),
    ("none/x.png", "which cannot be written: "),
    ("a.jpg/x.png", "which cannot be written: "),
    ("circle.png", "which cannot be written: "),
    ("x" * 300 + ".png", "which cannot be written: "),
    ("folder.png", "which is a folder "),
    ("pipe.png", "which is not a regular file "),
    ("void.png", "which is not a regular file "),
    ("", "(expected a file name that ends in .png, like edit.png)"),
    (".png", "(expected a file name that ends in .png, like edit.png)"),
    ("x.png/", ""),
]


@pytest.fixture
def untouched(links: None, work: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Fails if a model was loaded, and tells whether every file is as it was."""
    monkeypatch.setattr(Editor, "load", lambda *_, **__: pytest.fail("the work began"))

    def state() -> dict[Path, Any]:
        files = (file for file in work.rglob("*") if file.is_file() and "below" not in file.parts)
        return {file: file.read_bytes() for file in files}

    before = state()

    def check() -> None:
        assert state() == before

    return check


@pytest.mark.parametrize("flags", SAME, ids=" ".join)
def test_two_outputs_are_never_one_file(
    flags: tuple[str, ...], edit: Callable[..., int], untouched: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert edit(*E, *flags) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert ", which is the same file as --" in line
    untouched()


@pytest.mark.parametrize("flags", READ, ids=" ".join)
def test_no_output_is_a_file_that_is_read(
    flags: tuple[str, ...], edit: Callable[..., int], untouched: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert edit(*E, *flags) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert ", which is the same file as " in line
    untouched()


@pytest.mark.parametrize("out", ["request.png", "m.png", "below/map.png"])
def test_nor_is_it_the_request_or_what_that_names(
    out: str, edit: Callable[..., int], untouched: Callable[[], None]
) -> None:
    assert edit("--request", "below/r.json", "-o", out) == 2
    untouched()


@pytest.mark.parametrize(("name", "said"), UNWRITABLE, ids=[name[:30] for name, _ in UNWRITABLE])
@pytest.mark.parametrize("flag", ["-o", "--composite", "--timeline"])
def test_what_cannot_be_written_is_said_before(
    flag: str,
    name: str,
    said: str,
    edit: Callable[..., int],
    untouched: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    others = () if flag == "-o" else ("-o", "new.png")
    assert edit(*E, *others, flag, name) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"pixels_ext: {'--out' if flag == '-o' else flag} is ")
    assert said in line
    untouched()


def test_a_folder_that_takes_two_spellings_for_one_file(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of Windows and macOS do: the system itself is asked, here by an `open` that does as theirs."""
    plain = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest: plain(str(path).lower(), *rest))
    monkeypatch.setattr(Path, "stat", lambda self, **_: os.stat(str(self).lower()))  # noqa: PTH116
    with pytest.raises(RequestError, match="which is the same file as --out"):
        check_outputs([("out", "a.png"), ("composite", "A.png")], [])
    with pytest.raises(RequestError, match="which is the same file as --source"):
        check_outputs([("out", "M.PNG")], [("--source", "m.png")])


def test_where_files_differ_by_case_they_are_two(edit: Callable[..., int], work: Path) -> None:
    (work / "q.png").touch()
    if (work / "Q.png").exists():
        pytest.skip("this folder takes both for one")
    assert edit(*E, "-o", "x.png", "--composite", "X.png") == 0
    assert not (pixels("x.png") == pixels("X.png")).all()


def full(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let these files take a few bytes and no more, as on a disk that is full."""
    write = Path.write_bytes

    def write_bytes(self: Path, data: bytes) -> int:
        if self.name in names and "pixels-" not in str(self):
            write(self, data[:20])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)


def test_an_edit_that_cannot_be_written_after_all_is_saved_elsewhere_and_named(
    edit: Callable[..., int], work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (work / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(work / "tmp"))
    full(monkeypatch, "out.png", "pasted.png")
    assert edit(*ONE, "--composite", "pasted.png", "--timeline", "t.png") == 1
    told = capsys.readouterr()
    out, pasted, line = told.out.splitlines()
    assert (Path(out).name, Path(pasted).name, line) == ("out.png", "pasted.png", "t.png")
    assert Image.open(out).text["parameters"]
    assert Image.open(pasted).size == Image.open(out).size == (64, 64)
    first, second = told.err.splitlines()
    assert first.startswith("pixels_ext: --out is 'out.png', which could not be written: No space left on device (")
    assert out in first
    assert pasted in second
    assert not Path("out.png").exists()


def test_if_nothing_takes_it_that_is_said_too(
    edit: Callable[..., int], work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    full(monkeypatch, "out.png")
    assert edit(*ONE) == 1
    told = capsys.readouterr()
    assert (told.out, len(told.err.splitlines())) == ("", 1)


def test_what_is_done_of_a_batch_is_there_when_the_rest_fails(
    edit: Callable[..., int], work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one_pass, passed = Editor._one_pass, []

    def stop(self: Editor, *arguments: Any) -> Any:
        passed.append(1)
        if len(passed) == 3:
            raise KeyboardInterrupt
        return one_pass(self, *arguments)

    monkeypatch.setattr(Editor, "_one_pass", stop)
    assert edit(*ONE, "--exemplar", "c.png", "--map", "n.png", "--mode", "iterative", "--num-images", "2") == 130
    assert capsys.readouterr().out == "out-1.png\n"
    assert Image.open("out-1.png").text["parameters"]
    assert not Path("out-2.png").exists()


@pytest.mark.parametrize("command", ["demo", "maps"])
@pytest.mark.parametrize("out", ["m.png", "m.png/x", "/proc/x", "\0", "x" * 300, "taken", "linked"])
def test_a_folder_for_many_files_is_looked_at_before_the_work(
    command: str, out: str, work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Editor, "load", lambda *_, **__: pytest.fail("the work began"))
    monkeypatch.setattr(maps, "PAIRS", maps.PAIRS[:1])
    name = (
        f"maps-{Path(maps.PAIRS[0].source).stem}.jpg" if command == "maps" else f"{demo_edits.DEMO_EDITS[0].name}.png"
    )
    (work / "taken" / name).mkdir(parents=True)
    (work / "linked").mkdir()
    (work / "linked" / name).symlink_to(demo.IMAGES / "beach.jpg")
    assert main([command, "--out", out]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("pixels_ext: --out is ")


@pytest.mark.parametrize("name", ["", ".", "..", ".png", "none/x.png", "folder.png"])
def test_a_batch_is_looked_at_as_one_edit_is(
    name: str, edit: Callable[..., int], untouched: Callable[[], None], work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (work / "folder-2.png").mkdir()
    assert edit(*E, "-o", name, "--num-images", "2") == 2
    assert edit(*E, "-o", "x.png", "--num-images", "9" * 12) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("pixels_ext: --out is ")
    assert second.startswith("pixels_ext: --num-images is 999999999999 (expected a whole number from 1 to 10000)")
    untouched()


def test_an_earlier_result_is_written_again_also_in_the_model_s_own_folder(
    edit: Callable[..., int], model: Path, work: Path
) -> None:
    Image.new("L", (2, 2)).save(work / "out.png")
    for name in ("out.png", "out.png", str(model / "here.png"), str(model / "here.png")):
        assert edit(*E, "-o", name, "--strength", "1", "--steps", "1") == 0
    (work / "weights.png").hardlink_to(next(model.glob("unet/*.safetensors")))
    assert edit(*E, "-o", "weights.png") == 2
