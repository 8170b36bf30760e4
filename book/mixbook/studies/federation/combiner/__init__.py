"""Studies behind the page on combining specialists."""
