"""The mixture in one pass over the predictions: compiled for processors, Triton for GPUs, plain torch elsewhere."""
