"""A fitted model -> what its letters do."""
