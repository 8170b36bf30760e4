"""The links of the built site to other hosts: ``python book/mixbook links`` asks each address once, and names the dead.

Links within the site are checked by every ``make test``. What a host refuses to programs, it may still show to people:
such addresses are listed and break nothing. A host that gives no answer at all is asked no further; where many in a row
give none, the network is lost, and nothing is said of any link.
"""

import argparse
import collections
import http.client
import re
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from mixbook.build.pages import ROOT, write_atomically
from mixbook.build.repository import BRANCH
from mixlib.progress import Progress

SITE, REPORT = ROOT / "_build" / "html", ROOT / "_build" / "links.md"
HOSTS = 8  # asked at once, each for one address at a time
TIMEOUT, TRIES, PATIENCE = 20, 3, 5.0  # seconds for an answer, attempts, seconds before the second one
LOST, LEAST = 16, 3  # hosts in a row without an answer, or all where there are this many: the network is lost
REFUSED = (401, 403, 406, 418, 429, 451, 999)  # what hosts say to programs they don't know
AGENT = "Mozilla/5.0 (compatible; link check of a book)"
# made by the build for each page or claim; they answer once the book is published, and to who is known there
MADE = re.compile(rf"https://(mybinder\.org|colab\.research\.google\.com)/|.*(/edit/{BRANCH}/book/|/issues/new\?)")


def main(arguments):
    parser = argparse.ArgumentParser(prog="python book/mixbook links", description=__doc__)
    parser.add_argument("site", nargs="?", type=Path, default=SITE, help="the built site (default: _build/html)")
    parser.add_argument("--report", type=Path, default=REPORT, help="what to write (default: _build/links.md)")
    options = parser.parse_args(arguments)
    if not (options.site / "index.html").is_file():
        raise SystemExit(f"{options.site} holds no site: make book writes it")
    try:
        asked = check(outward(options.site))
    except NoNetwork as error:
        write_atomically(options.report, f"{error}\n")
        print(error)
        return 2
    text = report(asked)
    write_atomically(options.report, text)
    print(text, end="")
    return int(any(said.dead for said in asked))


class NoNetwork(Exception):
    """No host answers; the message says so in one line."""


class Said(collections.namedtuple("Said", "address pages dead what")):
    """What came of an address: the pages that hold it, whether it is dead, and the answer ("" where all is well)."""


def outward(site):
    """Addresses on other hosts, each with the pages that link to it."""
    found = collections.defaultdict(set)
    for path in sorted(Path(site).rglob("*.html")):
        for address in _links(path).found:
            found[urldefrag(address)[0]].add(path.relative_to(site).as_posix())
    own = tuple(_links(Path(site) / "index.html").site)
    others = (address for address in sorted(found) if not (MADE.match(address) or address.startswith(own)))
    return {address: sorted(found[address]) for address in others}


def check(links, patience=PATIENCE):
    """Ask for each address once, several hosts at a time.

    Raises
    ------
    NoNetwork
        If many hosts in a row give no answer, or all of them.
    """
    hosts, silent, lost = collections.defaultdict(list), [], []
    for address in links:
        hosts[urlsplit(address).netloc].append(address)
    most = min(LOST, max(LEAST, len(hosts)))

    def ask_host(host):
        answers, waiting = [], list(hosts[host])
        while waiting and not lost:
            address = waiting.pop(0)
            dead, what, there = ask(address, patience)
            answers.append(Said(address, links[address], dead, what))
            work.add()
            if there:
                silent.clear()
                continue
            silent.append(f"{host} ({what})")
            if len(silent) >= most:
                lost.append(silent[0])
            why = f"not asked, since {host} gave no answer"
            answers += [Said(other, links[other], True, why) for other in waiting]
            work.add(len(waiting))
            break
        return answers

    with Progress(None, "links", total=len(links), unit="addresses") as work, ThreadPoolExecutor(HOSTS) as pool:
        answers = [said for found in pool.map(ask_host, hosts) for said in found]
    if lost:
        raise NoNetwork(
            f"No network: {most} hosts in a row gave no answer, the first was {lost[0]}. Nothing is known of the "
            f"{len(links)} addresses; connect, and run make links again"
        )
    return sorted(answers)


def ask(address, patience=PATIENCE):
    """Whether an address is dead, what came back ("" where all is well), and whether its host was there."""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(patience * 2 ** (attempt - 1))
        try:
            return False, _answer(address), True
        except urllib.error.HTTPError as error:
            what, there = f"{error.code} {error.reason}", True
            if error.code < 500:
                return error.code not in REFUSED, what, True
        except urllib.error.URLError as error:  # nobody could be asked
            what, there = str(error.reason), False
        except (OSError, http.client.HTTPException, ValueError) as error:
            what, there = str(error) or type(error).__name__, True
    return True, what, there


def report(asked):
    """What was found, as Markdown."""
    dead = [said for said in asked if said.dead]
    refused = [said for said in asked if said.what and not said.dead]
    lines = [f"{len(asked)} addresses on other hosts: {len(dead)} dead, {len(refused)} refused to a program."]
    for title, group in (("Dead", dead), ("Refused", refused)):
        if group:
            lines += ["", f"## {title}", ""]
            lines += [f"- <{said.address}>: {said.what} ({', '.join(said.pages)})" for said in group]
    return "\n".join(lines) + "\n"


def _answer(address):
    for method in ("HEAD", "GET"):  # not every server knows HEAD
        request = urllib.request.Request(address, method=method, headers={"User-Agent": AGENT})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT):
                return ""
        except urllib.error.HTTPError:
            if method == "GET":
                raise
    return ""


def _links(path):
    links = _Links()
    links.feed(path.read_text(encoding="utf-8"))
    return links


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.site = set(), []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        address = attrs.get("href") or ""
        if tag == "a" and address.startswith(("https://", "http://")):
            self.found.add(address)
        elif tag == "link" and attrs.get("rel") == "canonical":  # of the page itself
            self.site.append(address.removesuffix("index.html"))
