"""How far the numbers of builds are apart, in units of their tolerance: ``python book/mixbook deviations A B``

Each argument is the folder of a checkout with a build. The newest run of each page counts, up to date or not: what is
asked is what another machine or version does to the numbers. A deviation above 1 makes `make test` red there.
"""

from pathlib import Path

from mixbook.build.findings import collect
from mixbook.build.pages import table_of_contents
from mixbook.build.store import Store
from mixlib.reported import WITHIN


def compare(first, *others):
    """Key to the largest deviation of a number in any of the other builds; infinite where words differ."""
    texts = _newest(first)
    worst = {}
    for other in others:
        for key, text in _newest(other).items():
            if key in texts:
                worst[key] = max(worst.get(key, (0, "")), (_deviation(texts[key], text), text))
    return texts, worst


def _deviation(old, new):
    if WITHIN.sub("#", old) != WITHIN.sub("#", new):
        return float("inf")
    pairs = zip(WITHIN.findall(old), WITHIN.findall(new), strict=True)
    return max((abs(float(a) - float(b)) / float(within) for (a, within), (b, _) in pairs), default=0)


def _newest(root):
    root, runs, pages = Path(root), {}, []
    store = Store(root / "_build" / "executed", root=root)
    for page in table_of_contents(root / "_toc.yml", root / "book"):
        run = store.newest(page)
        if run is not None:
            pages.append(page)
            runs[page.name] = run
    return collect(pages, runs).lines


def main(folders):
    """Print every number that both builds have, the largest deviation first."""
    if len(folders) < 2:
        return __doc__
    texts, worst = compare(*folders)
    for key, (deviation, text) in sorted(worst.items(), key=lambda item: -item[1][0]):
        print(f"{deviation:10.2f}  {key} = {texts[key]} | {text}")
    print(f"{len(worst)} of {len(texts)} compared, {sum(d > 1 for d, _ in worst.values())} beyond tolerance")
    return 0
