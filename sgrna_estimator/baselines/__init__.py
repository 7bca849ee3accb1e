"""A name -> a model: what the network is compared with, and all that have a name."""
