"""Machine learning: gates and clusters, mixup, averages of networks, and the information in hidden units."""
