"""A fitted model -> tables, and text of millions of guides -> scores."""
