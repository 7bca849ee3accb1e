"""Columns -> predictions: the network of ReLU units, and its training."""
