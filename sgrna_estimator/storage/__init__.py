"""Fitted models <-> files, whole or not at all."""
