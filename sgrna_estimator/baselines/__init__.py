"""What the network is compared with, and the models that have a name."""
