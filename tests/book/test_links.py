"""The check of links to other hosts, against a server on this machine."""

import http.server
import threading
from typing import ClassVar

import pytest

from mixbook.build import links


class Answers(http.server.BaseHTTPRequestHandler):
    """``/404`` answers 404, and so on; ``/get`` knows no HEAD; ``/late`` answers at the second time."""

    asked: ClassVar = []

    def do_HEAD(self):
        self.asked.append(f"{self.command} {self.path}")
        code = {"/": 200, "/get": 200 if self.command == "GET" else 405}.get(self.path)
        if self.path == "/late":
            code = 503 if self.asked.count("GET /late") < 2 else 200
        self.send_response(code or int(self.path[1:]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *arguments):
        pass


@pytest.fixture
def host():
    Answers.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def write(site, name, *addresses):
    path = site / f"{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f'<a href="{address}">a</a>' for address in addresses), encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "dead", "said"),
    [
        ("", False, ""),
        ("get", False, ""),
        ("404", True, "404"),
        ("410", True, "410"),
        ("403", False, "403"),
        ("late", False, ""),
    ],
)
def test_what_is_dead_and_what_is_only_refused(host, path, dead, said):
    found, what = links.ask(f"{host}/{path}", patience=0)
    assert found == dead
    assert what.startswith(said)
    assert bool(what) == bool(said)


def test_a_host_that_fails_or_is_not_there_is_dead_after_some_tries(host):
    assert links.ask(f"{host}/500", patience=0)[0]
    assert Answers.asked.count("GET /500") == links.TRIES
    assert links.ask("http://127.0.0.1:1/", patience=0)[0]
    assert links.ask("http://no host/", patience=0)[0]


def test_each_address_is_asked_once_and_the_report_names_its_pages(host, tmp_path, capsys):
    site, made = tmp_path / "site", "https://github.com/o/n/edit/main/book/a.md"
    write(site, "index", f"{host}/", f"{host}/404#here", "a.html", made, "https://own.org/book/a.html")
    head = '<link rel="canonical" href="https://own.org/book/index.html">'
    (site / "index.html").write_text(head + (site / "index.html").read_text())
    write(site, "deep/b", f"{host}/404", f"{host}/403", "mailto:a@b.c", "https://mybinder.org/v2/gh/o/n/main")
    assert list(links.outward(site)) == [f"{host}/", f"{host}/403", f"{host}/404"]
    assert links.main([str(site), "--report", str(tmp_path / "links.md")]) == 1
    assert Answers.asked.count("HEAD /404") == 1
    text = (tmp_path / "links.md").read_text()
    assert text.startswith("3 addresses on other hosts: 1 dead, 1 refused")
    assert f"- <{host}/404>: 404 Not Found (deep/b.html, index.html)" in text
    assert capsys.readouterr().out == text
    write(site, "deep/b", f"{host}/403")
    write(site, "index", f"{host}/")
    assert links.main([str(site), "--report", str(tmp_path / "links.md")]) == 0


def test_without_a_site_it_says_what_writes_one(tmp_path):
    with pytest.raises(SystemExit, match="make book"):
        links.main([str(tmp_path)])
