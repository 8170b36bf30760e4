"""Show the built site at an address of this machine: ``python book/mixbook serve [--port N] [--no-open]``.

Standard library alone, so that it shows a site that was taken from a release where nothing else is installed.
"""

import argparse
import functools
import http.server
import webbrowser
from pathlib import Path

from mixbook.build import take

SITE = Path(__file__).resolve().parents[3] / "_build" / "html"
HOST, PORT, TRIED = "127.0.0.1", 8000, 50


def main(arguments=(), site=SITE):
    """Serve until Ctrl-C; returns what is wrong, or 0."""
    parser = argparse.ArgumentParser(prog="make serve", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, help=f"default: {PORT}, or the next one that is free")
    parser.add_argument("--no-open", action="store_true", help="open no browser")
    options = parser.parse_args(arguments)
    take.recover(site.parent)
    if not (site / "index.html").is_file():
        return f"{site} holds no site yet: make book"
    if options.port is not None and not 0 <= options.port <= 65535:
        return f"port {options.port} can't be used (expected 0 to 65535); name another one: --port 8080"
    try:
        server = _server(site, options.port)
    except OSError as error:
        return f"port {options.port or PORT} can't be used ({error.strerror}); name another one: --port 8080"
    address = f"http://{HOST}:{server.server_port}/"
    print(f"The book is at {address} until you press Ctrl-C", flush=True)
    if not options.no_open:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
    return 0


def _server(site, port):
    handler = functools.partial(_Handler, directory=str(site))
    for tried in [port] if port is not None else range(PORT, PORT + TRIED):
        try:
            return http.server.ThreadingHTTPServer((HOST, tried), handler)
        except OSError as error:
            last = error
    raise last


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the site; what is not there is answered with the site's own page for that."""

    def send_error(self, code, message=None, explain=None):
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # the next build shows at the next look
        super().end_headers()

    def log_message(self, form, *arguments):
        """Say nothing of each file."""
