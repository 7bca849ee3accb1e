"""Arguments -> messages and files: the command line, a command a module."""
