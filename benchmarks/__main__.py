"""Print how quick and how exact the library is next to other solvers, all measured in this one run.

Without arguments on the processor; with "gpu" what runs on a GPU, which is added to the record that the book shows.
Where there is no GPU that is said, and nothing is measured or written. With "reliability" what is left when builds,
sweeps and merges are cut off, which is a record of the book as well.
"""

import argparse

PARTS = ("processor", "gpu", "reliability")


def main(arguments=None):
    what, _, more = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser("python -m benchmarks", description=what, epilog=" ".join(more.split()))
    parser.add_argument("part", nargs="?", choices=PARTS, default="processor", help="default: processor")
    part = parser.parse_args(arguments).part
    if part == "reliability":
        from benchmarks import reliability

        reliability.run()
    elif part == "gpu":
        from benchmarks import gpu

        try:
            gpu.run()
        except ImportError as error:  # it says what to install
            parser.exit(1, f"{error}\n")
    else:
        on_processor()


def on_processor():
    from benchmarks import carriers, federation, hull, measures, merging, merging_files, sweep

    print("O-information of all subsets: CPU seconds and peak memory of the process")
    print(sweep.large().to_string(float_format="{:,.2f}".format), end="\n\n")

    print("Hull escape: instances a CPU second, one thread")
    print(hull.rates().to_string(formatters=[*["{:,.0f}".format] * 2, "{:.1f}".format]), end="\n\n")
    print("Hull escape: largest disagreement with a quadratic programme solved exhaustively, over the diameter")
    print(hull.disagreements().to_string(float_format="{:.1e}".format), end="\n\n")

    print("O-information of all subsets, Gaussian copula from 1000 samples: CPU milliseconds, one thread")
    print(sweep.seconds().to_string(float_format="{:,.2f}".format), end="\n\n")
    for name, version in sweep.VERSIONS.items():
        if name not in sweep.installed():
            print(f"{name} is not installed here, so its ratios are missing: pip install {name}=={version}", end="\n\n")
    print("O-information, largest disagreement with direct log-determinants")
    print(sweep.disagreement().to_string(float_format="{:.1e}".format))

    print(
        "\nMeasures beside O-information, Gaussian from 1000 samples: CPU milliseconds, one thread, and errors in bits"
    )
    formats = dict.fromkeys(("mixlib, error", "hoi, error"), "{:.1e}".format)
    print(measures.table().to_string(formatters=formats, float_format="{:,.2f}".format))

    print("\nMixtures, float32: CPU milliseconds, one thread")
    print(federation.speed().to_string(formatters={"largest error": "{:.1e}".format}, float_format="{:,.2f}".format))
    print("\nMixtures: wall time of one thread over that of two")
    print(federation.two_threads().to_string(float_format="{:.2f}".format))
    print("\nMixtures: MiB of memory beyond the result")
    print(federation.extra_memory().to_string(float_format="{:.1f}".format))

    print("\nKarcher mean of float32 vectors of 10 million entries: CPU seconds, one thread")
    print(merging.karcher().to_string(float_format="{:,.3g}".format))
    if not merging.peer():
        print(f"mergekit is not installed here, so its ratios are missing: {merging.INSTALL}")

    print("\nMerging checkpoints on disk, one thread, against copying them")
    print(merging_files.speed().T.to_string(float_format="{:,.2f}".format))

    print("\nBarycenters of ten Gaussians at a relative residual of 1e-10: CPU milliseconds, one thread")
    for rows in (carriers.bures(), carriers.batches()):
        print(
            rows.to_string(formatters=dict.fromkeys(rows.columns[3:], "{:.1e}".format), float_format="{:,.2f}".format)
        )
    print("\nBarycenter of N(0, 1) and N(10, 1) on 200 bins, from densities to a density: CPU milliseconds, one thread")
    print(carriers.on_a_grid().to_string(formatters={"L1 error": "{:.1e}".format}, float_format="{:,.3f}".format))


if __name__ == "__main__":
    main()
