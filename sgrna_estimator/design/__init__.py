"""A fitted model and the sites of a FASTA -> guides to order, and why these."""
