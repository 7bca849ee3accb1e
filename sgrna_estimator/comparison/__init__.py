"""Models x folds -> numbers, and what they can and cannot tell."""
