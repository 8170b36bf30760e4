"""What founding document B reports of its own combiners, quoted beside the numbers of this book."""

# Quoted from "Speculative federation", section "Empirical validation"; not measured here.
PUBLISHED = {"best single": 197, "worst single": 339, "product": 1277, "mixture": 156}
