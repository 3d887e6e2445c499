"""The one setting behind every link into the repository: what it changes, and where links lead."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import nbformat
import pytest
from bs4 import BeautifulSoup

from book.translate.languages import EDITIONS, LANGUAGES
from tools import repository, sync_exercises

ROOT = repository.ROOT
URL = "https://github.com/Owner/some-book"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "_build", "tests", ".*_cache", ".hypothesis")


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the book whose repository is known."""
    root = tmp_path_factory.mktemp("configured") / "book"
    shutil.copytree(ROOT, root, ignore=LEFT_OUT)
    assert repository.main([URL], root) == 0
    return root


@pytest.fixture(scope="module")
def site(configured: Path) -> Path:
    """Its site, in every language."""
    run(configured, sys.executable, "-c", BUILD)
    return configured / "_build" / "html"


# as `make book` does, but for Python in the page, which takes its time and changes no link
BUILD = """
from unittest.mock import patch
from book import build
with patch.object(build.runtime, "ensure", return_value=""):
    build.build()
"""


def run(folder: Path, *command: object) -> None:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def notebooks(root: Path) -> list[Path]:
    found = [
        p for folder in ("chapters", "exercises", "solutions") for p in root.glob(f"{folder}/*")
    ]
    return sorted(path for path in found if path.suffix == ".ipynb")


def links(site: Path, page: Path, host: str) -> list[str]:
    soup = BeautifulSoup((site / page).with_suffix(".html").read_text("utf-8"), "html.parser")
    return [a["href"] for a in soup.select(".article-header-buttons a") if host in a["href"]]


# --- the setting ----------------------------------------------------------------------------------


def test_this_book_fits_its_setting():
    assert repository.stale(ROOT) == []


def test_every_notebook_begins_by_installing_what_it_needs(configured: Path):
    assert repository.setting(configured) == URL
    for path in notebooks(configured):
        first, *others = nbformat.read(path, as_version=4).cells
        assert first.id == repository.CELL_ID and f"git+{URL}" in first.source, path
        assert repository.CELL_ID not in [cell.id for cell in others], path


def test_the_exercises_are_still_what_their_solutions_make(configured: Path):
    assert sync_exercises.stale(
        sync_exercises.texts(configured / "solutions"), configured / "exercises"
    ) == []  # fmt: skip


def test_a_changed_address_changes_every_notebook_and_none_restores_them(tmp_path: Path):
    for folder in ("chapters", "solutions", "exercises"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=LEFT_OUT)
    shutil.copy(ROOT / "_config.yml", tmp_path)
    before = {path: nbformat.read(path, as_version=4).cells for path in notebooks(tmp_path)}
    config = (tmp_path / "_config.yml").read_text("utf-8")
    for url in (URL, URL, "https://github.com/Other/fork.git"):
        assert repository.main([url], tmp_path) == 0
    texts = [path.read_text("utf-8") for path in notebooks(tmp_path)]
    assert all("Other/fork" in text and "Owner" not in text for text in texts)
    assert repository.main([repository.setting(ROOT)], tmp_path) == 0
    assert {p: nbformat.read(p, as_version=4).cells for p in notebooks(tmp_path)} == before
    assert (tmp_path / "_config.yml").read_text("utf-8") == config


def test_a_notebook_that_does_not_fit_is_named(configured: Path, tmp_path: Path, capsys):
    shutil.copytree(configured / "chapters", tmp_path / "chapters")
    config = (configured / "_config.yml").read_text("utf-8")
    (tmp_path / "_config.yml").write_text(config.replace("some-book", "another"))
    assert repository.main(["--check"], tmp_path) == 1
    assert "chapters/02_hidden_bias.ipynb" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["github.com/a/b", "https://github.com/a", "https://x.org/a/b"])
def test_what_is_no_repository_is_refused(configured: Path, tmp_path: Path, capsys, url: str):
    shutil.copy(configured / "_config.yml", tmp_path)
    assert repository.main([url], tmp_path) == 1
    assert "expected https://github.com/OWNER/NAME" in capsys.readouterr().err
    assert repository.setting(tmp_path) == URL


def test_the_install_cell_does_nothing_where_the_packages_are():
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell()
    ran = []
    shell.register_magic_function(lambda line: ran.append(line), "line", "pip")
    code = repository.INSTALL.format(url=URL)
    assert shell.run_cell(code).success and ran == []
    assert shell.run_cell(code.replace("coursecheck", "no_such_package")).success
    assert ran == [f'install --quiet "one-graph-five-questions @ git+{URL}"']


# --- the links ------------------------------------------------------------------------------------


def test_every_link_into_the_repository_leads_to_a_file_in_the_tree(configured: Path, site: Path):
    for path in notebooks(configured):
        page = path.relative_to(configured)
        written = page.as_posix().replace("exercises/", "solutions/")
        assert links(site, page, "/edit/") == [f"{URL}/edit/main/{written}"]
        (colab,) = links(site, page, "colab.research.google.com")
        (binder,) = links(site, page, "mybinder.org")
        blob = urlsplit(colab).path.removeprefix("/github/Owner/some-book/blob/main/")
        tree = unquote(urlsplit(binder).query).removeprefix("urlpath=lab/tree/")
        assert blob == tree == page.as_posix()
        assert urlsplit(binder).path == "/v2/gh/Owner/some-book/main"
    for page, written in (("index.md", "index.md"), ("ledger.md", "pages/ledger.md")):
        assert links(site, Path(page), "/edit/") == [f"{URL}/edit/main/{written}"]
        assert (configured / written).exists()


def test_a_translated_page_is_edited_in_its_catalogue(configured: Path, site: Path):
    for language in LANGUAGES.values():
        for path in [*notebooks(configured), configured / "index.md"]:
            page = path.relative_to(configured)
            (link,) = links(site, Path(language.folder, page), "/edit/")
            target = link.removeprefix(f"{URL}/edit/main/")
            assert target.startswith(f"book/locale/{language.code}/") and target.endswith(".po")
            assert (configured / target).exists(), target


def test_every_page_names_itself_in_every_language(site: Path):
    base = "https://owner.github.io/some-book/"
    for page in ("index.html", "chapters/02_hidden_bias.html"):
        for each in EDITIONS:
            soup = BeautifulSoup((site / each.folder / page).read_text("utf-8"), "html.parser")
            named = {a["hreflang"]: a["href"] for a in soup.select("link[rel=alternate]")}
            assert named == {e.tag: f"{base}{e.path}{page}" for e in EDITIONS}
            assert soup.select_one("link[rel=canonical]")["href"] == f"{base}{each.path}{page}"


def test_the_download_is_the_notebook_itself(configured: Path, site: Path):
    for path in notebooks(configured):
        page = path.relative_to(configured)
        (download,) = [a for a in links(site, page, "_sources/") if a.endswith(".ipynb")]
        target = (site / page).parent / download
        theirs = path.read_text("utf-8").replace("](../pages/", "](../")  # as the site has them
        assert target.read_text("utf-8") == theirs


def test_no_page_shows_the_install_cell(configured: Path, site: Path):
    for path in notebooks(configured):
        page = (site / path.relative_to(configured)).with_suffix(".html")
        assert "%pip" not in page.read_text("utf-8"), page


def test_the_map_of_the_site_lists_its_pages_and_robots_find_it(site: Path):
    folders = [site / each.folder for each in EDITIONS]
    maps = [ElementTree.parse(folder / "sitemap.xml") for folder in folders]
    locations = [e.text for each in maps for e in each.iterfind(".//{*}loc")]
    base = "https://owner.github.io/some-book/"
    listed = {location.removeprefix(base) for location in locations}
    pages = {p.relative_to(site).as_posix() for p in site.rglob("*.html")}
    pages = {name for name in pages if "_static/" not in name}
    assert listed == {p for p in pages if not p.endswith(("search.html", "genindex.html"))}
    for each in EDITIONS:
        assert f"Sitemap: {base}{each.path}sitemap.xml" in (site / "robots.txt").read_text()


def test_the_preview_is_there_and_of_its_size(site: Path):
    image = pytest.importorskip("PIL.Image")
    soup = BeautifulSoup((site / "index.html").read_text("utf-8"), "html.parser")
    address = soup.select_one("meta[property='og:image']")["content"]
    path = site / address.removeprefix("https://owner.github.io/some-book/")
    with image.open(path) as picture:
        assert picture.size == (1200, 630)
        assert len(picture.convert("L").getcolors()) > 10  # something is drawn
    canonical = soup.select_one("link[rel=canonical]")["href"]
    assert canonical == "https://owner.github.io/some-book/index.html"
