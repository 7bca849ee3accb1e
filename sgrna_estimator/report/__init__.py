"""A comparison -> one page of HTML that explains itself."""
