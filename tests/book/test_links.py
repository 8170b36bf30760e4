"""The check of links to other hosts, against a server on this machine."""

import http.server
import threading
import time
from typing import ClassVar

import pytest

from mixbook.build import links

MOVED = {"/moved": "/", "/moved-to-nothing": "/404", "/round": "/round"}


class Answers(http.server.BaseHTTPRequestHandler):
    """``/404`` answers 404, and so on; ``/get`` knows no HEAD; ``/late`` answers at the second time, ``/slow`` late."""

    asked: ClassVar = []

    def do_HEAD(self):
        self.asked.append(f"{self.command} {self.path}")
        if self.path == "/slow":
            time.sleep(1)
        if self.path in MOVED:
            self.send_response(301)
            self.send_header("Location", MOVED[self.path])
            self.send_header("Content-Length", "0")
            return self.end_headers()
        code = {"/": 200, "/slow": 200, "/get": 200 if self.command == "GET" else 405}.get(self.path)
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


def silent(number):
    """A host that gives no answer, one for each number: ports may be written with zeros."""
    return f"http://127.0.0.1:{'0' * number}1"


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
        ("moved", False, ""),
        ("moved-to-nothing", True, "404"),
        ("round", True, "301"),
    ],
)
def test_what_is_dead_and_what_is_only_refused(host, path, dead, said):
    found, what, there = links.ask(f"{host}/{path}", patience=0)
    assert (found, there) == (dead, True)
    assert what.startswith(said)
    assert bool(what) == bool(said)


def test_a_host_that_fails_or_is_not_there_is_dead_after_some_tries(host):
    assert links.ask(f"{host}/500", patience=0) == (True, "500 Internal Server Error", True)
    assert Answers.asked.count("GET /500") == links.TRIES
    dead, what, there = links.ask("http://127.0.0.1:1/", patience=0)
    assert (dead, there) == (True, False)
    assert "refused" in what
    assert links.ask("http://no host/", patience=0)[0]


def test_a_slow_address_is_dead_and_its_host_is_there(host, monkeypatch):
    monkeypatch.setattr(links, "TIMEOUT", 0.1)
    assert links.ask(f"{host}/slow", patience=0) == (True, "timed out", True)
    assert Answers.asked.count("HEAD /slow") == links.TRIES
    monkeypatch.setattr(links, "TIMEOUT", 20)
    assert links.ask(f"{host}/slow", patience=0) == (False, "", True)


def test_a_host_that_gives_no_answer_is_asked_no_further(host, monkeypatch):
    asked, ask = [], links.ask
    monkeypatch.setattr(links, "ask", lambda address, patience: asked.append(address) or ask(address, patience))
    found = links.check(
        {f"http://127.0.0.1:1/{n}": ["a.html"] for n in range(5)} | {f"{host}/": ["a.html"]}, patience=0
    )
    assert len(asked) == 2
    assert [said.dead for said in found if ":1/" in said.address] == 5 * [True]
    assert sum("not asked" in said.what for said in found) == 4
    assert [said.dead for said in found if said.address == f"{host}/"] == [False]


@pytest.mark.parametrize("hosts", [3, 100])
def test_a_lost_network_is_one_line_and_no_list_of_dead_links(tmp_path, monkeypatch, capsys, hosts):
    monkeypatch.setattr(links.check, "__defaults__", (0,))
    asked, ask = [], links.ask
    monkeypatch.setattr(links, "ask", lambda *arguments: asked.append(arguments) or ask(*arguments))
    write(tmp_path / "site", "index", *[f"{silent(number)}/{page}" for number in range(hosts) for page in "ab"])
    report = tmp_path / "links.md"
    report.write_text("an old report")
    assert links.main([str(tmp_path / "site"), "--report", str(report)]) == 2
    said = report.read_text()
    assert said == capsys.readouterr().out
    assert said.startswith(
        f"No network: {min(hosts, links.LOST)} hosts in a row gave no answer, the first was 127.0.0.1:"
    )
    assert f"of the {2 * hosts} addresses" in said
    assert len(asked) < links.LOST + links.HOSTS
    assert said.count("\n") == 1


def test_many_dead_hosts_are_dead_while_others_answer(host, monkeypatch):
    monkeypatch.setattr(links, "HOSTS", 1)  # one after the other
    half = links.LOST - 1
    dead = [f"{silent(number)}/" for number in range(2 * half)]
    found = links.check({address: ["a.html"] for address in (*dead[:half], f"{host}/", *dead[half:])}, patience=0)
    assert [said.address for said in found if said.dead] == sorted(dead)


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
