"""The site at an address of this machine."""

import threading
import urllib.error
import urllib.request

import pytest

from mixbook.build import serve


@pytest.fixture
def site(tmp_path):
    (tmp_path / "index.html").write_text("the book")
    (tmp_path / "404.html").write_text("not here")
    return tmp_path


@pytest.fixture
def address(site):
    with serve._server(site, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{serve.HOST}:{server.server_port}/"
        server.shutdown()


def test_pages_are_served_to_this_machine_alone_and_never_kept_by_the_browser(address):
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == b"the book"
        assert answer.headers["Cache-Control"] == "no-cache"
    assert address.startswith("http://127.0.0.1:")


def test_what_is_missing_is_answered_with_the_page_for_that(address):
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(address + "some/where.html")
    assert error.value.code == 404
    assert error.value.read() == b"not here"


def test_a_taken_port_is_left_for_the_next_one_but_for_a_named_one(site, tmp_path):
    with serve._server(site, None) as first, serve._server(site, None) as second:
        assert first.server_port < second.server_port
        assert "name another one" in serve.main(["--port", str(first.server_port), "--no-open"], site)
    assert "name another one" in serve.main(["--port", "99999", "--no-open"], site)
    assert "make book" in serve.main(["--no-open"], tmp_path / "nothing")
