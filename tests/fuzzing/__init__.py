"""Fuzzing: whatever a file or a text holds, only documented errors come out.

`targets` has what is tried, `mutations` what is done to valid inputs, ``python -m
tests.fuzzing`` searches with atheris, and tests/test_fuzzing.py tries a few hundred inputs
without it.
"""
