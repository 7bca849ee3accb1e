"""Log2 fold changes -> the probability that each guide is active."""
