"""Sequences as text -> letter codes -> one-hot columns with names."""
