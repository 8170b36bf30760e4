"""Print how quick and how exact the library is next to other solvers, all measured in this one run."""

from benchmarks import hull

print("Hull escape: instances a CPU second, one thread")
print(hull.rates().to_string(formatters=[*["{:,.0f}".format] * 2, "{:.1f}".format]), end="\n\n")
print("Hull escape: largest disagreement with a quadratic programme solved exhaustively, over the diameter")
print(hull.disagreements().to_string(float_format="{:.1e}".format))
