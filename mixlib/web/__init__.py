"""Pages that stand alone: one file of HTML with its style, its drawings and its script, that asks for nothing else."""
